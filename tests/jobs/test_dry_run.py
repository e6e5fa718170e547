"""A rule tried on the past: what it would have done, by the facts that were known then."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kizuna.jobs import dry_run, past_purchases, past_scores, past_values
from kizuna.jobs.options import ValueOptions
from kizuna.jobs.past_scores import models_of
from kizuna.jobs.transitions import Condition
from kizuna.jobs.watch import Watched
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.know.past_models import Learnt
from kizuna.pipeline.store import Store
from tiny_tables import a_run, made, table, transactions

LAST = date(2026, 3, 31)
VALUED = {
    "calendar": ("bg_nbd", {"r": 0.4, "alpha": 30.0, "a": 0.8, "b": 2.5}),
    "purchases": ("bg_nbd", {"r": 0.4, "alpha": 30.0, "a": 0.8, "b": 2.5}),
    "spend": ("gamma_gamma", {"p": 6.0, "q": 4.0, "v": 3.0}),
}
COVARIANCE = {
    role: json.dumps((1e-6 * np.eye(len(values))).tolist()) for role, (_, values) in VALUED.items()
}
MODELS = table(
    "clv_model",
    [
        {
            "role": role,
            "name": name,
            "parameters": json.dumps(values),
            "covariance": COVARIANCE[role],
        }
        | {"log_likelihood": 0.0, "customers": 9, "converged": True, "at_bound": ""}
        | {"pace_lift": 0.0, "pace_fade": 1.0}
        for role, (name, values) in VALUED.items()
    ],
)
SILENT = Watched(Condition(1, "days_since_use >= 20"), ("days_since_use",))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """One customer who came each week until October, and then again from January on."""
    kept = Store(tmp_path_factory.mktemp("past") / "store")
    contract = {"contract_id": "K", "customer_id": "acme", "amount": 900, "currency": "JPY"}
    contract |= {"billing_months": 1, "started_on": date(2025, 1, 1), "auto_renew": True}
    kept.write("contracts", table("contracts", [contract]))
    days = [datetime(2025, 1, 6) + timedelta(days=7 * n) for n in range(64)]
    came = [d for d in days if not datetime(2025, 10, 1) < d < datetime(2026, 1, 1)]
    rows = [
        {"event_id": str(n), "customer_id": "acme", "name": "Login", "happened_at": day}
        for n, day in enumerate(came)
    ]
    kept.write("events", table("events", rows))
    return kept


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


def test_what_was_bought_by_a_past_week_is_what_was_known_then(tmp_path: Path) -> None:
    orders = [("kim", "2025-12-01", 500), ("kim", "2026-01-10", 700), ("kim", "2026-01-20", -200)]
    orders += [("kim", "2026-03-01", 900), ("kim", "2026-03-20", -900), ("lee", "2026-02-01", 50)]
    kept, facts = Store(tmp_path / "store"), (*past_purchases.FACTS, *past_values.FACTS)
    kept.write("transactions", transactions(*orders))
    kept.write("clv_model", MODELS)
    with Engine(threads=1) as engine:
        zone = {
            "timezone": "UTC",
            "currency": "USD",
            "options": ValueOptions(orders=(), margin=0.4),
        }
        weekly = dry_run.past(engine, kept, last=LAST, many=12, only=facts, **zone)
        frames = engine.query("SELECT * FROM frames").to_pylist()
        assert dry_run.basis_told(weekly)["valued"]
    told = {(row["customer_id"], row["day"]): row for row in frames}
    for day in weekly.days[::4]:
        known = now_of(orders, day)
        for who, row in known.items():
            assert {name: told[who, day][name] for name in row} == pytest.approx(row)
    assert told["kim", LAST]["historical_value"] == 1000
    assert ("lee", weekly.days[0]) not in told  # she is no customer yet


def now_of(orders: list[tuple[str, str, int]], day: date) -> dict[str, dict[str, Any]]:
    """What a run of that day would tell of customers, having seen nothing later but the model."""
    seen = transactions(*[one for one in orders if date.fromisoformat(one[1]) <= day])
    run, given = replace(a_run(str(day)), margin=0.4), {"transactions": seen}
    names = ("first_purchase", "last_purchase", "orders", "frequency")
    found: dict[str, dict[str, Any]] = {}
    for row in made("purchases", given, run):
        found[row["customer_id"]] = {name: row[name] for name in names}
    for row in made("spend", given, run):
        found[row["customer_id"]] |= {n: row[n] for n in ("mean_spend", "historical_value")}
    for row in made("clv_scores", given | {"clv_model": MODELS}, run):
        found[row["customer_id"]] |= {n: row[n] for n in ("p_alive", "residual_clv")}
    return found


def test_of_a_sample_each_stands_for_those_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    few = past_scores._SAMPLED.replace(str(past_scores.MOST_OF_A_KIND), "3")
    monkeypatch.setattr(past_scores, "_SAMPLED", few)
    monkeypatch.setattr(past_scores, "narrow", lambda *_given: None)
    bought = [(f"b{n}", "2026-01-01", 1) for n in range(12)]
    with Engine(threads=1) as engine:
        engine.register("transactions", transactions(*bought))
        under = [{"contract_id": k, "customer_id": k} for k in ("k1", "k2")]
        engine.register("contracts", table("contracts", under))
        assert past_scores.sample(engine) == 14
        weekly = dry_run.Past(engine, [LAST], 14)
        assert weekly.stands_for(["k1", "k2"]) == 1.0  # all who have a contract are followed
        assert weekly.stands_for([who for who, _day, _amount in bought]) == 4.0


def test_facts_that_a_later_version_brought_are_empty_until_the_next_refresh(
    tmp_path: Path,
) -> None:
    kept = Store(tmp_path / "store")
    for one in fields(Learnt):
        kept.write(one.name, table(one.name, []))
    model = {"kind": "contract", "model": "rate", "horizon_days": 90, "parameters": "{}"}
    kept.write("churn_model", table("churn_model", [model | {"rows": 1, "events": 1}]))
    former = table("fact_panel", [{"customer_id": "acme", "day": LAST}])
    kept.write("fact_panel", former.drop_columns(["days_since_use"]))
    found = models_of(kept)
    assert found is not None
    assert found.fact_panel["days_since_use"].to_pylist() == [None]
