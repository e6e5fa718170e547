"""Does the log begin in the middle of the shop's life? Then old customers look new.

Customers are placed by their first order in the log, in windows of 30 days. Where the shop was
there before the log, its old customers all make a "first" order in the first windows: many more
than later windows bring; and those who buy often turn up first, so that early arrivals come back
sooner than later ones. Only both signs together count: a launch or a season brings many, but new
ones. A cohort (all customers chosen by an early first order, nobody later) is told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import median
from typing import Literal

from kizuna.pipeline.engine import Engine

type Verdict = Literal["truncated", "cohort", "complete", "unknown"]

WINDOW_DAYS, RETURN_DAYS = 30, 60
FEWEST_WINDOWS = 5
LEAST_RATIO = 1.5
"""Early arrivals as a multiple of later ones, from which they are more than chance."""
Z_ARRIVALS, Z_RETURN = 4.0, 3.0
"""Standard errors by which early customers must differ from later ones."""
SAMPLE_ROWS = 1_000_000
"""Orders from which on a share of the customers is looked at."""


@dataclass(frozen=True, slots=True)
class Window:
    """Arrivals of 30 days, and how many of them bought again within 60."""

    arrivals: int
    returned: int


@dataclass(frozen=True, slots=True)
class LeftTruncation:
    """What the arrivals say about the time before the log.

    Attributes
    ----------
    verdict : truncated (old customers look new), cohort (all chosen by an early first order),
        complete, or unknown (the log is too short to tell).
    arrivals : customers by the window of their first order, from the first day on.
    ratio : arrivals of the first window over the median of the later half of the log.
    old_customers : early arrivals beyond that median: about how many were not new.
    early_return, later_return : share of first-window and of later-half arrivals that bought again
        on another day within 60 days.

    """

    verdict: Verdict
    arrivals: tuple[int, ...]
    ratio: float | None = None
    old_customers: int = 0
    early_return: float | None = None
    later_return: float | None = None

    @property
    def values(self) -> dict[str, float]:
        """Values of the sentence in `TEXTS`."""
        return {
            "first": self.arrivals[0],
            "customers": sum(self.arrivals),
            "days": WINDOW_DAYS,
            "ratio": self.ratio or 0.0,
            "early": 100 * (self.early_return or 0.0),
            "later": 100 * (self.later_return or 0.0),
            "old": self.old_customers,
        }

    def __str__(self) -> str:
        return TEXTS[self.verdict].format(**self.values)


TEXTS: dict[Verdict, str] = {
    "truncated": "The log seems to begin in the middle of the shop's life: {first:,} of "
    "{customers:,} customers have their first order in its first {days} days, {ratio:.1f} times as "
    "many as in {days} days later on, and {early:.0f} % of them bought again within 60 days, "
    "against {later:.0f} % later. About {old:,} customers are older than they look, and the models "
    "take them for new; a longer log would mend it.",
    "cohort": "All customers have their first order early in the log and nobody came later: the "
    "estimates are for a cohort, not for a shop that wins new customers.",
    "complete": "nothing says that customers were there before the log begins",
    "unknown": "the log is too short to tell whether customers were there before it begins",
}


def left_truncation(engine: Engine) -> LeftTruncation:
    """Judge from `transactions` whether the log begins in the middle of the shop's life."""
    share = 1 + engine.count("transactions") // SAMPLE_ROWS
    rows = engine.query(SQL.format(share=share)).to_pylist()
    windows = [Window(row["arrivals"] * share, row["returned"] * share) for row in rows]
    last = max((i for i, window in enumerate(windows) if window.arrivals), default=0)
    arrivals = tuple(window.arrivals for window in windows)
    if len(windows) >= FEWEST_WINDOWS and last < len(windows) // 3:
        return LeftTruncation("cohort", arrivals)
    followed = [window for window, row in zip(windows, rows, strict=True) if row["followed"]]
    if len(followed) < FEWEST_WINDOWS:
        return LeftTruncation("unknown", arrivals)
    return _judge(arrivals, followed, share)


def _judge(arrivals: tuple[int, ...], followed: list[Window], share: int) -> LeftTruncation:
    """Compare the first window with the later half, of windows whose customers were followed."""
    first, half = followed[0], followed[len(followed) // 2 :]
    usual = max(median(window.arrivals for window in half), share)
    later = Window(sum(w.arrivals for w in half), sum(w.returned for w in half))
    ratio = first.arrivals / usual
    many = ratio >= LEAST_RATIO and (first.arrivals - usual) > Z_ARRIVALS * sqrt(usual * share)
    sooner = _standard_errors(first, later, share) > Z_RETURN
    old = sum(max(0, window.arrivals - usual) for window in followed[: -len(half)])
    return LeftTruncation(
        "truncated" if many and sooner else "complete",
        arrivals,
        ratio,
        round(old) if many and sooner else 0,
        _rate(first),
        _rate(later),
    )


def _rate(window: Window) -> float:
    return window.returned / max(window.arrivals, 1)


def _standard_errors(one: Window, other: Window, share: int) -> float:
    """By how many standard errors the first window's share of returns is above the other's."""
    total = max(one.arrivals + other.arrivals, 1)
    pooled = (one.returned + other.returned) / total
    size = sum(1 / max(window.arrivals / share, 1) for window in (one, other))
    error = sqrt(pooled * (1 - pooled) * size)
    return (_rate(one) - _rate(other)) / error if error else 0.0


SQL = f"""
WITH days AS (
    SELECT DISTINCT customer_id, ordered_on AS day FROM transactions
    WHERE amount >= 0 AND hash(customer_id) % {{share}} = 0
), firsts AS (
    SELECT customer_id, min(day, 2) AS earliest FROM days GROUP BY customer_id
), bounds AS (
    SELECT min(day) AS start, date_diff('day', min(day), max(day)) + 1 AS days FROM days
), placed AS (
    SELECT
        date_diff('day', start, earliest[1]) // {WINDOW_DAYS} AS place,
        coalesce(date_diff('day', earliest[1], earliest[2]) <= {RETURN_DAYS}, false) AS returned
    FROM firsts CROSS JOIN bounds
), windows AS (
    SELECT unnest(range((days - 1) // {WINDOW_DAYS} + 1)) AS place, days FROM bounds
)
SELECT
    count(placed.place) AS arrivals,
    count(*) FILTER (WHERE placed.returned) AS returned,
    any_value(days) >= (windows.place + 1) * {WINDOW_DAYS} + {RETURN_DAYS} AS followed
FROM windows LEFT JOIN placed USING (place) GROUP BY windows.place ORDER BY windows.place
"""
