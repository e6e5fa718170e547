"""A finished experiment that was made elsewhere: from sums of its arms to what came of it.

It was planned and is over, so it is read once. Each pair of arms is compared as measured (means,
each arm with its own variance, 95 %) and, beside, as our own actions are: covariates taken out and
the variance of a small arm drawn toward that of a large one, 90 %.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np

from kizuna.experiments.effect import Effect, effect
from kizuna.experiments.interval import Interval
from kizuna.experiments.moments import Moments
from kizuna.experiments.roi import known_cost
from kizuna.experiments.srm import SampleRatio, sample_ratio
from kizuna.experiments.verdict import verdict
from kizuna.pipeline.errors import InputError

PLAIN_LEVEL: Final = 0.95
ALL: Final = "*"

type Row = dict[str, Any]


class RefusedError(InputError):
    """A file that cannot be compared; `code` and `values` say why in any language."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(SAID[code].format(**values))
        self.code, self.values = code, {name: str(value) for name, value in values.items()}


SAID: Final = {
    "no_control": "no row has {control!r} in the column {arm!r}",
    "few_groups": "the column {arm!r} needs two groups or more, of two rows at least",
    "many_groups": "the column {arm!r} has {n} values: a group is one of 2 to {most}",
    "no_column": "the file has no column {name!r}; it has {columns}",
    "no_outcome": "name at least one column that was measured",
    "two_things": "a column is one thing only: the group, measured, or known before",
    "repeated": "{unit!r} stands in {n} rows: give one row for each, summed up",
}
"""Why a file is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which column is what.

    Attributes
    ----------
    arm, control : the column of the arm, and which of its values was held out.
    outcomes : columns of what was measured, one of which may be `money`.
    covariates : columns known before the start.
    unit : column that tells units apart; each may stand in one row only.
    cost, cost_column : of a treated unit, in the unit of the money; or the column that has it.
    margin : share of the money that is earned.
    held_out : chance of the control; the others share the rest. None: all arms the same.

    """

    arm: str
    control: str
    outcomes: tuple[str, ...]
    money: str = ""
    covariates: tuple[str, ...] = ()
    unit: str = ""
    cost: float = 0.0
    cost_column: str = ""
    margin: float = 1.0
    held_out: float | None = None

    @property
    def numbers(self) -> tuple[str, ...]:
        """Columns that must be numbers, each once."""
        cost = (self.cost_column,) if self.cost_column else ()
        return tuple(dict.fromkeys((*self.outcomes, *self.covariates, *cost)))

    def to_dict(self) -> dict[str, Any]:
        """Write it, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Plan:
        """Rebuild one from `to_dict`."""
        lists = {name: tuple(data[name]) for name in ("outcomes", "covariates")}
        return cls(**{**data, **lists})


@dataclass(frozen=True, slots=True, eq=False)
class Arm:
    """Sums over the units of one arm, in the order of `Plan.numbers`."""

    name: str
    n: int
    sums: np.ndarray
    products: np.ndarray
    binary: tuple[bool, ...]

    def moments(self, columns: Sequence[int]) -> Moments:
        """Give the moments of some columns, the outcome first."""
        some = list(columns)
        return Moments.from_sums(self.n, self.sums[some], self.products[np.ix_(some, some)])


def outside(arms: Sequence[Arm], plan: Plan) -> dict[str, Any]:
    """Compare the arms in each outcome; give all of it as JSON has it.

    Raises
    ------
    RefusedError
        When there is nothing to compare.

    """
    by_name = {arm.name: arm for arm in arms}
    if plan.control not in by_name:
        raise RefusedError("no_control", control=plan.control, arm=plan.arm)
    if len(by_name) < 2 or min(arm.n for arm in arms) < 2:
        raise RefusedError("few_groups", arm=plan.arm)
    ratio = _ratio(arms, plan)
    pairs = _pairs(by_name, plan.control)
    return {
        "control": plan.control,
        "arms": [{"arm": arm.name, "n": arm.n} for arm in arms],
        "sample_ratio": {"p": ratio.p, "chi_squared": ratio.chi_squared, "due": ratio.expected},
        "outcomes": [_outcome(name, arms, pairs, plan, ratio) for name in plan.outcomes],
    }


def _ratio(arms: Sequence[Arm], plan: Plan) -> SampleRatio:
    held = 1.0 / len(arms) if plan.held_out is None else plan.held_out
    rest = (1.0 - held) / (len(arms) - 1)
    shares = [held if arm.name == plan.control else rest for arm in arms]
    return sample_ratio([arm.n for arm in arms], shares)


def _pairs(arms: Mapping[str, Arm], control: str) -> list[tuple[Arm, Arm]]:
    """Hold each arm against the control, all of them together, and one another."""
    treated = [arm for name, arm in sorted(arms.items()) if name != control]
    found = [(arm, arms[control]) for arm in treated]
    if len(treated) > 1:
        found += [(_together(treated), arms[control]), *combinations(treated, 2)]
    return found


def _together(arms: Sequence[Arm]) -> Arm:
    sums = np.sum([arm.sums for arm in arms], axis=0)
    products = np.sum([arm.products for arm in arms], axis=0)
    return Arm(ALL, sum(arm.n for arm in arms), sums, products, arms[0].binary)


def _outcome(
    name: str,
    arms: Sequence[Arm],
    pairs: Sequence[tuple[Arm, Arm]],
    plan: Plan,
    ratio: SampleRatio,
) -> Row:
    place = plan.numbers.index(name)
    kind = "number"
    if name == plan.money:
        kind = "money"
    elif all(arm.binary[place] for arm in arms):
        kind = "share"
    return {
        "name": name,
        "kind": kind,
        "arms": [_seen(arm, place) for arm in arms],
        "contrasts": [_contrast(t, c, place, plan, kind, ratio) for t, c in pairs],
    }


def _seen(arm: Arm, place: int) -> Row:
    own = arm.moments([place])
    row: Row = {"arm": arm.name, "n": arm.n, "sum": float(arm.sums[place])}
    row |= {"squares": float(arm.products[place, place]), "mean": float(own.mean[0])}
    return row | {"variance": own.variance}


def _contrast(t: Arm, c: Arm, place: int, plan: Plan, kind: str, ratio: SampleRatio) -> Row:
    """Compare two arms, as measured and with covariates taken out."""
    known = [plan.numbers.index(name) for name in plan.covariates if name != plan.numbers[place]]
    columns = [place, *known]
    bare = _bare(t.moments([place]), c.moments([place]), kind)
    found = effect(t.moments(columns), c.moments(columns))
    plain = bare.interval(PLAIN_LEVEL)
    share = bare.relative()
    row: Row = {"arm": t.name, "against": c.name, "treated": t.n, "control": c.n}
    row |= {"plain_effect": bare.difference, "plain_error": bare.error, "z": bare.z, "p": bare.p}
    row |= {"plain_low": plain.low, "plain_high": plain.high}
    row |= {"plain_relative": share.estimate if share else None}
    row |= {"variance_removed": found.variance_removed if known else None}
    row |= {"error": found.error, **_ends("effect", found.interval())}
    if kind == "money":
        row |= _money(found, bare, _cost(t, plan) - _cost(c, plan), plan, ratio)
    return row


def _bare(t: Moments, c: Moments, kind: str) -> Effect:
    """Compare means as they are; the variance of a share is p (1 - p)."""
    found = effect(t, c, variance="own")
    if kind != "share":
        return found
    errors = ((arm.mean[0] * (1.0 - arm.mean[0]) / arm.n) ** 0.5 for arm in (t, c))
    means = found.treated_mean, found.control_mean
    return Effect(t.n, c.n, *means, *map(float, errors))


def _money(found: Effect, bare: Effect, cost: float, plan: Plan, ratio: SampleRatio) -> Row:
    """Say what came back of the cost, and give the verdict."""
    margin = found.scaled(plan.margin)
    said = verdict(margin, ratio, cost=cost)
    came = known_cost(margin.interval(), found.treated, cost)
    paid = bare.difference * plan.margin / cost - 1.0 if cost > 0 else None
    row: Row = {"verdict": said.word.value, "more_units": said.more, "more_weeks": None}
    row |= {"unit_cost": cost, "level": came.margin.level, "plain_roi": paid}
    row |= {"sample_ratio_p": ratio.p, "roi": None, "roi_low": None, "roi_high": None}
    row |= {"margin_error": margin.error, **_ends("margin", margin.interval())}
    row |= _ends("total", came.margin) | _ends("net", came.net)
    return row | (_ends("roi", came.roi) if came.roi else {})


def _cost(arm: Arm, plan: Plan) -> float:
    """Cost of a unit of an arm: those held out cost nothing, but for what their column says."""
    if plan.cost_column:
        return float(arm.sums[plan.numbers.index(plan.cost_column)] / arm.n)
    return 0.0 if arm.name == plan.control else plan.cost


def _ends(name: str, interval: Interval) -> Row:
    return {name: interval.estimate, f"{name}_low": interval.low, f"{name}_high": interval.high}
