"""Personas: traits as of two moments; planted kinds are found in a shop; chance is not accepted."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from kizuna.experience.personas import adjusted_rand
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.know.persona_model import differs
from kizuna.pipeline.run import execute
from kizuna.pipeline.steps import select
from tiny_tables import STEPS, Rows, a_run, made, table, transactions

RUN = a_run("2024-12-31")
TARGETS = ("personas", "persona_profiles")


def test_traits_of_a_moment_read_nothing_later(engine: Any) -> None:
    log = transactions(
        ("a", "2023-07-03", 100),
        ("a", "2024-05-04", 300),
        ("a", "2024-12-01", 500),
        ("b", "2024-12-07", 5),
    )
    given = {
        "transactions": log,
        "interactions": table("interactions", []),
        "events": table("events", []),
    }
    rows = {
        (r["customer_id"], r["moment"]): r
        for r in made("persona_traits", given, RUN, engine=engine)
    }
    assert set(rows) == {("a", "now"), ("a", "then"), ("b", "now")}
    then = rows["a", "then"]
    assert (then["mean_purchase"], then["gift_season"], then["weekend"]) == (200.0, 0.5, 0.5)
    assert then["later_value"] == 500.0
    assert then["purchases_a_year"] == pytest.approx(2 / (365 / 365.25))
    assert (then["contacts_a_year"], then["visits"]) == (None, None)


def test_nothing_recorded_is_not_nothing_done(engine: Any) -> None:
    visit = {"event_id": "1", "customer_id": "z", "name": "x"} | {
        "happened_at": datetime(2024, 1, 1)
    }
    given = {
        "transactions": transactions(("a", "2024-01-02", 1)),
        "interactions": table("interactions", []),
        "events": table("events", [visit]),
    }
    row = made("persona_traits", given, RUN, engine=engine)[0]
    assert (row["visits"], row["contacts_a_year"]) == (0.0, None)


def shop(different: bool) -> tuple[pa.Table, dict[str, int]]:
    """Draw two kinds: dear gifts in season, and a little every other week."""
    rng, start = np.random.default_rng(4), date(2022, 1, 1)
    orders, kinds = [], {}
    for number in range(300):
        customer, kind = f"c{number:03d}", number % 2 if different else 0
        kinds[customer] = kind
        month_days = [
            date(y, m, int(rng.integers(1, 28))) for y in (2022, 2023, 2024) for m in (5, 12)
        ]
        often = [start + timedelta(days=int(d)) for d in rng.uniform(0, 1090, 60)]
        for day in month_days if kind else often:
            amount = int(np.exp(rng.normal(9.5 if kind else 6.0, 0.4)))
            orders.append((customer, day.isoformat(), amount))
    return transactions_of(orders), kinds


def transactions_of(orders: list[tuple[str, str, int]]) -> pa.Table:
    rows: Rows = [
        {"customer_id": customer, "order_id": str(k), "ordered_on": date.fromisoformat(day)}
        | {"amount": amount, "currency": "USD", "purchased_on": date.fromisoformat(day)}
        for k, (customer, day, amount) in enumerate(orders)
    ]
    return table("transactions", rows)


def found(log: pa.Table) -> Engine:
    engine = Engine(threads=2)
    for name, data in {"transactions": log, "interactions": None, "events": None}.items():
        engine.register(name, table(name, []) if data is None else data)
    execute(select(STEPS, *TARGETS), engine, RUN)
    return engine


def test_planted_personas_are_recovered_and_accepted() -> None:
    log, kinds = shop(different=True)
    engine = found(log)
    model = engine.table("persona_model").to_pylist()[0]
    assert (model["status"], model["kinds"]) == ("accepted", 2)
    assert model["stability"] > 0.95
    rows = engine.table("personas").to_pylist()
    own = np.array([int(row["persona"]) - 1 for row in rows])
    truth = np.array([kinds[row["customer_id"]] for row in rows])
    assert adjusted_rand(own, truth) > 0.95
    profiles = {(r["persona"], r["trait"]): r for r in engine.table("persona_profiles").to_pylist()}
    seasons = [profiles[kind, "gift_season"]["mean"] for kind in ("1", "2")]
    assert max(seasons) == 1.0


def test_customers_alike_get_no_persona() -> None:
    engine = found(shop(different=False)[0])
    assert engine.table("persona_model").to_pylist()[0]["status"] != "accepted"
    assert engine.table("personas").num_rows == 0


def test_too_few_customers_say_how_many_are_missing() -> None:
    engine = found(transactions(("a", "2022-01-01", 1), ("b", "2022-01-01", 2)))
    model = engine.table("persona_model").to_pylist()[0]
    assert (model["status"], model["customers"], model["needed"]) == ("too_few", 2, 198)
    assert engine.table("persona_profiles").num_rows == 0


def test_kinds_that_buy_alike_do_not_differ() -> None:
    kinds = np.arange(100) % 2
    assert differs(kinds, np.ones(100)) == (1.0, 0.0)
    p_value, effect = differs(kinds, kinds * 5.0)
    assert p_value < 0.001
    assert effect > 0.9
