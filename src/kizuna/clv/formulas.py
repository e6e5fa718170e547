"""The plain formulas of customer lifetime value and recurring revenue, each with its definition.

Story: before any model, a company knows averages, and a formula turns them into money. They are
honest as long as everyone knows which one was used: the first line of each function is the
definition that a report prints, and `DEFINITIONS` holds them by name.

Money in, money out: any currency, one currency at a time. Shares (margin, retention, churn,
discount) are fractions: 0.8 is 80 %. Arguments may be arrays of one shape.

Sources: Gupta and Lehmann (2003), "Customers as Assets", J. Interactive Marketing 17(1); Berger and
Nasr (1998), "Customer lifetime value", J. Interactive Marketing 12(1); usual practice of
subscription accounting for the movements of monthly recurring revenue (MRR).

Limits: averages hide that customers differ. A constant retention rate understates a base whose
weak customers leave first: on the high-end customers of Fader and Hardie (2007) by 25 %.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from kizuna.clv.data import FloatArray


def simple_ltv(
    average_purchase_value: ArrayLike,
    purchases_per_period: ArrayLike,
    periods: ArrayLike,
    *,
    margin: ArrayLike = 1.0,
) -> FloatArray:
    """Average purchase value × purchases per period × length of the relationship × margin.

    `periods` is the length of the relationship, in the same periods as the purchases.
    """
    factors = average_purchase_value, purchases_per_period, periods
    value, purchases, length = (_amount(f, "the factors of LTV") for f in factors)
    return value * purchases * length * _share(margin, "margin")


def subscription_ltv(
    revenue_per_period: ArrayLike,
    churn: ArrayLike,
    *,
    margin: ArrayLike = 1.0,
    horizon: float | None = None,
) -> FloatArray:
    """Revenue per account and period × margin ÷ churn; with a horizon, only its periods count.

    Raises
    ------
    ValueError
        Where churn is 0 and no horizon is given: the value then has no end.

    """
    lost = _share(churn, "churn")
    revenue = _array(revenue_per_period) * _share(margin, "margin")
    if horizon is None:
        return revenue / _positive(lost, "churn of 0 has no finite value; give a horizon")
    dead = lost == 0
    periods = (1.0 - (1.0 - lost) ** horizon) / np.where(dead, 1.0, lost)
    return revenue * np.where(dead, horizon, periods)


def constant_retention_clv(
    margin_per_period: ArrayLike, retention: ArrayLike, discount: ArrayLike, *, first_counts: bool
) -> FloatArray:
    """Margin m, retention r, discount d: m(1 + d)/(1 + d - r), or m·r/(1 + d - r) from period 1.

    The two conventions differ by one margin. `first_counts` True counts the margin of period 0,
    which a newly won customer pays for certain; False begins with the first renewal, as for a
    customer in hand. `discount` is per period.
    """
    margin = _array(margin_per_period)
    later = margin * margin_multiple(retention, discount)
    return margin + later if first_counts else later


def margin_multiple(retention: ArrayLike, discount: ArrayLike) -> FloatArray:
    """Value of a customer in units of the margin per period, r/(1 + d - r) (Gupta and Lehmann)."""
    kept = _share(retention, "retention")
    gap = 1.0 + _array(discount) - kept
    return kept / _positive(gap, "retention of 1 without a discount has no finite value")


def acquisition_cost(cost: ArrayLike, new_customers: ArrayLike) -> FloatArray:
    """Cost of sales and marketing in a period ÷ customers won in that period (CAC)."""
    return _array(cost) / _positive(new_customers, "no customer was won")


def payback_periods(
    cac: ArrayLike, revenue_per_period: ArrayLike, *, margin: ArrayLike = 1.0
) -> FloatArray:
    """CAC ÷ (revenue per new customer and period × margin): periods until the cost is earned."""
    earned = _array(revenue_per_period) * _share(margin, "margin")
    return _array(cac) / _positive(earned, "without margin it is never paid back")


def ltv_to_cac(ltv: ArrayLike, cac: ArrayLike) -> FloatArray:
    """Lifetime value ÷ acquisition cost, both per customer."""
    return _array(ltv) / _positive(cac, "the acquisition cost must be above 0")


def mrr_end(
    start: ArrayLike,
    *,
    new: ArrayLike = 0.0,
    expansion: ArrayLike = 0.0,
    reactivation: ArrayLike = 0.0,
    contraction: ArrayLike = 0.0,
    churn: ArrayLike = 0.0,
) -> FloatArray:
    """MRR at the start + new + expansion + reactivation - contraction - churn."""
    gained = _array(new) + _array(expansion) + _array(reactivation)
    return _array(start) + gained - _array(contraction) - _array(churn)


def gross_revenue_retention(
    start: ArrayLike, *, contraction: ArrayLike = 0.0, churn: ArrayLike = 0.0
) -> FloatArray:
    """(MRR at the start - contraction - churn) ÷ MRR at the start, of the customers at the start.

    Cap each customer at its own start before summing: expansion never enters, so at most 1.
    """
    return net_revenue_retention(start, contraction=contraction, churn=churn)


def net_revenue_retention(
    start: ArrayLike,
    *,
    expansion: ArrayLike = 0.0,
    contraction: ArrayLike = 0.0,
    churn: ArrayLike = 0.0,
) -> FloatArray:
    """(MRR at the start + expansion - contraction - churn) ÷ MRR at the start, same customers.

    New customers never enter; reactivation does not either unless it is added to `expansion`.
    """
    before = _positive(start, "there was no revenue at the start")
    kept = before + _array(expansion) - _array(contraction) - _array(churn)
    return kept / before


def logo_churn(lost: ArrayLike, customers_at_start: ArrayLike) -> FloatArray:
    """Customers lost in the period ÷ customers at its start."""
    at_start = _positive(customers_at_start, "there was no customer at the start")
    return _array(lost) / at_start


def quick_ratio(
    *, new: ArrayLike, expansion: ArrayLike, contraction: ArrayLike, churn: ArrayLike
) -> FloatArray:
    """(New + expansion MRR) ÷ (contraction + churn MRR)."""
    lost = _array(contraction) + _array(churn)
    return (_array(new) + _array(expansion)) / _positive(lost, "nothing was lost")


def expected_ltv_at_risk(p_churn: ArrayLike, ltv: ArrayLike) -> FloatArray:
    """Sum over customers of P(churn) × lifetime value: the loss to be expected."""
    total = np.sum(_share(p_churn, "p_churn") * _array(ltv))
    return _array(total)


def tail_ltv_at_risk(ltv: ArrayLike, ltv_low: ArrayLike) -> FloatArray:
    """Lifetime value - its 5 % quantile: the loss in a bad case, not the loss to be expected."""
    return _array(ltv) - _array(ltv_low)


def _array(value: ArrayLike) -> FloatArray:
    return np.asarray(value, dtype=np.float64)


def _amount(value: ArrayLike, name: str) -> FloatArray:
    amount = _array(value)
    if not (np.isfinite(amount) & (amount >= 0)).all():
        raise ValueError(f"{name} must be finite and ≥ 0")
    return amount


def _share(value: ArrayLike, name: str) -> FloatArray:
    share = _array(value)
    if not ((share >= 0) & (share <= 1)).all():
        raise ValueError(f"{name} must be a fraction between 0 and 1, not a percentage")
    return share


def _positive(value: ArrayLike, complaint: str) -> FloatArray:
    """Return the divisor, or say in a sentence why there is none."""
    divisor = _array(value)
    if not (divisor > 0).all():
        raise ValueError(complaint)
    return divisor


FORMULAS: tuple[Callable[..., FloatArray], ...] = (
    simple_ltv,
    subscription_ltv,
    constant_retention_clv,
    margin_multiple,
    acquisition_cost,
    payback_periods,
    ltv_to_cac,
    mrr_end,
    gross_revenue_retention,
    net_revenue_retention,
    logo_churn,
    quick_ratio,
    expected_ltv_at_risk,
    tail_ltv_at_risk,
)

DEFINITIONS: dict[str, str] = {f.__name__: (f.__doc__ or "").partition("\n")[0] for f in FORMULAS}
"""Definition of each formula, by its name: what a report prints next to the number."""
