"""A scorecard: health as people weigh it by hand, without learning anything.

Groups have weights that add to 100, measures have weights within their group. A measure is worth 0
points at its `worst`, 100 at its `best`, and a straight line between; `worst` may be the larger.
What is not known is left out and the rest weighs more; a customer of whom nothing is known has no
score. Exceptions cap the score: "no use for 30 days: at most 40".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from kizuna.experience.calibration import FloatArray


class ScorecardError(ValueError):
    """A scorecard that cannot be counted; the message says which part, and why."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One fact of a scorecard."""

    fact: str
    worst: float
    best: float
    weight: float = 1.0

    def __post_init__(self) -> None:
        if self.worst == self.best:
            raise ScorecardError(f"{self.fact}: worst and best are both {self.worst:g}")
        if not self.weight > 0:
            raise ScorecardError(f"{self.fact}: a weight is above 0, not {self.weight:g}")

    def points(self, values: FloatArray) -> FloatArray:
        """Points of each value, 0 to 100; NaN where not known."""
        return np.clip(100.0 * (values - self.worst) / (self.best - self.worst), 0.0, 100.0)


@dataclass(frozen=True, slots=True)
class Group:
    """Measures that belong together, and what they weigh of 100."""

    name: str
    weight: float
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Ceiling:
    """Cap the score where a fact is at or beyond a limit: above it, or below where `below`."""

    fact: str
    limit: float
    most: float
    below: bool = False

    def holds(self, values: FloatArray) -> NDArray[np.bool_]:
        """Tell where it does; what is not known is no exception."""
        there: NDArray[np.bool_] = values <= self.limit if self.below else values >= self.limit
        return there


@dataclass(frozen=True, slots=True)
class Card:
    """A scorecard.

    Raises
    ------
    ScorecardError
        When the weights do not add to 100, or two groups have the same name.

    """

    groups: tuple[Group, ...]
    exceptions: tuple[Ceiling, ...] = ()

    def __post_init__(self) -> None:
        total = sum(group.weight for group in self.groups)
        if abs(total - 100.0) > 1e-6:
            raise ScorecardError(f"the weights of the groups add to {total:g}, not to 100")
        names = [group.name for group in self.groups]
        if len(set(names)) < len(names):
            raise ScorecardError("two groups have the same name")

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Rebuild one from `to_json`."""
        return cls.from_plain(json.loads(text))

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild one from `plain`."""
        groups = tuple(
            Group(g["name"], g["weight"], tuple(Measure(**m) for m in g["measures"]))
            for g in data["groups"]
        )
        return cls(groups, tuple(Ceiling(**c) for c in data["exceptions"]))

    def to_json(self) -> str:
        """Write all of it."""
        return json.dumps(self.plain())

    def plain(self) -> dict[str, Any]:
        """Write all of it as lists and words."""
        written: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return written

    @property
    def facts(self) -> tuple[str, ...]:
        """Name the facts that it reads."""
        measured = [m.fact for group in self.groups for m in group.measures]
        return tuple(dict.fromkeys([*measured, *(c.fact for c in self.exceptions)]))

    def score(self, facts: Mapping[str, FloatArray]) -> tuple[FloatArray, FloatArray]:
        """Score each customer, and give the points of each group, (rows, groups); NaN: unknown."""
        by_group = np.stack([_weighed(group.measures, facts) for group in self.groups], axis=1)
        weights = np.array([group.weight for group in self.groups])
        score = _mean(by_group, weights)
        for ceiling in self.exceptions:
            values = facts[ceiling.fact]
            score = np.where(ceiling.holds(values), np.minimum(score, ceiling.most), score)
        return score, by_group


def _weighed(measures: tuple[Measure, ...], facts: Mapping[str, FloatArray]) -> FloatArray:
    points = np.stack([m.points(facts[m.fact]) for m in measures], axis=1)
    return _mean(points, np.array([m.weight for m in measures]))


def _mean(points: FloatArray, weights: FloatArray) -> FloatArray:
    """Weighted mean of what is known; NaN where nothing is."""
    known = np.isfinite(points)
    weight = known @ weights
    total = np.where(known, points, 0.0) @ weights
    mean: FloatArray = np.full(len(points), np.nan)
    return np.divide(total, weight, out=mean, where=weight > 0)
