"""What a book of contracts still brings, month by month, when terms are renewed with some chance.

Contracts of a group share the length of their terms and the months that are still bound. At each
end of a term they go on with the chance of the group, which is itself not known exactly: it is
drawn from the beta distribution that the renewals seen so far leave. Contracts are independent
given it. The first ends have chances of their own: nobody of the group has given notice yet, so
the sooner the end, the likelier it is got over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

type FloatArray = NDArray[np.float64]

DRAWS = 4_000
PRIOR = 2.0
"""Weight, in terms, of what is seen of all other lengths of terms together."""
FEW = 1.0
"""Terms of either outcome added to what is seen: one renewal of one is no certainty."""


@dataclass(frozen=True, slots=True)
class Chance:
    """Chance to go on at the end of a term: a beta distribution."""

    kept: float
    lost: float

    @property
    def mean(self) -> float:
        """Expected chance."""
        return self.kept / (self.kept + self.lost)

    @classmethod
    def of(cls, due: int, kept: int, all_due: int, all_kept: int) -> Chance:
        """Give the chance after terms that were seen, beginning from that of all the others."""
        pooled = (all_kept - kept + FEW) / (all_due - due + 2 * FEW)
        return cls(kept + PRIOR * pooled, due - kept + PRIOR * (1 - pooled))


@dataclass(frozen=True, slots=True)
class Group:
    """Contracts alike: `step` months a term, `left` months bound; without a chance they end.

    `first` holds the chances of the first ends of terms, in order; `chance` is that of all later.
    """

    mrr: float
    squares: float
    step: int
    left: int
    chance: Chance | None
    first: tuple[Chance, ...] = ()

    def renewals(self, month: int) -> int:
        """Count the ends of terms to get over until the end of a month ahead."""
        return 0 if month <= self.left else 1 + (month - self.left - 1) // self.step

    def share(self, month: int) -> float:
        """Give the expected share that still runs at the end of a month ahead."""
        passed = self.renewals(month)
        if self.chance is None:
            return float(passed == 0)
        # the mean of a power of a beta variable, not the power of its mean
        terms = np.arange(max(passed - len(self.first), 0))
        total = self.chance.kept + self.chance.lost
        later = float(np.prod((self.chance.kept + terms) / (total + terms)))
        return later * float(np.prod([chance.mean for chance in self.first[:passed]]))

    def nth(self, passed: int) -> Chance | None:
        """Give the chance at the end of a term after so many that were got over."""
        return self.first[passed] if passed < len(self.first) else self.chance


def committed(groups: Sequence[Group], months: int) -> FloatArray:
    """Give what is bound at the end of each month ahead."""
    return np.array(
        [sum(g.mrr for g in groups if g.renewals(h) == 0) for h in range(1, months + 1)]
    )


def expected(groups: Sequence[Group], months: int) -> FloatArray:
    """Give what is expected at the end of each month ahead."""
    return np.array([sum(g.mrr * g.share(h) for g in groups) for h in range(1, months + 1)])


def simulated(
    groups: Sequence[Group], months: int, rng: np.random.Generator, draws: int = DRAWS
) -> FloatArray:
    """Draw what is brought in each month ahead: draws × months."""
    total = np.zeros((draws, months))
    chances: dict[tuple[int, int, Chance], FloatArray] = {}

    def drawn(group: Group, passed: int) -> FloatArray:
        chance = group.nth(passed)
        assert chance is not None
        key = (group.step, min(passed, len(group.first)), chance)
        if key not in chances:
            chances[key] = rng.beta(chance.kept, chance.lost, draws)
        return chances[key]

    for group in groups:
        if group.chance is None:
            total += np.array([group.mrr * group.share(h) for h in range(1, months + 1)])
        else:
            total += _drawn(group, months, draws, drawn, rng)
    return total


def _drawn(
    group: Group,
    months: int,
    draws: int,
    chance: Callable[[Group, int], FloatArray],
    rng: np.random.Generator,
) -> FloatArray:
    """Draw one group: as many equal contracts as have the spread of those that there are."""
    count = max(round(group.mrr**2 / group.squares), 1)
    left = np.full(draws, count)
    found, passed = np.empty((draws, months)), 0
    for month in range(1, months + 1):
        while passed < group.renewals(month):
            left = rng.binomial(left, chance(group, passed))
            passed += 1
        found[:, month - 1] = left
    return found * (group.mrr / count)
