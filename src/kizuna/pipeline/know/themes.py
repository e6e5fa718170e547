"""Themes of the last 365 days: how often, in which mood, what they move, and who is affected."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from kizuna.experience.voice.drivers import difference
from kizuna.pipeline.tables import arrow_schema

if TYPE_CHECKING:
    from kizuna.pipeline.parameters import Run

type Row = dict[str, Any]

COMPLAINING = ("bad", "wish")


@dataclass(frozen=True, slots=True)
class _Said:
    """What all themes are held against: scores by comment, values by customer."""

    kind: str
    scores: Mapping[str, float]
    values: Mapping[str, Row]
    many: int


def themes(
    comments: pa.Table, comment_themes: pa.Table, comment_values: pa.Table, *, run: Run
) -> pa.Table:
    """A row a theme that anybody spoke of."""
    recent = [row for row in comments.to_pylist() if row["recent"]]
    by_theme: dict[str, list[Row]] = {}
    for row in comment_themes.to_pylist():
        if row["recent"]:
            by_theme.setdefault(row["theme"], []).append(row)
    kind = _kind(recent)
    scores = {row["comment_id"]: row[kind] for row in recent if row[kind] is not None}
    values = {row["customer_id"]: row for row in comment_values.to_pylist()}
    said = _Said(kind, scores, values, len(recent))
    rows = [_row(theme, found, said, run) for theme, found in sorted(by_theme.items())]
    return pa.Table.from_pylist(rows, schema=arrow_schema("themes"))


def _kind(recent: list[Row]) -> str:
    """Take the score that more comments have."""
    counts = {kind: sum(row[kind] is not None for row in recent) for kind in ("nps", "csat")}
    return max(counts, key=lambda kind: counts[kind])


def _row(theme: str, found: list[Row], said: _Said, run: Run) -> Row:
    complaints = [row for row in found if row["mood"] in COMPLAINING]
    affected = {row["customer_id"] for row in complaints}
    return {
        "theme": theme,
        "comments": len(found),
        "all_comments": said.many,
        "share": len(found) / said.many,
        "customers": len({row["customer_id"] for row in found}),
        "good": sum(row["mood"] == "good" for row in found),
        "complaints": len(complaints),
        "complaints_90d": _within(complaints, run, 0, 90),
        "complaints_before": _within(complaints, run, 90, 180),
        **_driver({row["comment_id"] for row in found}, said),
        "customers_affected": len(affected),
        "value_affected": float(_sum(affected, "value", said)),
        "mrr_affected": int(_sum(affected, "mrr", said)),
    }


def _driver(mine: set[str], said: _Said) -> Row:
    inside = np.array([score for key, score in said.scores.items() if key in mine])
    outside = np.array([score for key, score in said.scores.items() if key not in mine])
    told = difference(inside, outside)
    return {
        "score": said.kind,
        "delta": told.delta if told else None,
        "delta_low": told.low if told else None,
        "delta_high": told.high if told else None,
        "scored_with": len(inside),
        "scored_without": len(outside),
    }


def _within(rows: list[Row], run: Run, after: int, until: int) -> int:
    first, last = run.as_of - timedelta(days=until), run.as_of - timedelta(days=after)
    return sum(first < row["said_on"] <= last for row in rows)


def _sum(customers: set[str], name: str, said: _Said) -> float:
    known = (said.values.get(customer, {}).get(name) for customer in sorted(customers))
    return math.fsum(value for value in known if value is not None)
