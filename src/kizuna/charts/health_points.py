"""What each group of facts gives or takes of one customer's health."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyarrow import Table

from kizuna.charts.style import BLUE, ORANGE, Figure, axis, layout, narrow, ticks
from kizuna.charts.words import PLAIN_ENGLISH, Words


def health_points(
    table: Table, *, names: Mapping[str, str] | None = None, words: Words = PLAIN_ENGLISH
) -> Figure:
    """Bars to the right for what a group gives, to the left for what it takes.

    Parameters
    ----------
    table : `group, points`, in the order in which they are read.
    names : what each group is called.
    """
    rows, called = table.to_pylist(), names or {}
    points = [row["points"] for row in rows]
    reach = max([abs(value) for value in points] + [5.0]) * 1.6
    return narrow(
        {
            "data": [_bars([called.get(r["group"], r["group"]) for r in rows], points, words)],
            "layout": layout(
                height=60 + 44 * max(len(rows), 1),
                margin={"l": 120, "r": 24, "t": 12, "b": 40},
                xaxis=axis("", **ticks(-reach, reach, lambda v: _signed(v, words))),
                yaxis=axis("", type="category", autorange="reversed", showgrid=False),
                bargap=0.35,
            ),
        },
        layout__margin__l=92,
    )


def _bars(names: list[str], points: list[float], words: Words) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "y": names,
        "x": points,
        "text": [_signed(value, words) for value in points],
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": [BLUE if value >= 0 else ORANGE for value in points]},
        "hovertemplate": "%{y}: %{text}<extra></extra>",
    }


def _signed(value: float, words: Words) -> str:
    text = words.number(abs(value))
    if text == words.number(0):
        return text
    return f"+{text}" if value > 0 else f"−{text}"
