"""What moved customer equity in a month: both ends by the same model, customer by customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from math import floor

import numpy as np
import pyarrow as pa

from kizuna.clv.value import residual_clv
from kizuna.jobs.cuts import DAYS
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.know.clv_model import fit_of
from kizuna.pipeline.know.clv_scores import data_of, model_of, terms_of
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.run import discover, execute, select
from kizuna.pipeline.tables import arrow_schema

BEFORE = "inputs_before"
VALUES = "values_before"
MOVES = "value_moves"
MOST_MOVED = 10
"""Customers named that rose most, and as many that fell most."""

PARTS = ("before", "new", "bought", "returned", "silent", "now")

LATER = f"""
SELECT
    now.customer_id,
    CASE
        WHEN before.customer_id IS NULL THEN 'new'
        WHEN now.last_purchase > ? THEN 'bought'
        WHEN back.customer_id IS NOT NULL THEN 'returned'
        ELSE 'silent'
    END AS part,
    coalesce(before.value, 0) AS value_before,
    facts.residual_clv AS value_now
FROM purchases AS now
INNER JOIN clv_scores AS facts ON now.customer_id = facts.customer_id
LEFT JOIN {VALUES} AS before ON now.customer_id = before.customer_id
LEFT JOIN (SELECT DISTINCT customer_id FROM returns WHERE day > ? AND day <= ?) AS back
    ON now.customer_id = back.customer_id"""

CHANGES = f"""
SELECT 'before' AS part, count(*) FILTER (WHERE part <> 'new') AS customers,
    sum(value_before) AS value FROM {MOVES}
UNION ALL
SELECT part, count(*), sum(value_now - value_before) FROM {MOVES} GROUP BY part
UNION ALL
SELECT 'now', count(*), sum(value_now) FROM {MOVES}"""

MOVERS = f"""
WITH ranked AS (
    SELECT *, value_now - value_before AS change,
        row_number() OVER (ORDER BY value_now - value_before DESC, customer_id) AS up,
        row_number() OVER (ORDER BY value_now - value_before, customer_id) AS down
    FROM {MOVES}
)
SELECT ranked.customer_id, facts.name, part, CAST(round(value_before) AS BIGINT) AS value_before,
    CAST(round(value_now) AS BIGINT) AS value_now,
    CAST(round(value_now) AS BIGINT) - CAST(round(value_before) AS BIGINT) AS change
FROM ranked INNER JOIN valued_customers AS facts ON ranked.customer_id = facts.customer_id
WHERE (up <= {MOST_MOVED} AND change > 0) OR (down <= {MOST_MOVED} AND change < 0)
ORDER BY ranked.change DESC, ranked.customer_id"""


def month_before(day: date) -> date:
    """Give the day a month before; the last of a month leads to the last of the one before."""
    following = day + timedelta(days=1)
    month = following.replace(day=1) - timedelta(days=1)
    return month.replace(day=min(following.day, month.day)) - timedelta(days=1)


def before(engine: Engine, run: Run) -> pa.Table:
    """Tell what was known of customers a month ago; leaves the tables of that day behind."""
    earlier = replace(run, as_of=month_before(run.as_of), until=None)
    execute(select(discover("know"), "clv_inputs", given=DAYS), engine, earlier)
    return engine.table("clv_inputs", order_by=("customer_id",))


def movement(engine: Engine, run: Run) -> dict[str, pa.Table]:
    """Tell what changed since then; empty tables where there is no model or no past.

    Needs the table that `before` gives, under the name `inputs_before`.
    """
    since = month_before(run.as_of)
    models = {row["role"]: row for row in engine.table("clv_model").to_pylist()}
    if models.keys() < {"purchases", "spend"} or not engine.count(BEFORE):
        return {
            name: arrow_schema(name).empty_table() for name in ("value_changes", "value_movers")
        }
    engine.register(VALUES, _values(engine, models, run))
    engine.register(MOVES, engine.query(LATER, [since, since, run.as_of]))
    changes, movers = engine.query(CHANGES), engine.query(MOVERS)
    for name in (MOVES, VALUES, BEFORE):
        engine.drop(name)
    return {"value_changes": _changes(changes, since), "value_movers": _cast(movers)}


def _values(engine: Engine, models: dict[str, dict[str, object]], run: Run) -> pa.Table:
    """Value customers as they stood, by the models of today."""
    inputs = engine.table(BEFORE, order_by=("customer_id",))
    data, terms = data_of(inputs, run), terms_of(run)
    value = residual_clv(
        model_of(models["purchases"]), fit_of(models["spend"]).model, *data, **terms
    )
    worth = np.asarray(value.clv) * run.minor_units
    return pa.table({"customer_id": inputs["customer_id"], "value": worth})


def _changes(found: pa.Table, since: date) -> pa.Table:
    rows = {row["part"]: row for row in found.to_pylist()}
    nothing = {"customers": 0, "value": 0.0}
    listed = [{"part": part, "since": since} | (nothing | rows.get(part, {})) for part in PARTS]
    ends = [round(row["value"] or 0.0) for row in (listed[0], listed[-1])]
    parts = whole_parts([row["value"] or 0.0 for row in listed[1:-1]], ends[1] - ends[0])
    for row, value in zip(listed, [ends[0], *parts, ends[1]], strict=True):
        row["value"] = value
    return pa.Table.from_pylist(listed, schema=arrow_schema("value_changes"))


def whole_parts(values: list[float], total: int) -> list[int]:
    """Round parts to whole numbers that add up to a total: those cut most are rounded up first."""
    whole = [floor(value) for value in values]
    order = sorted(range(len(values)), key=lambda k: whole[k] - values[k])
    for k in order[: max(total - sum(whole), 0)]:
        whole[k] += 1
    return whole


def _cast(movers: pa.Table) -> pa.Table:
    return movers.cast(arrow_schema("value_movers"))
