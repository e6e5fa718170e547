"""Scores of surveys with what chance leaves open: NPS, CSAT, CES, shares and their changes.

NPS (Reichheld 2003): share of 9 and 10 less share of 0 to 6, in points. With shares p and d of n
answers its standard error is √((p + d − (p − d)²) / n). Where there are few answers, or all are of
one sort and that error is 0, the interval is that of Rocks (2016): three answers are added, 3/4 to
either end and 3/2 between, before the formula is used. CSAT is the share of the top two of the
scale, with Wilson's interval; CES 2.0 the mean from 1 to 7, with Student's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtri, stdtrit

from kizuna.experience.calibration import share_interval

LEVEL = 0.90
LEAST = 5
"""Answers before a score is told."""
MANY = 30
"""Answers from which on the plain formula of NPS holds its level."""


@dataclass(frozen=True, slots=True)
class Score:
    """A score, its standard error, and the ends of its interval."""

    estimate: float
    error: float
    low: float
    high: float
    answers: int

    @property
    def margin(self) -> float:
        """Half the width of the interval."""
        return (self.high - self.low) / 2


def nps(detractors: int, passives: int, promoters: int, *, level: float = LEVEL) -> Score | None:
    """Give the net promoter score, −100 to 100; None of fewer than `LEAST` answers."""
    n = detractors + passives + promoters
    if n < LEAST:
        return None
    estimate, error = _net(promoters, detractors, n)
    middle, wide = estimate, error
    if n < MANY or error == 0.0:
        middle, wide = _net(promoters + 0.75, detractors + 0.75, n + 3)
    reach = _normal(level) * wide
    low, high = max(middle - reach, -100.0), min(middle + reach, 100.0)
    return Score(estimate, error, min(low, estimate), max(high, estimate), n)


def share(count: int, of: int, *, level: float = LEVEL) -> Score | None:
    """Give a share in percent: CSAT's top two, CES' agreement, response rates."""
    if of < LEAST:
        return None
    low, high = share_interval(count, of, level)
    p = count / of
    return Score(100 * p, 100 * math.sqrt(p * (1 - p) / of), 100 * low, 100 * high, of)


def mean(n: int, total: float, squares: float, *, level: float = LEVEL) -> Score | None:
    """Give a mean of n answers from their sum and their sum of squares."""
    if n < LEAST:
        return None
    middle = total / n
    variance = max(squares - n * middle * middle, 0.0) / (n - 1)
    error = math.sqrt(variance / n)
    reach = float(stdtrit(n - 1, 0.5 + level / 2)) * error
    return Score(middle, error, middle - reach, middle + reach, n)


def change(now: Score, before: Score, *, level: float = LEVEL) -> Score:
    """Give how far a score moved between two waves.

    Who answered twice is taken for two people: the interval is rather too wide than too narrow.
    """
    moved, error = now.estimate - before.estimate, math.hypot(_error(now), _error(before))
    reach = _normal(level) * error
    return Score(moved, error, moved - reach, moved + reach, now.answers)


def _net(promoters: float, detractors: float, n: float) -> tuple[float, float]:
    p, d = promoters / n, detractors / n
    return 100 * (p - d), 100 * math.sqrt(max(p + d - (p - d) ** 2, 0.0) / n)


def _normal(level: float) -> float:
    return float(ndtri(0.5 + level / 2))


def _error(score: Score) -> float:
    """Standard error that the interval speaks of, which is not 0 where all answers are alike."""
    return max(score.error, score.margin / _normal(LEVEL))
