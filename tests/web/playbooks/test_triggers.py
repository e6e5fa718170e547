"""Who enters: whom new figures, events or people bring to a trigger; and what the past tells."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from kizuna.jobs.business_days import Calendar
from kizuna.jobs.rehearsal import Entry, Later
from kizuna.jobs.watch import Frame, compare
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import Person
from kizuna.web.act.actions.models import Programme
from kizuna.web.act.playbooks import advancing, looking, rehearsing, services, triggers
from kizuna.web.act.playbooks.hours import Clock
from kizuna.web.act.playbooks.models import Enrolment, Evaluation, Heard, Playbook, State
from kizuna.web.act.playbooks.plan import plan_of
from kizuna.web.act.surveys.hooks import LowAnswer
from kizuna.web.act.tasks.models import Task
from kizuna.web.jobs.services import announce
from kizuna.web.jobs.testing import run_all
from kizuna.web.know.publications.models import Publication, Status
from tiny_tables import table
from web.conftest import ClientOf

pytestmark = pytest.mark.django_db

CALL = {"id": "call", "do": "task", "title": "Call", "minutes": 20}
REST = {"id": "rest", "do": "wait", "days": 10}
FELL = {"when": "rule_begins", "rule": "health < 50"}


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path, db: None) -> Store:
    settings.KIZUNA_HOME = tmp_path
    Programme.objects.update_or_create(id=1, defaults={"is_on": False})
    return Store(tmp_path / "store")


def live(actor: Person, trigger: dict[str, Any], *steps: dict[str, Any], **more: Any) -> Playbook:
    said = {"name": "Play", "trigger": trigger, "steps": list(steps or [CALL])} | more
    made = services.make(actor=actor, said=said, holdout=0.0, cost_per_minute=50.0)
    return services.go_live(actor=actor, pk=made.pk, edits=1, read=True)


def publish(store: Store, day: int, **health: float | None) -> Publication:
    rows = [{"customer_id": key, "health": value} for key, value in health.items()]
    version = store.write("customer_facts", table("customer_facts", rows))
    return Publication.objects.create(
        status=Status.PUBLISHED,
        published_at=timezone.now(),
        as_of=date(2026, 6, day),
        versions={"customer_facts": version},
        summary={"currency": "JPY"},
    )


def going() -> list[str]:
    kept = Enrolment.objects.filter(state=State.GOING).order_by("customer_id")
    return list(kept.values_list("customer_id", flat=True))


def test_whom_new_figures_bring_to_a_trigger_enter_once(home: Store, aiko: Person) -> None:
    playbook = live(aiko, FELL)
    publish(home, 1, acme=80, bolt=40, coil=None, dune=80)
    latest = publish(home, 2, acme=45, bolt=30, coil=20, dune=70)
    assert looking.after_publication(latest.pk) == 1
    assert looking.after_publication(latest.pk) == 0
    assert going() == ["acme"]  # bolt was there before, of coil nothing was known
    told = Evaluation.objects.get(playbook=playbook)
    assert (told.publication, told.is_storm, told.problem) == (latest.pk, False, "")


def test_who_meets_the_exit_rule_at_new_figures_leaves(home: Store, aiko: Person) -> None:
    live(aiko, FELL, REST, CALL, exit={"rule": "health >= 70"})
    publish(home, 1, acme=80, bolt=80)
    looking.after_publication(publish(home, 2, acme=45, bolt=45).pk)
    looking.after_publication(publish(home, 3, acme=75, bolt=60).pk)
    assert going() == ["bolt"]
    assert Enrolment.objects.get(customer_id="acme").state == State.EXITED


def test_a_branch_asks_the_figures_of_now(home: Store, aiko: Person) -> None:
    low = {"id": "b", "do": "branch", "if": "health < 50", "then": [CALL],
           "else": [{"id": "note", "do": "task", "title": "Note"}]}  # fmt: skip
    playbook = live(aiko, {"when": "by_hand"}, low)
    publish(home, 1, acme=40, bolt=60)
    services.enrol(actor=aiko, pk=playbook.pk, customer_ids=["acme", "bolt", "nobody"])
    advancing.advance()
    done = dict(Task.objects.values_list("customer_id", "title"))
    assert done == {"acme": "Call", "bolt": "Note", "nobody": "Note"}


def test_an_event_starts_and_another_ends(aiko: Person) -> None:
    leave = {"event": "Order Completed"}
    live(aiko, {"when": "event", "event": "Cart Updated"}, REST, CALL, exit=leave)
    looking.note([("acme", "Cart Updated"), ("bolt", "Cart Updated")], timezone.now())
    assert looking.look() == 2
    assert going() == ["acme", "bolt"]
    announce("happened", event="Order Completed", customer_id="acme")
    looking.look()
    assert going() == ["bolt"]
    assert not Heard.objects.exists()


def test_a_low_answer_starts_a_playbook(aiko: Person) -> None:
    live(aiko, {"when": "event", "event": "Low answer: Yearly"})
    now = timezone.now()
    looking.answered_low(LowAnswer("k", "acme", 1, "Yearly", "nps", 3, "", now))
    looking.look()
    assert going() == ["acme"]


@pytest.mark.parametrize(("days", "entered"), [(13, False), (12, True), (0, True)])
def test_a_date_is_counted_back_in_business_days(days: int, entered: bool) -> None:
    friday = date(2026, 6, 5)  # eight business days on is the Wednesday 12 days ahead
    plan = plan_of({"trigger": {"when": "before", "of": "notice", "business_days": 8}})
    span = (friday - timedelta(days=1), friday)
    watched = triggers.watched_of(1, plan, "JPY", Calendar(), span)

    def frame(day: date, left: int) -> Frame:
        rows = [{"customer_id": "acme", "days_to_notice": left}]
        return Frame(day, rows=table("customer_facts", rows))

    before = frame(friday - timedelta(days=1), 40)
    found = compare(before, frame(friday, days), [watched])
    assert [one.begins for one in found.turned] == [True] * entered


def test_the_past_is_walked_by_the_engine_of_now(aiko: Person) -> None:
    low = {"id": "b", "do": "branch", "if": "health < 50", "then": [{**CALL, "id": "more"}]}
    plan = plan_of({"trigger": FELL, "steps": [CALL, REST, low], "again": {"after_days": 20}})
    days = [date(2026, 6, 1) + timedelta(days=7 * n) for n in range(6)]
    held = frozenset({("acme", days[1])})
    entries = [Entry("acme", days[0]), Entry("bolt", days[0]), Entry("acme", days[1])]
    entries += [Entry("acme", days[5])]
    clock = Clock(ZoneInfo("UTC"), Calendar())
    trial = rehearsing.followed(plan, entries, Later(days, [held]), days[-1], clock)
    assert (trial.entered, trial.deeds, trial.minutes) == (3, 4, 80)
    assert trial.ends == {"done": 2, "going": 1}


def test_a_trial_on_the_past_is_shown_with_its_customers(
    home: Store, aiko: Person, client_of: ClientOf
) -> None:
    playbook, browser = live(aiko, {"when": "event", "event": "Product Viewed"}), client_of(aiko)
    shop(home)
    browser.post(f"/playbooks/{playbook.pk}/trial", {"weeks": "13"})
    run_all()
    page = browser.get(f"/playbooks/{playbook.pk}/trial").content.decode()
    assert "c1" in page
    found = playbook.rehearsals.get().found
    assert (found["entered"], found["steps"], found["minutes"], found["cost"]) == (1, 1, 20, 1000)
    assert not Task.objects.exists()


def shop(store: Store) -> None:
    """Give a store two customers with orders, of whom one looked at a product lately."""
    last = datetime(2026, 6, 1, tzinfo=UTC)
    orders = [
        {"customer_id": f"c{n}", "order_id": f"o{n}{k}", "ordered_on": last.date() - timedelta(k),
         "amount": 900, "currency": "JPY"}
        for n in (1, 2) for k in (0, 40, 80)
    ]  # fmt: skip
    store.write("transactions", table("transactions", orders))
    event: dict[str, Any] = {"event_id": "e", "customer_id": "c1", "name": "Product Viewed"}
    event |= {"happened_at": datetime(2026, 5, 20)}
    store.write("events", table("events", [event]))
    Publication.objects.create(
        status=Status.PUBLISHED,
        published_at=timezone.now(),
        as_of=last.date(),
        versions={},
        summary={"currency": "JPY"},
    )


def test_a_playbook_that_is_not_published_yet_says_what_to_do(browser_of: Client) -> None:
    assert "New playbook" in browser_of.get("/playbooks/").content.decode()


@pytest.fixture
def browser_of(aiko: Person, client_of: ClientOf) -> Client:
    signed_in: Client = client_of(aiko)
    return signed_in
