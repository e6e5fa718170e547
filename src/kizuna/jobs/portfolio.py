"""The accounts of one owner, those first that need her first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from kizuna.jobs.stakes import stakes
from kizuna.pipeline.engine import Engine, identifier

type Row = dict[str, Any]

HALF_DAYS = 30
"""Days after which what is left to do presses half as much."""
NO_DEADLINE = 180
"""Days that count where nothing comes due."""
SHOWN = (
    *("name", "rfm_segment", "health", "health_band", "churn_probability", "mrr", "residual_clv"),
    *("health_by_hand", "health_learned", "health_learned_band", "health_basis"),
    *("days_to_renewal", "days_to_notice", "cases_open", "active_days_change"),
    *("days_since_contact", "last_purchase", "lifecycle_stage", "stage_stuck"),
    *("churn_model", "churn_horizon_days"),
)


def portfolio(files: Sequence[str], customer_ids: Sequence[str]) -> list[Row]:
    """Give the facts of some customers, ordered by value at risk × how soon it is decided.

    What is not known is None, and counts as the least: who has neither value nor deadline comes
    last.
    """
    if not customer_ids or not files:
        return []
    with Engine(threads=2) as engine:
        engine.register_parquet("facts", files)
        ids = pa.table({"customer_id": pa.array(customer_ids, pa.string())})
        engine.register("mine", ids)
        found: list[Row] = engine.query(_sql(engine.schema("facts").names)).to_pylist()
        return found


def _sql(names: Sequence[str]) -> str:
    listed = ", ".join(
        identifier(name) if name in names else f"NULL AS {identifier(name)}" for name in SHOWN
    )
    value, at_risk = stakes(names)
    return (
        f"SELECT *, coalesce(at_risk, 0) * {HALF_DAYS}.0 / ({HALF_DAYS} + "
        f"coalesce(days_left, {NO_DEADLINE})) AS priority FROM (SELECT customer_id, {listed}, "
        f"{value} AS worth, {at_risk} AS at_risk, {_days_left(names)} AS days_left "
        "FROM facts SEMI JOIN mine USING (customer_id)) "
        "ORDER BY priority DESC, worth DESC NULLS LAST, customer_id"
    )


def _days_left(names: Sequence[str]) -> str:
    """SQL: days until the next deadline that is still to come."""
    known = [name for name in ("days_to_notice", "days_to_renewal") if name in names]
    coming = [f"CASE WHEN {name} >= 0 THEN {name} END" for name in known]
    return f"least({', '.join(coming)})" if coming else "NULL::INTEGER"
