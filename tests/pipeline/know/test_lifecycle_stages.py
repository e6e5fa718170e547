"""Stages: one model for shops and contracts, told from the facts of the last day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.know.lifecycle_stages import known, stages, stages_sql
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.rules.errors import RuleError
from kizuna.pipeline.run import execute
from kizuna.pipeline.steps import discover
from kizuna.pipeline.tables import arrow_schema

TODAY = date(2024, 6, 30)
STEP = tuple(step for step in discover("know") if step.name == "lifecycle_stages")
SHOP = {"first_purchase": date(2023, 1, 1), "p_alive": 0.9}
SILENT = {"days_since_purchase": 200, "usual_gap_days": 50.0}
RUNS = {"contracts": 1, "contract_tenure_days": 400}


def rows(name: str, *given: dict[str, Any]) -> pa.Table:
    """Give a table of which only some columns are said."""
    schema = arrow_schema(name)
    return pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in given], schema=schema)


def staged(engine: Any, who: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """Give the stage of one customer."""
    engine.register("valued_customers", rows("valued_customers", {"customer_id": "a"} | who))
    panel = rows("fact_panel", {"customer_id": "a", "day": TODAY} | facts)
    engine.register("fact_panel", panel)
    engine.register("fact_days", pa.table({"day": pa.array([TODAY], pa.date32())}))
    execute(STEP, engine, Run(as_of=TODAY))
    found: list[dict[str, Any]] = engine.table("lifecycle_stages").to_pylist()
    return found[0] if found else {}


CASES: list[tuple[dict[str, Any], dict[str, Any], str, float | None, bool | None]] = [
    ({"acquired_on": date(2024, 3, 1)}, {}, "prospect", 121.0, True),
    ({}, {}, "prospect", None, None),
    (SHOP | {"first_purchase": date(2024, 6, 1)}, {}, "new", 29.0, False),
    (SHOP, {}, "steady", None, None),
    (SHOP, {"spend_change_90d": 0.5}, "growing", None, None),
    (SHOP | {"p_alive": 0.4}, SILENT, "lapsing", 150.0, True),
    (SHOP | {"p_alive": 0.1}, {"days_since_purchase": 400}, "left", 400.0, None),
    (SHOP | {"p_alive": 0.1}, {"days_since_purchase": 30}, "lapsing", None, None),
    (SHOP | {"p_alive": 0.4}, SILENT | {"days_since_purchase": 30}, "lapsing", None, False),
    ({}, {"contracts": 1, "contract_tenure_days": 20}, "new", 20.0, False),
    ({}, RUNS | {"days_to_renewal": 30}, "renewing", 60.0, False),
    ({}, RUNS | {"active_days_change": -0.8}, "lapsing", None, None),
    ({}, RUNS, "steady", None, None),
    ({}, {"contracts": 0}, "left", None, None),
]


@pytest.mark.parametrize(("who", "facts", "stage", "days", "stuck"), CASES)
def test_shops_and_contracts_share_the_stages(
    engine: Any,
    who: dict[str, Any],
    facts: dict[str, Any],
    stage: str,
    days: float | None,
    stuck: bool | None,
) -> None:
    found = staged(engine, who, **facts)
    assert found["lifecycle_stage"] == stage
    assert (found["stage_days"], found["stage_stuck"]) == (days, stuck)


def test_who_meets_no_rule_is_in_no_stage() -> None:
    only = (replace(stages()[0], entry="p_alive > 0.5"),)
    with Engine(threads=1) as engine:
        staged(engine, {})
        assert engine.query(stages_sql(only, known())).num_rows == 0


def test_a_rule_of_a_stage_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(RuleError):
        stages_sql((replace(stages()[0], entry="renewal_day < 3"),), known())
