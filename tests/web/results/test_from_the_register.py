"""From the register of actions to a result: what is placed and done there is measured here."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import Run, discover, execute, select
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema
from kizuna.web.accounts.models import Person
from kizuna.web.act.actions import control
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.giving import give_actions
from kizuna.web.know.publications.models import Publication, Status
from kizuna.web.measure.results import queries
from kizuna.web.measure.results.words import sentence
from measured_company import MADE, table
from web.conftest import ClientOf

pytestmark = pytest.mark.django_db

AGO = 40
WORTH = 2_000
"""What the action adds to a treated customer's order."""


def test_what_was_placed_and_done_comes_out_as_earned(
    aiko: Person,
    client_of: ClientOf,
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.KIZUNA_HOME = tmp_path
    monkeypatch.setitem(control.AT_FIRST, "is_on", True)
    store, at = Store(tmp_path / "store"), timezone.now() - timedelta(days=AGO)
    action = actions.draft(
        actor=aiko, name="Letter", kind="mail", cost_per_unit=50, holdout=0.4, horizon_days=28
    )
    actions.go_live(actor=aiko, action=action)
    who = [f"c{k}" for k in range(1_200)]
    placed = actions.place(action=action, customer_ids=who, reason="test", at=at)
    for customer in (one for one, where in placed.items() if where.is_treated):
        key = f"letter:{customer}"
        actions.record_deed(key=key, action=action, customer_id=customer, kind="mail", at=at)
    give_actions(store)
    bought = [
        {"customer_id": one, "day": timezone.localdate(at) + timedelta(days=3), "orders": 1}
        | {"amount": 3_000 + 11 * (k % 90) + (WORTH if placed[one].is_treated else 0)}
        for k, one in enumerate(who)
    ]
    publish(store, bought)
    found = queries.one(action.experiment_id)
    assert found is not None
    row = found.finding.row
    assert row is not None
    assert row["effect_low"] < WORTH < row["effect_high"]
    assert (row["verdict"], row["unit_cost"], row["reached"]) == ("earns", 50.0, row["treated"])
    assert sentence(found.finding, "JPY").startswith("Earned ¥")
    page = client_of(aiko).get(f"/results/{action.experiment_id}/").content.decode()
    assert "Letter" in page
    turn = next(one for one in store.read("experiments").to_pylist() if one["kind"] == "global")
    assert turn["experiment_id"] not in {one.experiment_id for one in queries.every_finding()}


def publish(store: Store, bought: list[dict[str, Any]]) -> None:
    """Measure, and publish what was found."""
    store.write("purchase_days", table("purchase_days", bought))
    for name in ("returns", "contract_phases", "issue_contacts", "service_rates"):
        store.write(name, arrow_schema(name).empty_table())
    today = timezone.localdate()
    with Engine(threads=2) as engine:
        run = Run(as_of=today, currency="JPY")
        steps = execute(select(discover("measure"), *MADE), engine, run, store=store).steps
    Publication.objects.create(
        status=Status.PUBLISHED,
        published_at=timezone.now(),
        as_of=today,
        versions={step.step: step.version for step in steps},
        read_versions={"experiments": 0},
        summary={"currency": "JPY"},
    )
