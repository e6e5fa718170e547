"""Who carries the value: the Lorenz curve, most valuable customers first."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from pyarrow import Table

from kizuna.charts.style import (
    AXIS,
    BLUE,
    MUTED,
    ORANGE,
    Figure,
    axis,
    label,
    layout,
    narrow,
)
from kizuna.charts.words import PLAIN_ENGLISH, Words

KINDS = {"residual": (BLUE, "solid"), "historical": (ORANGE, "dash")}
MOST_POINTS = 200
TENTHS = [k / 10 for k in range(0, 11, 2)]


def concentration(table: Table, *, words: Words = PLAIN_ENGLISH) -> Figure:
    """Share of value against share of customers, value so far and value to come.

    Parameters
    ----------
    table : `share_of_customers, share_of_value, kind`, shares in [0, 1], most valuable first.
    """
    names = {"residual": words("Value to come"), "historical": words("Value so far")}
    curves = {kind: curve(table, kind) for kind in KINDS}
    traces = [_equal(words)]
    traces += [_line(names[kind], kind, points, words) for kind, points in curves.items() if points]
    notes = [_marker(names[kind], kind, points, words) for kind, points in curves.items() if points]
    scale = {
        "tickmode": "array",
        "tickvals": TENTHS,
        "ticktext": [words.percent(t) for t in TENTHS],
    }
    figure: Figure = {
        "data": traces,
        "layout": layout(
            height=380,
            xaxis=axis(words("Share of customers, most valuable first"), range=[0, 1], **scale),
            yaxis=axis(words("Share of value"), range=[0, 1.03], **scale),
            annotations=[*notes, _equal_label(words)],
        ),
    }
    return narrow(figure, layout__height=320)


def curve(table: Table, kind: str) -> list[tuple[float, float]]:
    """Points of one kind, in order, thinned to what a screen can show, from (0, 0)."""
    points = sorted(
        (row["share_of_customers"], row["share_of_value"])
        for row in table.to_pylist()
        if row["kind"] == kind
    )
    if not points:
        return []
    thin = points[:: max(1, len(points) // MOST_POINTS)]
    ends = [] if thin[-1] == points[-1] else [points[-1]]
    return ([] if thin[0][0] == 0 else [(0.0, 0.0)]) + thin + ends


def share_at(points: list[tuple[float, float]], x: float) -> float:
    """Share of value at a share of customers, straight between points."""
    for (x0, y0), (x1, y1) in pairwise(points):
        if x0 <= x <= x1 and x1 > x0:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[-1][1] if points else 0.0


def _line(name: str, kind: str, points: list[tuple[float, float]], words: Words) -> dict[str, Any]:
    colour, dash = KINDS[kind]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [x for x, _ in points],
        "y": [y for _, y in points],
        "line": {"color": colour, "width": 2.5, "dash": dash},
        "text": [
            words("top {customers}: {value}", customers=words.percent(x, 1), value=words.percent(y))
            for x, y in points
        ],
        "hovertemplate": "%{text}" + f"<extra>{name}</extra>",
    }


def _marker(
    name: str, kind: str, points: list[tuple[float, float]], words: Words
) -> dict[str, Any]:
    """Name each curve where it can be read off: value to come at 10 %, so far at 30 %."""
    x = 0.1 if kind == "residual" else 0.3
    y = share_at(points, x)
    text = words("{name}: top {customers} carry {value}")
    filled = text.format(name=name, customers=words.percent(x), value=words.percent(y))
    return label(
        filled,
        x,
        y,
        KINDS[kind][0],
        showarrow=True,
        arrowhead=0,
        arrowwidth=1,
        arrowcolor=AXIS,
        ax=70,
        ay=46 if kind == "residual" else 84,
        xshift=0,
        bgcolor="rgba(0,0,0,0)",
    )


def _equal(words: Words) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": words("All equal"),
        "x": [0, 1],
        "y": [0, 1],
        "line": {"color": AXIS, "width": 1, "dash": "dot"},
        "hoverinfo": "skip",
    }


def _equal_label(words: Words) -> dict[str, Any]:
    text = words("if all were equal")
    return label(text, 0.62, 0.58, MUTED, yanchor="top", font={"color": MUTED, "size": 11})
