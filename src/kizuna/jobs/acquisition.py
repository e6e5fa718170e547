"""What a customer of each channel costs and is worth, from sums that the engine has drawn up."""

from __future__ import annotations

from collections import defaultdict
from itertools import accumulate
from math import log, sqrt
from typing import Any

import pyarrow as pa

from kizuna.clv.portfolio import Portfolio
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

NORMAL_90 = 1.6448536269514722

COSTS = """
SELECT channel, sum(cost) AS cost, min(day) AS from_on, max(day) AS until_on
FROM channel_costs GROUP BY channel"""

type Row = dict[str, Any]


def channel_values(engine: Engine, run: Run, total: Portfolio | None) -> pa.Table:
    """Put costs, customers and curves of each channel together; money in units of the currency."""
    costs = {row["channel"]: row for row in engine.query(COSTS).to_pylist()}
    ages = _by_channel(engine.table("channel_ages", order_by=("channel", "age_months")))
    groups = _by_channel(engine.table("channel_customers", order_by=("channel", "costed")))
    error = relative_error(total)
    rows = [
        _channel(name, groups.get(name, []), costs.get(name), ages.get(name, []), run, error)
        for name in sorted(groups.keys() | costs.keys())
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema("channel_values"))


def channel_net_bounds(engine: Engine, total: Portfolio | None) -> pa.Table:
    """Bound the mean lifetime value less cost to serve of each channel, in minor units.

    Three errors that do not go together: customers of a channel differ, what is still to come is
    as sure as that of all customers, and contacts come by chance. Nothing without the second.
    """
    error, rows = relative_error(total), engine.table("channel_net_values").to_pylist()
    bounds = [_net_bounds(row, error) for row in rows] if error else []
    return pa.Table.from_pylist(bounds, schema=arrow_schema("channel_net_bounds"))


def _net_bounds(row: Row, error: float) -> Row:
    mean, between, ahead = (
        row[name] for name in ("ltv_net_of_service", "net_variance", "cost_ahead_variance")
    )
    if mean is None or between is None:
        return {"channel": row["channel"]}
    half = NORMAL_90 * sqrt(between + ahead + (row["value_to_come"] * error) ** 2)
    return {"channel": row["channel"], "ltv_net_low": mean - half, "ltv_net_high": mean + half}


def keep_own_currency(engine: Engine, run: Run) -> None:
    """Leave out costs in another currency than the orders': no sum mixes them."""
    if "costs" in engine.names():
        own = "SELECT * FROM costs WHERE currency = ?"
        engine.register("costs", engine.query(own, [run.currency]))


def relative_error(total: Portfolio | None) -> float:
    """Standard error of the logarithm of what is still to come, as that of all customers is."""
    if total is None or total.customer_equity.low <= 0:
        return 0.0
    equity = total.customer_equity
    return log(equity.high / equity.low) / (2 * NORMAL_90)


def mean_curve(ages: list[Row]) -> list[float]:
    """Value of a customer so far, by month, as far as half of the customers have been observed."""
    most = max((row["customers"] for row in ages), default=0)
    steps = [row["value"] / row["customers"] for row in ages if 2 * row["customers"] >= most]
    return list(accumulate(steps))


def payback_month(curve: list[float], cac: float, margin: float) -> int | None:
    """Give the first month, the one of the first order being 0, by whose end margin covers cost."""
    reached = (month for month, value in enumerate(curve) if value * margin >= cac)
    return next(reached, None)


def _channel(
    name: str, groups: list[Row], costs: Row | None, ages: list[Row], run: Run, error: float
) -> Row:
    won = sum(group["customers"] for group in groups if group["costed"])
    unit, curve = run.minor_units, mean_curve(ages)
    known = costs if costs and won else None
    cac = known["cost"] / unit / won if known else None
    worth = _worth(next((g for g in groups if g["costed"]), None), groups, unit, error)
    return {
        "channel": name,
        "customers": sum(group["customers"] for group in groups),
        "new_customers": won,
        "from_on": costs["from_on"] if costs else None,
        "until_on": costs["until_on"] if costs else None,
        "cost": costs["cost"] / unit if costs else None,
        "cac": cac,
        **worth,
        "ltv_to_cac": worth["ltv"] / cac if cac and worth["ltv"] is not None else None,
        "payback_month": None
        if cac is None
        else payback_month([value / unit for value in curve], cac, run.margin),
        "months": len(curve),
    }


def _worth(costed: Row | None, groups: list[Row], unit: int, error: float) -> Row:
    """Mean value of a customer and its bounds: of those whose cost is known, else of all."""
    counted = [costed] if costed else groups
    n = sum(group["customers"] for group in counted)
    if not n or any(group["residual_clv"] is None for group in counted):
        return {"ltv": None, "ltv_low": None, "ltv_high": None}
    residual = sum(group["residual_clv"] for group in counted) / n
    mean = sum(group["earned"] for group in counted) / n + residual
    squares = sum(group["value_squares"] for group in counted) / n
    spread = max(squares - mean**2, 0.0) / max(n - 1, 1)
    half = NORMAL_90 * sqrt(spread + (residual * error) ** 2)
    known = n > 1
    return {
        "ltv": mean / unit,
        "ltv_low": (mean - half) / unit if known else None,
        "ltv_high": (mean + half) / unit if known else None,
    }


def _by_channel(table: pa.Table) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in table.to_pylist():
        found[row["channel"]].append(row)
    return found
