"""Margin by score: points with their intervals, what else was known held alike."""

from __future__ import annotations

from typing import Any

from pyarrow import Table

from kizuna.charts.style import AXIS, BLUE, Figure, above, axis, layout, ticks
from kizuna.charts.words import PLAIN_ENGLISH, Words


def score_margin(
    table: Table,
    *,
    names: tuple[str, str] = ("Score", "margin of the days after, all else alike"),
    words: Words = PLAIN_ENGLISH,
) -> Figure:
    """Points with 90 % intervals; no line is drawn through them, for nothing caused is shown.

    Parameters
    ----------
    table : `score, margin, margin_low, margin_high`, one row a bin.
    names : of the score, and of the upright axis.
    """
    rows = sorted(table.to_pylist(), key=lambda row: row["score"])
    low = min([row["margin_low"] for row in rows] + [0.0])
    high = max([row["margin_high"] for row in rows] + [0.0])
    room = (high - low or 1.0) * 0.06
    return {
        "data": [_points(rows, words)],
        "layout": layout(
            margin={"l": 72, "r": 16, "t": 36, "b": 52},
            xaxis=axis(names[0]),
            yaxis=axis("", **ticks(low - room, high + room, words.short_money)),
            annotations=[above(names[1])],
        ),
    }


def _points(rows: list[dict[str, Any]], words: Words) -> dict[str, Any]:
    more = [row["margin_high"] - row["margin"] for row in rows]
    less = [row["margin"] - row["margin_low"] for row in rows]
    bars = {"type": "data", "symmetric": False, "array": more, "arrayminus": less}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [row["score"] for row in rows],
        "y": [row["margin"] for row in rows],
        "text": [words.money(row["margin"]) for row in rows],
        "marker": {"color": BLUE, "size": 9},
        "error_y": bars | {"color": AXIS, "thickness": 2, "width": 6},
        "hovertemplate": "%{x:.1f}: %{text}<extra></extra>",
    }
