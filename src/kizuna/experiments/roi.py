"""What a unit of money put into an action came back as.

Incremental margin less cost, over cost. Where the cost is known, the interval of the effect is
mapped straight; where it varies by customer it is a ratio of two uncertain sums (Fieller). Without
a cost there is no return on it: "unknown" is an answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from kizuna.experiments.effect import Effect
from kizuna.experiments.interval import Interval, ratio_interval


@dataclass(frozen=True, slots=True)
class Return:
    """What an action earned in all, of the customers who were treated.

    Attributes
    ----------
    margin : incremental margin, before the cost of the action.
    cost : of the action.
    net : margin less cost.
    roi : net over cost; None where unknown.

    """

    margin: Interval
    cost: float
    net: Interval
    roi: Interval | None


def known_cost(margin: Interval, treated: int, cost: float) -> Return:
    """Map the interval of margin per customer; `cost` is per treated customer."""
    total = margin.mapped(treated)
    roi = margin.mapped(1.0 / cost, -1.0) if cost > 0 else None
    return Return(total, cost * treated, total.mapped(1.0, -cost * treated), roi)


def varying_cost(
    margin: Effect, cost: Effect, covariance: float = 0.0, level: float = 0.90
) -> Return:
    """Compare margin and cost, both measured as effects on the same customers.

    `covariance` is that of the two differences. The cost of the control is taken off too: what it
    would have cost anyway is not the action's.
    """
    n = margin.treated
    net_error = (margin.error**2 + cost.error**2 - 2.0 * covariance) ** 0.5
    net = Interval.around(margin.difference - cost.difference, net_error, level, margin.freedom)
    ratio = ratio_interval(
        margin.difference,
        cost.difference,
        top_error=margin.error,
        bottom_error=cost.error,
        covariance=covariance,
        level=level,
    )
    roi = ratio.mapped(1.0, -1.0) if ratio and cost.difference > 0 else None
    return Return(margin.interval(level).mapped(n), cost.difference * n, net.mapped(n), roi)
