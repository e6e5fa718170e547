"""What a change is worth: customer equity, the value of a new customer, payback; before and after.

A scenario moves five levers. What each of them moves, and what stays as it is:

* `loss`, how fast customers leave, changes how long they buy from now on, as the purchase model
  says (`kizuna.clv.loss`); what is known of the past stays.
* `frequency` multiplies the orders a customer places while he stays; how long he stays does not
  change. `basket` multiplies the value of an order, `margin` the share of it that is earned. All
  future money is proportional to these three, exactly, in every model used here.
* `acquisition` multiplies the cost of winning a new customer. Today's customers are won already, so
  that customer equity does not move with it.

The ranges: the same error before and after. Model and luck multiply both sides alike; parameters
are drawn together and carried through both; and because models disagree on who has left, and so on
what a slower loss is worth, each range spans the answers of all the models fitted (`rivals`).
Not counted: whether a change can be reached, what that costs, and how customers would react.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from kizuna.clv.data import FloatArray

LEVEL = 0.90
TAIL = (1.0 - LEVEL) / 2
NORMAL = float(ndtri(1.0 - TAIL))
CHANCES = ndtri((np.arange(41) + 0.5) / 41)
"""Equally likely values of a standard normal, for the errors that are not drawn."""


@dataclass(frozen=True, slots=True)
class Levers:
    """What a scenario moves; each is a multiple of today, and 1 leaves it alone."""

    loss: float = 1.0
    frequency: float = 1.0
    basket: float = 1.0
    margin: float = 1.0
    acquisition: float = 1.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 90 % range; an endless one is infinite."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Change:
    """A figure today, under a scenario, and the difference with a range of its own."""

    before: Estimate
    after: Estimate
    gain: Estimate


@dataclass(frozen=True, slots=True)
class Total:
    """A total over today's customers as published, with the errors of its logarithm behind it."""

    value: float
    low: float
    high: float
    customers: float
    parameters: float

    @property
    def middle(self) -> float:
        return float(np.sqrt(self.low * self.high))

    @property
    def half_width(self) -> float:
        """Half the width of the interval of the logarithm."""
        return float(np.log(self.high / self.low) / 2)

    @property
    def model(self) -> float:
        """Half-width that is left to the model's own error."""
        estimated = NORMAL**2 * (self.customers**2 + self.parameters**2)
        return float(np.sqrt(max(self.half_width**2 - estimated, 0.0)))


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is published for scenarios; rows are the estimate, its draws, then the rival models.

    Attributes
    ----------
    losses : rates of leaving that the tables below were made for, shape (losses,); 1 among them.
    draws : how many rows after the first are draws.
    equity, purchases : of today's customers, as multiples of the estimate now, (rows, losses).
    kept : purchases a month a year from now ÷ those of the coming month, (rows, losses).
    new_purchases : discounted repeat purchases of a new customer in the horizon, (rows, losses).
    months : repeat purchases of a new customer until each month's end, (rows, losses, months).
    order_value, first_order : in units of money, shape (rows,).
    equity_now, purchases_now : the totals as published.
    margin : share of an order's value that is earned.

    """

    losses: FloatArray
    draws: int
    equity: FloatArray
    purchases: FloatArray
    kept: FloatArray
    new_purchases: FloatArray
    months: FloatArray
    order_value: FloatArray
    first_order: FloatArray
    equity_now: Total
    purchases_now: Total
    margin: float


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What a scenario does; `ltv` is the margin of a new customer in the horizon, discounted.

    Attributes
    ----------
    ratio, payback : LTV ÷ acquisition cost, and months until a new customer has brought it;
        None where that cost is not known. Payback is infinite beyond the months that are known.
    curve_before, curve_after : margin of a new customer after months 0, 1, …: (3, months + 1), the
        estimate and the bounds of its range.

    """

    equity: Change
    purchases: Change
    kept: Change
    ltv: Change
    ratio: Change | None
    payback: Change | None
    curve_before: FloatArray
    curve_after: FloatArray


def outcome(known: Known, levers: Levers, acquisition_cost: float | None = None) -> Outcome:
    """Say what the levers do; the cost of winning a customer is that of today."""
    ltvs = [_lifetime(known, some) for some in (Levers(), levers)]
    curves = [_curve(known, some) for some in (Levers(), levers)]
    ratio = payback = None
    if acquisition_cost:
        costs = acquisition_cost, acquisition_cost * levers.acquisition
        ratio = _change(known, *(ltv / cost for ltv, cost in zip(ltvs, costs, strict=True)))
        paid = [_payback(curve, cost) for curve, cost in zip(curves, costs, strict=True)]
        payback = _change(known, *paid)
    money = levers.frequency * levers.basket * levers.margin
    return Outcome(
        equity=_total(known, known.equity_now, known.equity, levers.loss, money),
        purchases=_total(
            known, known.purchases_now, known.purchases, levers.loss, levers.frequency
        ),
        kept=_change(known, *(_at(known, known.kept, loss) for loss in (1.0, levers.loss))),
        ltv=_change(known, *ltvs),
        ratio=ratio,
        payback=payback,
        curve_before=_bounds(known, curves[0]),
        curve_after=_bounds(known, curves[1]),
    )


def one_by_one(known: Known, share: float) -> list[tuple[str, Outcome]]:
    """Say what each lever does alone when it gets better by `share`, which 10 % is 0.1."""
    better = {"loss": 1 - share, "frequency": 1 + share, "basket": 1 + share, "margin": 1 + share}
    if known.margin * (1 + share) > 1:
        del better["margin"]
    moved = [(name, replace(Levers(), **{name: value})) for name, value in better.items()]
    return [(name, outcome(known, levers)) for name, levers in moved]


