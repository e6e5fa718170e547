"""What may be said of an action, in one word.

The interval of the effect is held against what the action costs. Where arms are not as large as
they were to be nothing is said; where the data cannot tell, that is said, with how many customers
are missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kizuna.experiments.effect import Effect
from kizuna.experiments.interval import LEVEL, Interval
from kizuna.experiments.power import more_customers
from kizuna.experiments.sequential import Sequence
from kizuna.experiments.srm import SampleRatio


class Word(StrEnum):
    """Verdicts."""

    EARNS = "earns"  # surely more than it costs
    HARMS = "harms"  # customers are surely worth less for it
    USELESS = "useless"  # surely less than it costs, or than is worth knowing
    UNKNOWN = "unknown"  # the interval holds both
    EARLY = "early"  # too few units to look
    MISMATCH = "mismatch"  # arms are not as large as they were to be


@dataclass(frozen=True, slots=True)
class Verdict:
    """A word, the interval that it is read from, and how many customers are missing."""

    word: Word
    interval: Interval | None
    more: int | None = None


def verdict(
    effect: Effect,
    arms: SampleRatio,
    *,
    cost: float = 0.0,
    worth: float | None = None,
    sequence: Sequence | None = None,
    level: float = LEVEL,
) -> Verdict:
    """Judge the effect on margin before the action's cost.

    `cost` is of one treated unit; `worth` the smallest effect that matters (else the cost). With a
    `sequence` the holdout is always on and looked at any time; without it this is the one look.
    """
    if not arms.holds:
        return Verdict(Word.MISMATCH, None)
    interval = sequence.interval(effect) if sequence else effect.interval(level)
    if interval is None:
        fewest = sequence.fewest_controls if sequence else 0
        return Verdict(Word.EARLY, None, _until_first_look(effect, fewest))
    least = max(cost, worth or 0.0)
    word = _read(interval, cost, least)
    if word is not Word.UNKNOWN:
        return Verdict(word, interval)
    aim = _margin_to_show(effect, cost, least)
    more = more_customers(effect, aim, level=interval.level, always_on=bool(sequence))
    return Verdict(word, interval, more)


def _read(interval: Interval, cost: float, least: float) -> Word:
    if interval.low > cost:
        return Word.EARNS
    if interval.high < 0:
        return Word.HARMS
    return Word.USELESS if interval.high < least else Word.UNKNOWN


def _until_first_look(effect: Effect, fewest: int) -> int:
    """Units of both arms until the smaller one is large enough, at the present share."""
    small = max(min(effect.control, effect.treated), 1)
    return -(-(fewest - small) * effect.units // small)


def _margin_to_show(effect: Effect, cost: float, least: float) -> float:
    """Give the effect to size for: what is worth knowing, else a tenth of the control's mean."""
    tenth = abs(effect.control_mean) / 10 or effect.error
    return least or cost or tenth or 1.0
