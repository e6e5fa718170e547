"""The worked values of the field, and the cases where a formula has no answer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kizuna.clv import formulas as f

SHARES = st.floats(0.01, 0.99)

WORKED = [
    (f.simple_ltv(50, 4, 3), 600),
    (f.simple_ltv(50, 4, 3, margin=0.3), 180),
    (f.subscription_ltv(100, 0.02, margin=0.8), 4000),
    (f.constant_retention_clv(100, 0.8, 0.1, first_counts=True), 366.67),
    (f.constant_retention_clv(100, 0.8, 0.1, first_counts=False), 266.67),
    (f.margin_multiple(0.8, 0.12), 2.5),
    (f.margin_multiple(0.9, 0.10), 4.5),
    (f.acquisition_cost(12_000, 10), 1200),
    (f.payback_periods(1200, 100, margin=0.8), 15),
    (f.ltv_to_cac(3600, 1200), 3),
    (f.mrr_end(1000, new=300, expansion=200, contraction=50, churn=100), 1350),
    (f.gross_revenue_retention(1000, contraction=50, churn=100), 0.85),
    (f.net_revenue_retention(1000, expansion=200, contraction=50, churn=100), 1.05),
    (f.logo_churn(3, 150), 0.02),
    (f.quick_ratio(new=300, expansion=100, contraction=40, churn=60), 4),
    (f.expected_ltv_at_risk([0.5, 0.1], [100, 200]), 70),
    (f.tail_ltv_at_risk(100, 20), 80),
]


@pytest.mark.parametrize(("value", "worked"), WORKED)
def test_worked_values_come_out(value: float, worked: float) -> None:
    assert float(value) == pytest.approx(worked, abs=0.005)


@pytest.mark.parametrize(
    "no_answer",
    [
        lambda: f.subscription_ltv(100, 0.0),
        lambda: f.margin_multiple(1.0, 0.0),
        lambda: f.acquisition_cost(100, 0),
        lambda: f.payback_periods(100, 0),
        lambda: f.payback_periods(100, 10, margin=80),
        lambda: f.logo_churn(0, 0),
        lambda: f.quick_ratio(new=1, expansion=0, contraction=0, churn=0),
        lambda: f.simple_ltv(-1, 2, 3),
        lambda: f.simple_ltv(np.nan, 2, 3),
    ],
)
def test_a_formula_without_an_answer_says_why(no_answer: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+ \w+"):
        no_answer()


def test_without_churn_a_subscription_is_worth_its_horizon() -> None:
    assert float(f.subscription_ltv(100, 0.0, margin=0.8, horizon=36)) == pytest.approx(2880)


@given(churn=SHARES, horizon=st.integers(1, 60))
def test_a_subscription_over_a_horizon_is_the_sum_of_its_periods(
    churn: float, horizon: int
) -> None:
    summed = sum(10 * (1 - churn) ** t for t in range(horizon))
    assert float(f.subscription_ltv(10, churn, horizon=horizon)) == pytest.approx(summed)


@given(retention=SHARES, discount=SHARES)
def test_constant_retention_is_the_discounted_sum(retention: float, discount: float) -> None:
    t = np.arange(1, 5000)
    summed = np.sum(7 * (retention / (1 + discount)) ** t)
    later = f.constant_retention_clv(7, retention, discount, first_counts=False)
    assert float(later) == pytest.approx(summed)


@given(retention=SHARES, discount=SHARES)
def test_the_two_conventions_differ_by_one_margin(retention: float, discount: float) -> None:
    first = f.constant_retention_clv(7, retention, discount, first_counts=True)
    later = f.constant_retention_clv(7, retention, discount, first_counts=False)
    assert float(first - later) == pytest.approx(7)


def test_without_discount_constant_retention_is_the_subscription_formula() -> None:
    plain = f.constant_retention_clv(10, 0.96, 0.0, first_counts=True)
    assert float(plain) == pytest.approx(float(f.subscription_ltv(10, 0.04)))


def test_formulas_work_on_whole_columns() -> None:
    worth = f.subscription_ltv(np.array([100.0, 50.0]), np.array([0.02, 0.05]), margin=0.8)
    assert worth == pytest.approx([4000, 800])


def test_every_formula_carries_a_definition_of_one_line() -> None:
    assert len(f.DEFINITIONS) == len(f.FORMULAS)
    assert all(d.endswith(".") and len(d) > 20 for d in f.DEFINITIONS.values())
