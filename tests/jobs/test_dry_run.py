"""A rule tried on the past: what it would have done, by the facts that were known then."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kizuna.jobs import dry_run
from kizuna.jobs.past_scores import models_of
from kizuna.jobs.transitions import Condition
from kizuna.jobs.watch import Watched
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.know.past_models import Learnt
from kizuna.pipeline.store import Store
from tiny_tables import table

LAST = date(2026, 3, 31)
SILENT = Watched(Condition(1, "days_since_use >= 20"), ("days_since_use",))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """One customer who came each week until October, and then again from January on."""
    made = Store(tmp_path_factory.mktemp("past") / "store")
    contract = {"contract_id": "K", "customer_id": "acme", "amount": 900, "currency": "JPY"}
    contract |= {"billing_months": 1, "started_on": date(2025, 1, 1), "auto_renew": True}
    made.write("contracts", table("contracts", [contract]))
    days = [datetime(2025, 1, 6) + timedelta(days=7 * n) for n in range(64)]
    came = [d for d in days if not datetime(2025, 10, 1) < d < datetime(2026, 1, 1)]
    rows = [
        {"event_id": str(n), "customer_id": "acme", "name": "Login", "happened_at": day}
        for n, day in enumerate(came)
    ]
    made.write("events", table("events", rows))
    return made


def tried(store: Store, watched: Watched, only: Collection[str] | None = None) -> dict[str, Any]:
    with Engine(threads=1) as engine:
        zone = {"timezone": "UTC", "currency": "JPY"}
        weekly = dry_run.past(engine, store, last=LAST, many=52, only=only, **zone)
        return weekly.tried([watched], {1: 14})[1]


def test_a_silence_is_told_once_in_the_week_in_which_it_began(store: Store) -> None:
    found = tried(store, SILENT, SILENT.facts)
    assert (found["fired"], found["customers"], found["of"]) == (1, 1, 1)
    ((day, _many),) = found["by_week"]
    assert "2025-10-18" < day < "2025-10-28"


def test_the_facts_that_a_rule_reads_are_enough(store: Store) -> None:
    assert tried(store, SILENT, SILENT.facts) == tried(store, SILENT)


def test_a_fact_without_a_past_is_refused_by_name(store: Store) -> None:
    now = Watched(Condition(1, "p_alive < 0.5"), ("p_alive",))
    with pytest.raises(InputError, match="p_alive"):
        tried(store, now, now.facts)


def test_facts_that_a_later_version_brought_are_empty_until_the_next_refresh(
    tmp_path: Path,
) -> None:
    made = Store(tmp_path / "store")
    for one in fields(Learnt):
        made.write(one.name, table(one.name, []))
    model = {"kind": "contract", "model": "rate", "horizon_days": 90, "parameters": "{}"}
    made.write("churn_model", table("churn_model", [model | {"rows": 1, "events": 1}]))
    former = table("fact_panel", [{"customer_id": "acme", "day": LAST}])
    made.write("fact_panel", former.drop_columns(["days_since_use"]))
    found = models_of(made)
    assert found is not None
    assert found.fact_panel["days_since_use"].to_pylist() == [None]
