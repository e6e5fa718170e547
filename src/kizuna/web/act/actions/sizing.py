"""How many to hold out: from the published spread of margin, before anything is done."""

from __future__ import annotations

from dataclasses import dataclass

from kizuna.experiments.power import Sizing
from kizuna.web.act.actions.models import MOST_HELD_OUT, Action
from kizuna.web.know.publications.queries import Published

TABLE = "margin_spread"
LEAST, MOST = 0.2, 0.5
"""Between these lies the share that is advised until the first verdict: so it is known sooner."""
ROUND = 100


@dataclass(frozen=True, slots=True)
class Size:
    """What a test of so many customers can tell; amounts in minor units a customer.

    `is_assumed`: neither an effect nor a cost was said, so a tenth of the mean stands in, as it
    does in a verdict. `holdout` is the smallest share that can conclude, None where even half is
    too few; `needed` is how many customers show the effect at the share that is set; `detectable`
    the smallest effect that `customers` show at that share.
    """

    customers: int
    worth: float
    is_own_worth: bool
    is_assumed: bool
    mean: float
    horizon_days: int
    holdout: float | None
    needed: int
    detectable: float | None

    @property
    def is_enough(self) -> bool:
        """Whether the share that is set can conclude."""
        return self.customers >= self.needed


def size(action: Action, state: Published | None, customers: int | None) -> Size | None:
    """Size an action; None where nothing is published by which to tell, or nothing matters yet."""
    spread = _spread(action, state)
    many = customers or action.planned_units
    if spread is None or not many or spread["mean"] <= 0 or spread["deviation"] <= 0:
        return None
    mean = spread["mean"]
    said = action.worth or action.cost_per_unit
    worth = said or mean / 10
    asked = Sizing(spread["deviation"] / mean, spread["removed"], always_on=action.always_on)
    effect, share = worth / mean, action.holdout
    smallest = asked.smallest_holdout(effect, many)
    is_share = 0 < share < 1
    return Size(
        customers=many,
        worth=worth,
        is_own_worth=bool(action.worth),
        is_assumed=not said,
        mean=mean,
        horizon_days=int(spread["horizon_days"]),
        holdout=None if smallest is None else _rounded(smallest),
        needed=asked.customers(effect, share if is_share else MOST),
        detectable=asked.detectable(many, share) * mean if is_share else None,
    )


def _spread(action: Action, state: Published | None) -> dict[str, float] | None:
    """Give the spread of the horizon that is next to the action's."""
    if state is None or not state.has(TABLE):
        return None
    rows = state.table(TABLE).to_pylist()
    wanted = action.horizon_days
    return min(rows, key=lambda row: abs(row["horizon_days"] - wanted)) if rows else None


def _rounded(share: float) -> float:
    """Round a share up to a whole percent, within what makes sense."""
    up = -(-share * ROUND // 1) / ROUND
    return min(max(up, LEAST), MOST, MOST_HELD_OUT)
