"""Cost and value by channel: what a customer costs, is worth, and when the cost has come back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from kizuna.clv.portfolio import Portfolio, PortfolioInterval
from kizuna.jobs.acquisition import (
    channel_values,
    keep_own_currency,
    mean_curve,
    payback_month,
    relative_error,
)
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema, check

RUN = Run(as_of=date(2024, 3, 31), margin=0.5)


def values(
    costs: list[tuple[str, float]], groups: list[tuple[Any, ...]], total: Portfolio | None = None
) -> dict[str, dict[str, Any]]:
    """Value channels from (channel, cost) and (channel, costed, customers, earned, to come, Σ²)."""
    ages = [("web", 0, 10, 10_00), ("web", 1, 10, 10_00), ("web", 2, 4, 4_00)]
    with Engine(threads=1) as engine:
        rows = {
            "channel_costs": [(c, date(2024, 1, 1), amount) for c, amount in costs],
            "channel_customers": groups,
            "channel_ages": ages,
        }
        for name, given in rows.items():
            engine.register(name, _table(name, given))
        found = channel_values(engine, RUN, total)
    check("channel_values", found)
    return {row["channel"]: row for row in found.to_pylist()}


def _table(name: str, rows: list[tuple[Any, ...]]) -> pa.Table:
    schema = arrow_schema(name)
    return pa.Table.from_pylist([dict(zip(schema.names, r, strict=True)) for r in rows], schema)


def equity(low: float, high: float) -> Portfolio:
    interval = PortfolioInterval((low * high) ** 0.5, low, high, 0.0, 0.0, 0.1)
    return Portfolio(interval, interval)


WEB = ("web", True, 10, 10_00.0, 20_00.0, 10 * 300.0**2)


def test_cost_value_and_payback_of_a_channel() -> None:
    web = values([("web", 15_00.0)], [WEB, ("web", False, 5, 1.0, 1.0, 1.0)])["web"]
    assert (web["customers"], web["new_customers"]) == (15, 10)
    assert (web["cac"], web["ltv"], web["ltv_to_cac"]) == (1.50, 3.0, 2.0)
    assert web["payback_month"] is None
    cheap = values([("web", 10_00.0)], [WEB])["web"]
    assert (cheap["payback_month"], cheap["months"]) == (1, 2)


def test_customers_alike_are_as_sure_as_the_model_is() -> None:
    web = values([("web", 15_00.0)], [WEB], equity(80.0, 125.0))["web"]
    half = 1.6448536 * 2.0 * relative_error(equity(80.0, 125.0))
    assert (web["ltv_low"], web["ltv_high"]) == pytest.approx((3 - half, 3 + half), rel=1e-6)


def test_without_costs_nothing_is_said_of_cost() -> None:
    web = values([], [("web", False, 10, 10_00.0, 20_00.0, 10 * 300.0**2)])["web"]
    assert web["ltv"] == 3.0
    assert [web[k] for k in ("cac", "cost", "ltv_to_cac", "payback_month")] == [None] * 4


def test_a_cost_that_won_nobody_is_no_cost_per_customer() -> None:
    fair = values([("fair", 9_00.0)], [WEB])["fair"]
    assert (fair["cost"], fair["new_customers"], fair["cac"]) == (9.0, 0, None)


def test_without_a_model_the_value_is_not_known() -> None:
    web = values([("web", 15_00.0)], [("web", True, 10, 10_00.0, None, None)])["web"]
    assert (web["ltv"], web["cac"]) == (None, 1.5)


def test_the_curve_ends_where_fewer_than_half_are_observed() -> None:
    ages = [{"customers": n, "value": v} for n, v in ((10, 10), (10, 20), (4, 400))]
    assert mean_curve(ages) == [1.0, 3.0]


def test_the_cost_comes_back_in_the_month_in_which_margin_reaches_it() -> None:
    assert payback_month([1.0, 2.0, 4.0], 1.0, margin=0.5) == 1
    assert payback_month([1.0, 2.0, 4.0], 2.5, margin=0.5) is None


def test_costs_in_another_currency_are_left_out() -> None:
    costs = [{"cost_id": c, "amount": 1, "currency": c} for c in ("USD", "JPY")]
    with Engine(threads=1) as engine:
        engine.register("costs", pa.Table.from_pylist(costs, arrow_schema("costs")))
        keep_own_currency(engine, RUN)
        assert engine.table("costs")["cost_id"].to_pylist() == ["USD"]
