"""Next best action in the application: offers given to the run, proposals shown, tasks opened."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import Run, discover, execute, select
from kizuna.pipeline.steps import Step
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.act.actions.models import Action
from kizuna.web.act.tasks.models import State, Task
from kizuna.web.know.publications.models import Publication, Status
from kizuna.web.know.segments import services as segments
from kizuna.web.measure.next_best import queries, services
from kizuna.web.measure.next_best.giving import give_offers
from kizuna.web.measure.next_best.models import Limits, Offer
from measured_company import AS_OF, CUSTOMERS, MARGIN, NAMES, START, company, table
from web.conftest import ClientOf

pytestmark = pytest.mark.django_db

SLOW = ("choice_facts", "uplift_models", "choice_values")
LEARNED: dict[str, int] = {}
PAGES = ("/next-best/", "/next-best/?action=1&page=2", "/next-best/offers")


@pytest.fixture(scope="module")
def lived() -> Path:
    """A data folder of one's own, in which customers of the measured company are known."""
    folder = Path(mkdtemp(prefix="kizuna-choice-"))
    shutil.copytree(company()[0], folder, dirs_exist_ok=True)
    rows = [
        {"customer_id": f"1-{k}", "residual_clv": 4_000.0, "value_at_risk": float(k)}
        for k in range(400)
    ]
    store = Store(folder / "store")
    store.write("customer_facts", table("customer_facts", rows))
    offer = {"experiment_id": "1", "cost": 100.0, "capacity": None, "for_everyone": True}
    store.write("offers", table("offers", [offer]))
    LEARNED.update(run(store, select(discover("measure"), *SLOW)))
    return folder


def run(store: Store, steps: Sequence[Step]) -> dict[str, int]:
    with Engine(threads=2) as engine:
        told = Run(as_of=AS_OF, currency="JPY", margin=MARGIN)
        done = execute(steps, engine, told, store=store).steps
    return {step.step: step.version for step in done if step.version is not None}


@pytest.fixture
def actions(settings: Any, lived: Path, db: None) -> dict[str, Action]:
    """Actions that are live; nothing is published yet."""
    settings.KIZUNA_HOME = lived
    values = {"kind": "task", "state": "live", "started_on": START, "holdout": 0.3}
    values |= {"cost_per_unit": 100.0}
    return {
        pk: Action.objects.create(pk=int(pk), name=name, **values) for pk, name in NAMES.items()
    }


COMPUTED: dict[str, dict[str, int]] = {}


def published(lived: Path) -> Publication:
    """Give the run what is on offer, compute where that was not done before, and publish."""
    told = [
        *Offer.objects.values_list("action", "capacity"),
        *Limits.objects.values_list("budget", "explored"),
    ]
    versions = COMPUTED.get(str(told)) or COMPUTED.setdefault(str(told), computed(lived))
    return Publication.objects.create(
        status=Status.PUBLISHED,
        published_at=timezone.now(),
        as_of=AS_OF,
        versions=versions,
        read_versions={},
        summary={"currency": "JPY", "as_of": AS_OF.isoformat()},
    )


def computed(lived: Path) -> dict[str, int]:
    """Choose anew; what was learned stays."""
    store = Store(lived / "store")
    give_offers(store)
    only = [step for step in discover("measure") if step.name == "next_best_actions"]
    return LEARNED | run(store, only)


@pytest.fixture
def offered(actions: dict[str, Action], lived: Path, aiko: Person) -> Publication:
    """Offer the letter, which earns, and the call, which harms."""
    for key in ("1", "3"):
        services.offer(actor=aiko, action=actions[key])
    return published(lived)


@pytest.fixture
def owner(aiko: Person, client_of: ClientOf) -> Client:
    return client_of(aiko)