def _at(known: Known, table: FloatArray, loss: float) -> FloatArray:
    """Read a table of losses at any loss between the first and the last; its axis 1 goes."""
    logs = np.log(np.maximum(table, 1e-300))
    from scipy.interpolate import CubicSpline  # costs each process that starts

    curve = CubicSpline(np.log(known.losses), logs, axis=1)
    found: FloatArray = np.exp(curve(np.log(loss)))
    return found


def _total(known: Known, now: Total, table: FloatArray, loss: float, factor: float) -> Change:
    """Move a published total: a plain factor as it is, a loss with draws and rivals."""
    before = Estimate(now.value, now.low, now.high)
    if loss == 1.0:
        return Change(before, _times(before, factor), _times(before, factor - 1.0))
    ratios = _at(known, table, loss) / _at(known, table, 1.0)
    drawn, rivals = ratios[1 : known.draws + 1], _rivals(known, ratios)
    base = np.log(_at(known, table, 1.0)[1 : known.draws + 1])
    base = _scaled(base - base.mean(), now.parameters)
    rest = np.exp(np.hypot(now.customers, now.model / NORMAL) * CHANCES)
    totals = now.middle * np.exp(base)[:, None] * rest
    gains = [totals * (drawn[:, None] * factor - 1.0)]
    gains += [totals * (rival * factor - 1.0) for rival in rivals]
    value = now.value * ratios[0] * factor
    after = _moved(now, ratios[0], _more_variance(base, drawn), rivals, factor)
    return Change(before, Estimate(value, *after), _envelope(value - now.value, gains))


def _moved(
    now: Total, ratio: float, more: float, rivals: FloatArray, factor: float
) -> tuple[float, float]:
    """Bounds of the total after a change: of the model in use, and of its rivals about it."""
    half = np.sqrt(max(now.half_width**2 + NORMAL**2 * more, 0.0))
    halves = np.append(half, np.full(len(rivals), now.half_width))
    middles = now.middle * factor * np.append(ratio, rivals)
    return float((middles * np.exp(-halves)).min()), float((middles * np.exp(halves)).max())


def _more_variance(base: FloatArray, drawn: FloatArray) -> float:
    """How much more the logarithm varies between draws after the change than before."""
    return float(np.var(base + np.log(drawn)) - np.var(base))


def _scaled(deviations: FloatArray, sd: float) -> FloatArray:
    """Give draws the spread that the published total has."""
    spread = float(deviations.std())
    return deviations * (sd / spread) if spread > 0 else deviations


def _lifetime(known: Known, levers: Levers) -> FloatArray:
    """Margin of a new customer in the horizon, each row with each chance: (rows, chances)."""
    repeats = _at(known, known.new_purchases, levers.loss)
    return _margin(known, levers, repeats)


def _curve(known: Known, levers: Levers) -> FloatArray:
    """Margin of a new customer until each month's end, (rows, chances, months + 1)."""
    months = _at(known, known.months, levers.loss)
    months = np.pad(months, ((0, 0), (1, 0)))
    return np.stack([_margin(known, levers, month) for month in months.T], axis=-1)


def _margin(known: Known, levers: Levers, repeats: FloatArray) -> FloatArray:
    """Margin of a first order and so many repeats; the first column is free of model error."""
    error = np.exp(known.equity_now.model / NORMAL * np.append(0.0, CHANCES))
    later = (known.order_value * repeats * levers.frequency)[:, None] * error
    earned = known.margin * levers.margin * levers.basket
    total: FloatArray = earned * (known.first_order[:, None] + later)
    return total


def _payback(curve: FloatArray, cost: float) -> FloatArray:
    """Months until the cost is brought in; infinite where it is not within those known."""
    reached = curve >= cost
    month = np.argmax(reached, axis=-1)
    last = np.maximum(month - 1, 0)[..., None]
    below = np.take_along_axis(curve, last, -1)[..., 0]
    above = np.take_along_axis(curve, month[..., None], -1)[..., 0]
    part = np.divide(cost - below, above - below, out=np.zeros_like(below), where=above > below)
    found: FloatArray = np.where(month == 0, 0.0, month - 1 + part)
    return np.where(reached.any(-1), found, np.inf)


def _change(known: Known, before: FloatArray, after: FloatArray) -> Change:
    with np.errstate(invalid="ignore"):
        gain = np.nan_to_num(after - before, nan=0.0, posinf=np.inf)
    return Change(_estimate(known, before), _estimate(known, after), _estimate(known, gain))


def _estimate(known: Known, values: FloatArray) -> Estimate:
    """Read value and range off rows × chances; the first column is the one free of error."""
    table = values if values.ndim == 2 else values[:, None]
    free, likely = table[:, 0], table[:, 1:] if table.shape[1] > 1 else table
    drawn = [likely[1 : known.draws + 1], *_rivals(known, likely)]
    return _envelope(float(free[0]), drawn)


def _bounds(known: Known, curve: FloatArray) -> FloatArray:
    found = [_estimate(known, curve[..., month]) for month in range(curve.shape[-1])]
    return np.array([[e.value, e.low, e.high] for e in found]).T


def _rivals(known: Known, rows: FloatArray) -> FloatArray:
    return rows[known.draws + 1 :]


def _envelope(value: float, tables: Iterable[FloatArray]) -> Estimate:
    """Span the ranges of all tables of equally likely values, and the value itself."""
    tails = [np.quantile(t, (TAIL, 1 - TAIL), method="inverted_cdf") for t in tables]
    low, high = min(t[0] for t in tails), max(t[1] for t in tails)
    return Estimate(float(value), float(min(low, value)), float(max(high, value)))


def _times(estimate: Estimate, factor: float) -> Estimate:
    bounds = sorted((estimate.low * factor, estimate.high * factor))
    return Estimate(estimate.value * factor, *bounds)
