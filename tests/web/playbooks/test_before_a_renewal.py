"""Health fell before a renewal, from the first button to what was done: built, tried, lived."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from kizuna.jobs.facts import month_ends
from kizuna.jobs.past_facts import given
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import Run, discover, execute, select
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import Person, Role
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.models import Programme
from kizuna.web.act.messages.models import OutboxMessage
from kizuna.web.act.messages.services import templates
from kizuna.web.act.messages.services.templates import Words
from kizuna.web.act.playbooks import advancing, looking
from kizuna.web.act.playbooks.models import Enrolment, Playbook, State
from kizuna.web.act.tasks.models import State as TaskState
from kizuna.web.act.tasks.models import Task
from kizuna.web.jobs.testing import run_all
from kizuna.web.know.alerts.models import AlertRule, Kind
from kizuna.web.know.alerts.queries import last_dry_run
from kizuna.web.know.alerts.services import try_on_past
from kizuna.web.know.alerts.wording import trial
from kizuna.web.know.publications.models import Publication, Status
from tiny_tables import table
from web.conftest import ClientOf, person

pytestmark = pytest.mark.django_db

LAST = date(2026, 6, 30)
CUSTOMERS = 200
RULE = "health < 50 AND days_to_renewal BETWEEN 0 AND 120"
ROWS = {
    "match": "all",
    "row-0-fact": "health", "row-0-op": "below", "row-0-value": "50",
    "row-1-fact": "days_to_renewal", "row-1-op": "between", "row-1-value": "0, 120",
}  # fmt: skip


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Customers under contract; most who will leave use less from four months before the end."""
    home = tmp_path_factory.mktemp("company")
    store, rng = Store(home / "store"), np.random.default_rng(5)
    contracts: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for k in range(CUSTOMERS):
        who, start = f"c{k:03}", date(2023, 1, 1) + timedelta(days=int(rng.integers(0, 900)))
        end = start + timedelta(days=365 * int(rng.integers(1, 3)))
        leaves = rng.random() < 0.7
        contracts.append(_contract(who, start, end if leaves and end < LAST else None))
        idle_from = end - timedelta(days=120) if leaves else date.max
        day, stop = start, min(LAST, end) if leaves else LAST
        while day <= stop:
            if day < idle_from or rng.random() < 0.06:
                events.append(_login(who, day))
            day += timedelta(days=7)
    store.write("contracts", table("contracts", contracts))
    store.write("events", table("events", events))
    _models(store)
    return home


def _contract(who: str, start: date, end: date | None) -> dict[str, Any]:
    said = {"contract_id": who, "customer_id": who, "amount": 90_000, "currency": "JPY"}
    said |= {"billing_months": 1, "term_months": 12, "auto_renew": True, "notice_days": 30}
    told = end and end - timedelta(days=45)
    return said | {"started_on": start, "ended_on": end, "cancelled_on": told}


def _login(who: str, day: date) -> dict[str, Any]:
    at = datetime.combine(day, datetime.min.time())
    return {"event_id": f"{who} {day}", "customer_id": who, "name": "Login", "happened_at": at}


def _models(store: Store) -> None:
    """Make what a refresh makes of health."""
    days = (*month_ends(date(2023, 1, 1), LAST), LAST)
    run = Run(as_of=LAST, currency="JPY", fact_days=days)
    store.write("clv_model", table("clv_model", []))
    with Engine(threads=1) as engine:
        given(engine, store)
        steps = select(discover("know"), "health_scores", given=["clv_model"])
        execute(steps, engine, run, store=store)


@pytest.fixture
def browser(company: Path, settings: Any, aiko: Person, client_of: ClientOf) -> Client:
    settings.KIZUNA_HOME = company
    Programme.objects.update_or_create(id=1, defaults={"is_on": False})
    Publication.objects.create(
        status=Status.PUBLISHED, published_at=timezone.now(), as_of=LAST, versions={},
        summary={"currency": "JPY"},
    )  # fmt: skip
    signed_in: Client = client_of(aiko)
    return signed_in


def built(browser: Client, aiko: Person, escalates_to: str = "") -> Playbook:
    """Build it as a manager does, with buttons alone."""
    words = [Words("email", "en", "Dear {{ customer.salutation }},\nshall we talk?", "Hello")]
    templates.save(actor=aiko, said=templates.Said("To the champion", "marketing", words))
    browser.post("/playbooks/new", {"name": "Before a renewal", "purpose": "Keep them."})
    pk = Playbook.objects.get().pk
    browser.post(f"/playbooks/{pk}/edit/start", {"when": "rule_begins", "of": "notice", **ROWS})
    add = f"/playbooks/{pk}/edit/add"
    task = {"step-title": "Call them", "step-owner": "", "step-minutes": "20"}
    browser.post(add, {"do": "task", "place": "start", **task})
    browser.post(add, {"do": "wait", "place": "after:task", "step-days": "2"})
    write = {"step-template": "To the champion", "step-to": "champion"}
    browser.post(add, {"do": "message", "place": "after:wait", **write})
    browser.post(add, {"do": "wait", "place": "after:message", "step-days": "5"})
    escalate = {"step-to": escalates_to, "step-when": "not_done", "step-minutes": "10"}
    browser.post(add, {"do": "escalate", "place": "after:wait-2", **escalate})
    return Playbook.objects.get()


