"""Several ladders: which one a contract is on, that it stays there, and each an experiment."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.act.actions import services as actions
from kizuna.web.act.renewals.models import Ladder, Renewal, Rung, Step
from kizuna.web.act.renewals.services import choosing, climbing, following, setting_up
from kizuna.web.act.tasks.models import Task
from kizuna.web.know.segments.models import Segment
from web.conftest import ClientOf
from web.renewals.conftest import NOW, TERMS, Publish, climbed_at

pytestmark = pytest.mark.django_db
LARGE = {"name": "Large", "products": "Enterprise*\nPlan [B]", "segment": None, "position": 1}


@pytest.fixture
def followed(publish: Publish) -> dict[str, Renewal]:
    """Give two renewals, one of a larger plan."""
    publish([TERMS[0] | {"product": "ENTERPRISE plus"}, TERMS[1]])
    following.follow(at=NOW)
    return {one.contract_id: one for one in Renewal.objects.all()}


@pytest.fixture
def large(ladder: Ladder, aiko: Person) -> Ladder:
    """Give a second ladder that is switched on, with a step of its own."""
    made = setting_up.add_ladder(actor=aiko, said=LARGE)
    setting_up.add_rung(actor=aiko, number=made.pk, days_before=90, title="Visit them")
    actions.set_holdout(actor=aiko, action=made.action, holdout=0.0)
    setting_up.switch(actor=aiko, on=True, number=made.pk)
    return Ladder.objects.get(pk=made.pk)


def on(contract: str) -> Ladder | None:
    found: Renewal = Renewal.objects.select_related("ladder").get(contract_id=contract)
    return found.ladder


def test_a_contract_is_on_the_first_ladder_that_fits(
    followed: dict[str, Renewal], ladder: Ladder, large: Ladder
) -> None:
    climbed_at(6, 5)
    assert (on("K-1"), on("K-2")) == (large, ladder)
    titles = {task.play.split()[0]: task.title for task in Task.objects.all()}
    assert titles["K-1"] != titles["K-2"]
    assert Step.objects.filter(rung__title="Visit them").count() == 1
    opened = Task.objects.get(play__startswith="K-1")
    assert opened.action == large.action != ladder.action, "each ladder is its own experiment"


def test_patterns_know_a_star_and_nothing_else(large: Ladder) -> None:
    fits = [choosing.fits_product(large, name) for name in ("enterprise", "plan [b]", "Plan B", "")]
    assert fits == [True, True, False, False]


def test_both_conditions_have_to_hold_and_order_decides(
    followed: dict[str, Renewal], ladder: Ladder, large: Ladder, aiko: Person
) -> None:
    segment = Segment.objects.create(
        name="Key accounts", rule={}, created_by=aiko, created_at=NOW, changed_at=NOW
    )
    both = {**LARGE, "name": "Key", "segment": segment, "position": 2}
    key = setting_up.add_ladder(actor=aiko, said=both)
    some, offered = [followed["K-1"], followed["K-2"]], choosing.ladders()
    assert [one.pk for one in offered] == [large.pk, key.pk, ladder.pk]
    inside = {segment.pk: {"acme", "beta"}}
    choosing.put(some, offered, inside)
    assert [one.ladder for one in some] == [large, ladder]
    setting_up.change_ladder(actor=aiko, number=large.pk, said=LARGE | {"position": 3})
    choosing.put(some, choosing.ladders(), inside)
    assert some[0].ladder == key
    choosing.put(some, choosing.ladders(), {segment.pk: {"beta"}})
    assert some[0].ladder == large


def moved(large: Ladder, aiko: Person) -> bool:
    climbed_at(6, 5)
    elsewhere = LARGE | {"products": "Something else"}
    setting_up.change_ladder(actor=aiko, number=large.pk, said=elsewhere)
    climbed_at(6, 8)
    return on("K-1") != large


def test_who_has_taken_a_step_stays_on_the_ladder(
    followed: dict[str, Renewal], large: Ladder, aiko: Person
) -> None:
    assert not moved(large, aiko)


def test_a_choice_that_is_made_anew_each_day_would_be_found(
    followed: dict[str, Renewal], large: Ladder, aiko: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "_stepped", lambda _renewals: set())
    assert moved(large, aiko)


def test_a_ladder_that_has_ended_leaves_its_contracts_to_the_next(
    followed: dict[str, Renewal], ladder: Ladder, large: Ladder, aiko: Person
) -> None:
    climbed_at(6, 5)
    setting_up.end_ladder(actor=aiko, number=large.pk)
    setting_up.end_ladder(actor=aiko, number=ladder.pk)
    climbed_at(6, 8)
    assert on("K-1") == ladder
    large.refresh_from_db()
    ladder.refresh_from_db()
    assert (large.action.state, ladder.ended_at) == ("concluded", None)
    verbs = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"act.renewal_ladder.added", "act.renewal_ladder.ended"} <= verbs


def test_a_ladder_for_some_contracts_says_for_which(ladder: Ladder, large: Ladder) -> None:
    for wrong in ({"products": ""}, {"name": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Ladder.objects.filter(pk=large.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Ladder.objects.filter(pk=ladder.pk).update(products="x")


def test_pages_make_a_ladder_and_say_who_is_on_which_and_why(
    followed: dict[str, Renewal], ladder: Ladder, client_of: ClientOf, aiko: Person, ben: Person
) -> None:
    browser, new = client_of(aiko), "/renewals/ladder/new"
    assert client_of(ben).get(new).status_code == 403
    assert "Ladder, and why" not in browser.get("/renewals/?whose=team").text
    said: dict[str, Any] = LARGE | {"segment": ""}
    assert browser.post(new, said | {"products": " "}).status_code == 422
    answer = browser.post(new, said)
    made = Ladder.objects.get(name="Large")
    assert answer.headers["Location"] == f"/renewals/ladder?ladder={made.pk}"
    assert browser.post(new, said).status_code == 422, "the name is taken"
    assert made.rungs.count() == ladder.rungs.count() == 4
    at = {"ladder": made.pk}
    browser.post("/renewals/ladder/rungs", at | {
        "days_before": 90, "title": "Visit", "planned_minutes": 10, "opens_task": "on"
    })  # fmt: skip
    browser.post("/renewals/ladder/switch", at | {"on": "1"})
    browser.post("/renewals/ladder", at | {"checkpoints": "80", "percent": 20, "version": 1})
    made.refresh_from_db()
    assert (made.checkpoints, made.action.state, made.rungs.count()) == ([80], "live", 5)
    assert Ladder.objects.get(pk=1).checkpoints == [60, 30, 10]
    climbing.climb(at=NOW)
    listed = browser.get("/renewals/?whose=team").text
    assert "Large: product Enterprise*, Plan [B]" in listed
    assert "All other contracts: no other ladder is for it" in listed
    page = browser.get(f"/renewals/{followed['K-1'].pk}/").text
    assert "product Enterprise*" in page
    shown = browser.get(f"/renewals/ladder?ladder={made.pk}").text
    assert "1 contract that comes due is on it" in shown
    browser.post("/renewals/ladder/for", at | said | {"products": "Basic"})
    rung = Rung.objects.get(title="Visit")
    taken_off = browser.post(f"/renewals/ladder/rungs/{rung.pk}/take-off")
    assert taken_off.headers["Location"] == f"/renewals/ladder?ladder={made.pk}"
    browser.post("/renewals/ladder/end", at)
    assert browser.get(f"/renewals/ladder?ladder={made.pk}").status_code == 404
