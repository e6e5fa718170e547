"""An effect as it grows with the days since eligibility, within bounds that bear looking."""

from __future__ import annotations

from typing import Any

from pyarrow import Table

from kizuna.charts.style import AXIS, BLUE, CLEAR, PALE, Figure, above, axis, layout, ticks
from kizuna.charts.words import PLAIN_ENGLISH, Words


def effect_curve(
    days: Table,
    *,
    names: tuple[str, str] = ("Days since eligibility", "Earned per customer until then"),
    words: Words = PLAIN_ENGLISH,
) -> Figure:
    """A line, and a band around it where enough are held out.

    Parameters
    ----------
    days : `day_no, effect, effect_low, effect_high`, in the order of days, in the major unit.
    names : of the axes.
    """
    rows = days.to_pylist()
    ends = [
        row[k]
        for row in rows
        for k in ("effect", "effect_low", "effect_high")
        if row[k] is not None
    ]
    low, high = min([0.0, *ends]), max([0.0, *ends, 1e-9])
    room = (high - low) * 0.05
    last = rows[-1]["day_no"] if rows else 1
    zero = {"x0": 0, "x1": last, "y0": 0, "y1": 0, "line": {"color": AXIS, "width": 1.5}}
    return {
        "data": [*_band(rows), _line(rows, words)],
        "layout": layout(
            height=300,
            xaxis=axis(names[0], showgrid=False, **ticks(0, last * 1.02, words.number)),
            yaxis=axis("", **ticks(low - room, high + room, words.short_money)),
            shapes=[{"type": "line", "xref": "x", "yref": "y", **zero}],
            annotations=[above(names[1])],
        ),
    }


def _band(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known = [row for row in rows if row["effect_low"] is not None]
    if len(known) < 2:
        return []
    days = [row["day_no"] for row in known]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [*days, *reversed(days)],
            "y": [
                *(row["effect_high"] for row in known),
                *(row["effect_low"] for row in reversed(known)),
            ],
            "fill": "toself",
            "fillcolor": PALE,
            "line": {"color": CLEAR, "width": 0},
            "hoverinfo": "skip",
        }
    ]


def _line(rows: list[dict[str, Any]], words: Words) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [row["day_no"] for row in rows],
        "y": [row["effect"] for row in rows],
        "text": [f"{words.number(row['day_no'])}: {words.money(row['effect'])}" for row in rows],
        "line": {"color": BLUE, "width": 2.5},
        "hovertemplate": "%{text}<extra></extra>",
    }
