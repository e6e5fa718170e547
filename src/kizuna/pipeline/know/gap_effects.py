"""Complaints before and after an improvement, as shares of all comments, over equally many days.

The interval is that of a difference of two independent shares by Newcombe (1998), method 10. What
else changed meanwhile is not taken out: only a held-out group could tell.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from kizuna.pipeline.tables import arrow_schema

if TYPE_CHECKING:
    from kizuna.pipeline.parameters import Run

type Row = dict[str, Any]

LONGEST, Z = 90, 1.6448536269514722


def gap_effects(
    service_gaps: pa.Table, theme_days: pa.Table, comments: pa.Table, *, run: Run
) -> pa.Table:
    """A row for each gap whose improvement went live."""
    said = comments["said_on"].to_pylist()
    days = theme_days.to_pylist()
    gaps = [row for row in service_gaps.to_pylist() if _began(row["improved_on"], run.as_of)]
    rows = [_row(gap, [d for d in days if d["theme"] == gap["theme"]], said, run) for gap in gaps]
    return pa.Table.from_pylist(rows, schema=arrow_schema("gap_effects"))


def _began(day: date | None, as_of: date) -> bool:
    return day is not None and day <= as_of


def _row(gap: Row, days: list[Row], said: list[date], run: Run) -> Row:
    start = gap["improved_on"]
    length = min((run.as_of - start).days + 1, LONGEST)
    spans = (start - timedelta(days=length), start), (start, start + timedelta(days=length))
    before, after = (_complaints(days, *span) for span in spans)
    before_of, after_of = (sum(first <= day < end for day in said) for first, end in spans)
    counts = {"before": before, "before_of": before_of, "after": after, "after_of": after_of}
    told = {"gap_id": gap["gap_id"], "theme": gap["theme"], "days": length}
    return {**told, **counts, **_change(before, before_of, after, after_of)}


def _complaints(days: Iterable[Row], first: date, end: date) -> int:
    return sum(day["complaints"] for day in days if first <= day["said_on"] < end)


def _change(before: int, before_of: int, after: int, after_of: int) -> Row:
    if not before_of or not after_of:
        return {"change": None, "change_low": None, "change_high": None}
    p, q = after / after_of, before / before_of
    (p_low, p_high), (q_low, q_high) = wilson(after, after_of), wilson(before, before_of)
    return {
        "change": p - q,
        "change_low": p - q - math.hypot(p - p_low, q_high - q),
        "change_high": p - q + math.hypot(p_high - p, q - q_low),
    }


def wilson(count: int, of: int) -> tuple[float, float]:
    """Give the 90 % interval of a share by Wilson (1927)."""
    share, square = count / of, Z * Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    reach = Z / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(middle - reach, 0.0), min(middle + reach, 1.0)
