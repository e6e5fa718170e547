"""Who carries the value: the Lorenz curve, most valuable customers first."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from pyarrow import Table

from kizuna.charts.style import (
    AXIS,
    BLUE,
    LEGEND_BELOW_TITLE,
    MUTED,
    ORANGE,
    Figure,
    above,
    axis,
    label,
    layout,
    narrow,
)
from kizuna.charts.words import PLAIN_ENGLISH, Words

KINDS = {"residual": (BLUE, "solid"), "historical": (ORANGE, "dash")}
MOST_POINTS = 200
SHARES = [0, 0.2, 0.4, 0.6, 0.8, 1]


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
    traces.append(_dots(curves))
    scale = {
        "tickmode": "array",
        "tickvals": SHARES,
        "ticktext": [words.percent(t) for t in SHARES],
    }
    figure: Figure = {
        "data": traces,
        "layout": layout(
            height=380,
            xaxis=axis(words("Share of customers, most valuable first"), range=[0, 1], **scale),
            yaxis=axis("", range=[0, _top(curves)], **scale),
            showlegend=True,
            annotations=[
                above(words("Share of value")),
                *_marks(curves, words),
                _equal_label(words),
            ],
        ),
    }
    return narrow(figure, layout__height=340, **LEGEND_BELOW_TITLE)


def _top(curves: dict[str, list[tuple[float, float]]]) -> float:
    """Highest share: above 1 where some customers have a negative value."""
    return max([1.0, *(y for points in curves.values() for _, y in points)]) * 1.03


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


def _marks(curves: dict[str, list[tuple[float, float]]], words: Words) -> list[dict[str, Any]]:
    """Read both curves at 10%: the upper one above itself, the lower one below, out of the way."""
    found = sorted(((share_at(c, 0.1), kind) for kind, c in curves.items() if c), reverse=True)
    places: tuple[dict[str, Any], ...] = (
        {"xanchor": "center", "yanchor": "bottom", "xshift": -6, "yshift": 2},
        {"yanchor": "top"},
    )
    return [
        label(f"<b>{words.percent(y)}</b>", 0.1, y, KINDS[kind][0], **place)
        for (y, kind), place in zip(found, places, strict=False)
    ]


def _dots(curves: dict[str, list[tuple[float, float]]]) -> dict[str, Any]:
    found = [(share_at(points, 0.1), KINDS[kind][0]) for kind, points in curves.items() if points]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [0.1 for _ in found],
        "y": [y for y, _ in found],
        "marker": {"color": [colour for _, colour in found], "size": 9},
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _equal(words: Words) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": words("All equal"),
        "x": [0, 1],
        "y": [0, 1],
        "line": {"color": AXIS, "width": 1, "dash": "dot"},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _equal_label(words: Words) -> dict[str, Any]:
    text = words("if all were equal")
    return label(text, 0.62, 0.58, MUTED, yanchor="top", font={"color": MUTED, "size": 11})
