"""What is at stake: a year of contracts that run, or the value to come; by when it is decided."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from kizuna.jobs.stakes import FACTS, basis, stakes
from kizuna.pipeline.engine import Engine

TYPES = {"churn_model": pa.string(), "health_basis": pa.string()}
YEAR = {"mrr": 100.0, "churn_probability": 0.25, "churn_horizon_days": 90.0}
SHOP = {"residual_clv": 500.0, "value_at_risk": 50.0}
HELD = {"health_basis": "renewal", "health_learned": 60.0, "health_days": 300.0}


def told(known: dict[str, Any], names: tuple[str, ...] = FACTS) -> tuple[Any, ...]:
    fields = [pa.field(name, TYPES.get(name, pa.float64())) for name in names]
    row = {"day": date(2026, 5, 31)} | {name: known.get(name) for name in names}
    rows = pa.Table.from_pylist([row], schema=pa.schema([pa.field("day", pa.date32()), *fields]))
    with Engine(threads=1) as engine:
        engine.register("facts", rows)
        found = engine.query(f"SELECT {', '.join((*stakes(names), *basis(names)))} FROM facts")
        return tuple(column[0].as_py() for column in found.columns)


@pytest.mark.parametrize(
    ("known", "found"),
    [
        ({}, (None, None, None, None)),
        (SHOP, (500.0, 50.0, "purchase", None)),
        (YEAR | SHOP, (1200.0, 300.0, "contract", date(2026, 8, 29))),
        (YEAR | SHOP | {"mrr": 0.0}, (500.0, 50.0, "purchase", None)),
        ({"mrr": 0.0, "churn_probability": 0.25}, (None, None, None, None)),
        ({"mrr": 100.0} | SHOP, (1200.0, None, "contract", None)),
        (YEAR | HELD, (1200.0, 480.0, "renewal", date(2027, 3, 27))),
        (YEAR | {"days_bound": 300.0}, (1200.0, None, "bound", date(2027, 3, 27))),
        (YEAR | {"days_bound": 60.0}, (1200.0, 300.0, "contract", date(2026, 8, 29))),
        (
            YEAR | {"days_bound": 300.0, "churn_model": "learner"},
            (1200.0, 300.0, "contract", date(2026, 8, 29)),
        ),
        (
            YEAR | HELD | {"churn_model": "notice", "days_to_renewal": 30.0},
            (1200.0, 1200.0, "notice", date(2026, 6, 30)),
        ),
    ],
)
def test_the_stake_is_of_what_runs(known: dict[str, Any], found: tuple[Any, ...]) -> None:
    """A contract that has ended leaves nothing of itself at stake: what the shop expects counts."""
    assert told(known) == found


def test_facts_that_are_not_there_are_not_known() -> None:
    assert told({"mrr": 100.0}, ("mrr",)) == (1200.0, None, "contract", None)
    assert told({}, ()) == (None, None, None, None)
