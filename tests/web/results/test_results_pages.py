"""Results in the application: verdicts in words and money, numbers that open, and decisions."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.act.actions.models import Action, Decided
from kizuna.web.know.publications.models import Publication, Status
from kizuna.web.measure.results import queries, services
from kizuna.web.measure.results.models import Decision
from measured_company import AS_OF, NAMES, START, TRUTH, company
from web.conftest import ClientOf

pytestmark = pytest.mark.django_db

PAGES = ("/results/", "/results/1/", "/results/together", "/results/1/customers?days=90")


@pytest.fixture
def measured(settings: Any, db: None) -> Publication:
    """Publish a company whose actions have effects that are known."""
    settings.KIZUNA_HOME, made, read, _ = company()
    for pk, name in NAMES.items():
        state = {"state": "live", "started_on": START, "holdout": 0.3}
        Action.objects.create(pk=int(pk), name=name, kind="mail", **state)
    return Publication.objects.create(
        status=Status.PUBLISHED,
        published_at=timezone.now(),
        as_of=AS_OF,
        versions=made,
        read_versions=read,
        summary={"currency": "JPY", "as_of": AS_OF.isoformat()},
    )


@pytest.fixture
def owner(aiko: Person, client_of: ClientOf) -> Client:
    return client_of(aiko)


def shown(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def row_of(action: str) -> dict[str, Any]:
    found = queries.one(action)
    assert found is not None
    assert found.finding.row is not None
    return found.finding.row


def test_before_anything_is_measured_the_page_says_what_to_do(
    settings: Any, tmp_path: Any, owner: Client
) -> None:
    settings.KIZUNA_HOME = tmp_path
    assert "No results yet" in shown(owner, "/results/")
    assert "Nothing to add up yet" in shown(owner, "/results/together")
    assert owner.get("/results/1/").status_code == 404
    waiting = Action.objects.create(name="Letter", kind="mail", state="live", started_on=START)
    assert owner.get(f"/results/{waiting.pk}/")["Location"] == "/results/"
    assert "No customers were placed" in shown(owner, "/results/")


def test_the_intervals_hold_what_the_actions_truly_do(measured: Publication) -> None:
    for action, truth in TRUTH.items():
        row = row_of(action)
        assert row["horizon_days"] == 90
        assert row["effect_low"] < truth < row["effect_high"], NAMES[action]


def test_each_action_is_called_what_it_is_in_words_and_money(
    measured: Publication, owner: Client
) -> None:
    page = shown(owner, "/results/")
    assert "more than doing nothing would have (between ¥" in page
    assert "cost ¥1" in page
    assert "Does nothing worth its cost" in page
    assert "even at best less than" in page
    assert "Figures up to" in page
    assert ">Harms<" in page
    assert re.search(r"less than doing nothing would have \(between .*?\)\. Stop it\.", page)
    assert "Not yet known" in page
    assert "it may have earned or lost. Needs about" in page
    assert page.index("Daily call") < page.index("Letter of thanks") < page.index("Tea party")
    for name in ("p-value", "significan", "null hypothesis"):
        assert name not in page
    Action.objects.filter(name="Daily call").update(state="concluded", ended_on=AS_OF)
    assert "It has ended: do not begin it again." in shown(owner, "/results/?verdict=harms")


def test_a_verdict_narrows_the_list(measured: Publication, owner: Client) -> None:
    page = shown(owner, "/results/?verdict=harms")
    assert "Daily call" in page
    assert "Letter of thanks" not in page


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_page_opens_in_both_languages(
    measured: Publication, owner: Client, aiko: Person, language: str
) -> None:
    aiko.language = language
    aiko.save()
    for url in PAGES:
        shown(owner, url)


def test_a_director_can_open_every_number(measured: Publication, owner: Client) -> None:
    page = shown(owner, "/results/1/")
    assert page.count("How is this computed?") >= 7
    for text in (
        *("Earned in all", "Return on the cost", "Who is compared", "Sizes are right"),
        *("What the margin is made of", "What it helped to know customers before"),
        *("Plain difference of means", "Day by day, without a verdict", "however often one looks"),
        *("Among all actions:", "Projection, not a result", "three completed holdouts"),
    ):
        assert text in page, text


def test_customers_behind_a_result_are_listed_and_lead_to_their_pages(
    measured: Publication, owner: Client
) -> None:
    page = shown(owner, "/results/4/customers?days=90&arm=control")
    assert "/customers/one?id=4-" in page
    assert page.count("Held out by chance</td>") == sum(
        row["arm"] == "control" for row in queries.every_unit("4", 90)
    )


def test_numbers_of_queries_do_not_grow_with_actions(
    measured: Publication, owner: Client, django_assert_max_num_queries: Any
) -> None:
    for url in PAGES:
        shown(owner, url)
        with django_assert_max_num_queries(14):
            shown(owner, url)


def test_a_decision_is_followed_at_once_and_kept_with_what_was_known(
    measured: Publication, owner: Client, aiko: Person
) -> None:
    said = {"verb": "stop", "reason": "Customers hang up"}
    assert owner.post("/results/3/decide", said).status_code == 302
    assert Action.objects.get(pk=3).state == "paused"
    decision = Decision.objects.get()
    assert (decision.said["verdict"], decision.person) == ("harms", aiko)
    assert Decided.objects.get(action_id=3).why == "Customers hang up"
    assert AuditEntry.objects.filter(action="measure.result.decided").count() == 1
    page = shown(owner, "/results/3/")
    assert "Customers hang up" in page
    assert "The result then:" in page


def test_holding_out_more_doubles_the_share_up_to_half(measured: Publication, aiko: Person) -> None:
    action = Action.objects.get(pk=4)
    services.decide(actor=aiko, action=action, verb="raise", reason="too few")
    assert Action.objects.get(pk=4).holdout == 0.5
    action.refresh_from_db()
    with pytest.raises(services.NotPossibleError):
        services.decide(actor=aiko, action=action, verb="raise", reason="more still")
    assert Decision.objects.count() == 1  # what was not possible leaves no trace


def test_what_is_no_longer_possible_is_refused_and_nothing_is_written(
    measured: Publication, aiko: Person, owner: Client
) -> None:
    action = Action.objects.get(pk=1)
    services.decide(actor=aiko, action=action, verb="conclude", reason="done")
    assert owner.post("/results/1/decide", {"verb": "stop", "reason": "x"}).status_code == 200
    with pytest.raises(services.NotPossibleError):
        services.decide(actor=aiko, action=action, verb="stop", reason="x")
    assert Decision.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(action=action, verb="stop", reason="", person=aiko)


def test_only_managers_decide_and_only_members_take_customers_out(
    measured: Publication, ben: Person, chiyo: Person, client_of: ClientOf
) -> None:
    said = {"verb": "stop", "reason": "x"}
    assert client_of(ben).post("/results/3/decide", said).status_code == 403
    assert client_of(chiyo).get("/results/3/customers.csv").status_code == 403
    with pytest.raises(PermissionDenied):
        services.decide(actor=ben, action=Action.objects.get(pk=3), verb="stop", reason="x")
    assert "Hold out more" not in shown(client_of(chiyo), "/results/3/")


def test_files_are_safe_from_formulas_and_in_the_record(
    measured: Publication, owner: Client
) -> None:
    Action.objects.filter(pk=1).update(name="=cmd|' /C calc'!A0")
    lines = b"".join(owner.get("/results/export.csv")).decode().splitlines()  # type: ignore[arg-type]
    assert lines[0].startswith("action,name,kind,verdict")
    assert any("'=cmd" in line for line in lines)
    body = b"".join(owner.get("/results/4/customers.csv?days=90"))  # type: ignore[arg-type]
    assert len(body.decode().splitlines()) == 81
    kept = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"measure.results.exported", "measure.customers.exported"} <= kept


def test_all_actions_together_are_held_against_the_global_control(
    measured: Publication, owner: Client
) -> None:
    page = shown(owner, "/results/together")
    assert "What all of them together earned" in page
    assert "The claims and the whole agree" in page
    assert "Stands: earns" in page
    assert "Stands: loses money" in page
    assert "Claims nothing" in page