def shown(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def test_before_anything_is_on_offer_the_page_says_what_to_do(
    settings: Any, tmp_path: Path, owner: Client
) -> None:
    settings.KIZUNA_HOME = tmp_path
    assert "Nothing is on offer" in shown(owner, "/next-best/")
    assert "No action is on offer" in shown(owner, "/next-best/offers")


def test_what_earns_is_proposed_and_what_harms_is_not(offered: Publication, owner: Client) -> None:
    page = shown(owner, "/next-best/")
    assert "Known" in page
    found = queries.proposals()
    assert found is not None
    chosen = {(row["experiment_id"], row["how"]) for row in found.sums if row["how"] != "chance"}
    assert {key for key, _ in chosen} == {"1"}
    assert "Gained over treating nobody" in page


def test_every_page_opens_in_both_languages(
    offered: Publication, owner: Client, aiko: Person
) -> None:
    for language in ("en", "ja"):
        aiko.language = language
        aiko.save()
        for url in PAGES:
            shown(owner, url)


def test_pages_ask_the_database_no_more_often_the_more_is_proposed(
    offered: Publication, owner: Client, django_assert_max_num_queries: Any
) -> None:
    for url in PAGES:
        with django_assert_max_num_queries(16):
            owner.get(url)


def test_the_page_of_a_customer_says_what_is_proposed_and_why(
    offered: Publication, aiko: Person
) -> None:
    from kizuna.web.measure.next_best.panel import proposal

    found = queries.proposals()
    assert found is not None
    panel = proposal(found.items[0]["customer_id"], aiko)
    assert panel is not None
    assert panel.values["name"] == "Letter of thanks"
    assert proposal("nobody", aiko) is None


def test_where_nothing_is_known_the_page_says_that_a_rule_decides(
    actions: dict[str, Action], lived: Path, aiko: Person, owner: Client
) -> None:
    services.offer(actor=aiko, action=actions["4"])
    published(lived)
    page = shown(owner, "/next-best/")
    assert "Nothing is known yet of what these actions earn" in page
    assert "By rule: nothing is known yet" in page
    assert CUSTOMERS["4"] < 200


def test_budget_and_hands_are_kept(actions: dict[str, Action], lived: Path, owner: Client) -> None:
    published(lived)
    answer = owner.post("/next-best/offers/add", {"action": "1", "capacity": "50"})
    assert answer.status_code == 302
    answer = owner.post("/next-best/offers/limits", {"budget": "2000", "explored": "10"})
    assert answer.status_code == 302
    published(lived)
    found = queries.proposals()
    assert found is not None
    assert sum(row["cost"] for row in found.sums) <= 2_000
    assert {(row["budget"], row["explored"]) for row in Limits.objects.values()} == {(2000, 0.1)}


def test_tasks_are_opened_once_and_never_for_whom_chance_holds_out(
    offered: Publication, owner: Client
) -> None:
    found = queries.offers().get(action_id=1)
    for _again in range(2):
        owner.post("/next-best/hand-out", {"offer": found.pk, "many": "40"})
    tasks = Task.objects.all()
    assert tasks.count() == len(set(tasks.values_list("customer_id", flat=True))) == 40
    assert tasks.filter(state=State.HELD).exists()
    assert tasks.filter(state=State.OPEN).exists()


def test_only_managers_offer_and_all_of_it_is_on_record(
    actions: dict[str, Action], aiko: Person, ben: Person, client_of: ClientOf
) -> None:
    with pytest.raises(PermissionDenied):
        services.offer(actor=ben, action=actions["1"])
    assert client_of(ben).get("/next-best/offers").status_code == 403
    made = services.offer(actor=aiko, action=actions["1"])
    services.set_limits(actor=aiko, budget=None, explored=0.05)
    services.withdraw(actor=aiko, found=made)
    said = AuditEntry.objects.filter(action__startswith="measure.choice")
    assert said.count() == 3
    assert not Offer.objects.exists()


def test_an_action_that_is_not_live_is_not_proposed(
    actions: dict[str, Action], aiko: Person
) -> None:
    services.offer(actor=aiko, action=actions["2"])
    Action.objects.filter(pk=2).update(state="paused")
    assert not queries.offers().exists()


def test_the_database_leaves_chance_its_share() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Limits.objects.create(explored=0.0)


def test_an_offer_to_a_segment_that_nobody_knew_yet_is_chosen_from_anew(
    actions: dict[str, Action], aiko: Person, owner: Client
) -> None:
    segment = segments.save(actor=aiko, name="At risk", rule="value_at_risk >= 300")
    form = shown(owner, "/next-best/offers")
    assert f">{NAMES['1']}</option>" in form
    assert ">At risk</option>" in form
    services.offer(actor=aiko, action=actions["1"], segment=segment)
    Publication.objects.all().delete()
    known = {"versions": {"customer_facts": 0}, "summary": {"currency": "JPY"}, "as_of": AS_OF}
    Publication.objects.create(status=Status.PUBLISHED, published_at=timezone.now(), **known)
    asked = Publication.objects.filter(status=Status.ASKED)
    segments.rebuild()
    assert asked.count() == 1, "the run before knew nobody of the segment"
    asked.delete()
    segments.rebuild()
    assert not asked.exists(), "and this once"