def test_the_past_tells_whom_it_would_have_reached_and_by_which_models(
    browser: Client, aiko: Person
) -> None:
    playbook = built(browser, aiko)
    assert playbook.draft["trigger"]["rule"] == RULE
    browser.post(f"/playbooks/{playbook.pk}/trial", {"weeks": "26"})
    run_all()
    page = browser.get(f"/playbooks/{playbook.pk}/trial").content.decode()
    found = playbook.rehearsals.get().found
    came = Counter(found["came"])
    assert 20 < found["entered"] < 100
    assert found["held_out"] == round(found["entered"] * playbook.action.holdout) > 0
    assert found["entered"] == came["task"] >= came["message"] >= came["escalate"] > 0
    assert [model["learnt_by"] is None for model in found["models"]] == [False]
    assert "fitted anew every four weeks" in page
    assert "each escalation is counted" in page
    assert found["about"] == found["entered"]  # everybody was followed
    assert "Escalate to whoever answers for this playbook if a task is not done yet" in page
    assert not Task.objects.exists()


def test_a_rule_for_alerts_is_tried_by_the_same_models(browser: Client, aiko: Person) -> None:
    rule = AlertRule.objects.create(
        name="Falls",
        kind=Kind.RULE,
        condition=RULE,
        cause="renewal",
        severity="serious",
        advice="Call",
    )
    try_on_past(actor=aiko, rule_id=rule.pk, weeks=40)
    run_all()
    told = trial(last_dry_run(rule.pk), rule)
    assert told is not None
    assert any("fitted anew" in sentence for sentence in told["sentences"])
    found = told["run"].found
    assert found["before"] > 10  # alerts that came before the end
    # health speaks of the next chance to leave, which lies up to 120 days ahead here
    assert found["horizon"] == 180
    assert found["rate"] > 1.5 * found["base_rate"]


def publish(company: Path, health: dict[str, float]) -> Publication:
    rows = [{"customer_id": k, "health": v, "days_to_renewal": 90} for k, v in health.items()]
    version = Store(company / "store").write("customer_facts", table("customer_facts", rows))
    return Publication.objects.create(
        status=Status.PUBLISHED, published_at=timezone.now(), as_of=LAST + timedelta(days=1),
        versions={"customer_facts": version}, summary={"currency": "JPY"},
    )  # fmt: skip


def test_it_is_switched_on_and_does_what_it_says(
    browser: Client, company: Path, aiko: Person
) -> None:
    boss = person("Boss", Role.MANAGER)
    playbook = built(browser, aiko, boss.email)
    actions.set_holdout(actor=aiko, action=playbook.action, holdout=0.4)
    answer = browser.get(f"/playbooks/{playbook.pk}/live").content.decode()
    assert "No Champion is noted at" not in answer  # nobody is known yet of whom to say so
    browser.post(f"/playbooks/{playbook.pk}/live", {"edits": str(playbook.edits), "read": "1"})
    playbook.action.refresh_from_db()
    assert (playbook.action.state, playbook.action.holdout) == ("live", 0.4)
    names = [f"c{n:03}" for n in range(20)]
    publish(company, dict.fromkeys(names, 80.0))
    looking.after_publication(publish(company, dict.fromkeys(names, 40.0)).pk)
    going = set(Enrolment.objects.filter(state=State.GOING).values_list("customer_id", flat=True))
    held = Enrolment.objects.filter(state=State.HELD_OUT).count()
    assert (len(going) + held, held > 3) == (20, True)
    _go_through(going, boss)


def _go_through(going: set[str], boss: Person) -> None:
    now, day = timezone.now(), timedelta(days=1)
    advancing.advance(now)
    assert set(Task.objects.values_list("customer_id", flat=True)) == going
    done = sorted(going)[0]
    Task.objects.filter(customer_id=done).update(
        state=TaskState.DONE, ended_at=now, minutes=5, outcome="helped"
    )
    advancing.advance(now + 2 * day)
    assert set(OutboxMessage.objects.values_list("customer_id", "recipient")) == {
        (one, "champion") for one in going
    }
    advancing.advance(now + 7 * day)
    escalated = Task.objects.filter(title="Not done yet: Call them")
    assert set(escalated.values_list("customer_id", flat=True)) == going - {done}
    assert {task.owner for task in escalated} == {boss}
    assert not Enrolment.objects.filter(state=State.GOING).exists()
