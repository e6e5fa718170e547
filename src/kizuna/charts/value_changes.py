"""What moved customer equity in a month: from before to now, part by part."""

from __future__ import annotations

from typing import Any

from pyarrow import Table

from kizuna.charts.style import (
    AXIS,
    BLUE,
    GREY,
    INK,
    ORANGE,
    Figure,
    above,
    axis,
    layout,
    narrow,
    ticks,
)
from kizuna.charts.words import PLAIN_ENGLISH, Words

MOVES = ("new", "bought", "returned", "silent")


def value_changes(table: Table, *, minor_units: int = 1, words: Words = PLAIN_ENGLISH) -> Figure:
    """Bars that begin where the one before ends: gains in blue, losses in orange.

    Parameters
    ----------
    table : `part, customers, value` (minor units), one row for each of `part_names`.
    minor_units : minor units in one unit of the currency.
    """
    values = {row["part"]: row["value"] / minor_units for row in table.to_pylist()}
    names = part_names(words)
    shown = [part for part in names if part in values and (part not in MOVES or values[part])]
    levels = _levels(values, shown)
    low, high = _range([end for pair in levels for end in pair])
    moved = {part: words.money(values[part]) for part in shown}
    signed = {p: f"+{t}" if p in MOVES and values[p] > 0 else t for p, t in moved.items()}
    figure: Figure = {
        "data": [
            _bars([names[p] for p in shown], shown, levels, [signed[p] for p in shown], low),
            _bridges([names[p] for p in shown], levels),
        ],
        "layout": layout(
            xaxis=axis("", type="category", showgrid=False),
            yaxis=axis("", **ticks(low, high, words.short_money)),
            annotations=[above(words("Customer equity"))],
            bargap=0.4,
        ),
    }
    return narrow(figure, data__0__textposition="none", layout__xaxis__tickfont__size=10)


def part_names(words: Words) -> dict[str, str]:
    """Names of the parts, in the order in which they are told."""
    return {
        "before": words("A month ago"),
        "new": words("New customers"),
        "bought": words("Bought again"),
        "returned": words("Only returned goods"),
        "silent": words("Did not buy"),
        "now": words("Now"),
    }


def _levels(values: dict[str, float], shown: list[str]) -> list[tuple[float, float]]:
    """Where each bar begins and ends; the first and the last stand on the ground."""
    found, level = [], 0.0
    for part in shown:
        if part in MOVES:
            found.append((level, level + values[part]))
            level += values[part]
        else:
            level = values[part]
            found.append((0.0, level))
    return found


def _range(ends: list[float]) -> tuple[float, float]:
    """Show the steps, which are small beside the whole: the ground may lie below the picture."""
    tops = [end for end in ends if end] or [1.0]
    low, high = min(tops), max(tops)
    room = max(high - low, 0.02 * abs(high), 1e-9)
    return min(max(low - 1.5 * room, 0.0), low), high + 0.35 * room


def _bars(
    names: list[str],
    shown: list[str],
    levels: list[tuple[float, float]],
    texts: list[str],
    low: float,
) -> dict[str, Any]:
    pairs = [(max(min(pair), low), max(pair)) for pair in levels]
    colours = [
        GREY if part not in MOVES else BLUE if end >= begin else ORANGE
        for part, (begin, end) in zip(shown, levels, strict=True)
    ]
    return {
        "type": "bar",
        "x": names,
        "base": [bottom for bottom, _ in pairs],
        "y": [top - bottom for bottom, top in pairs],
        "text": texts,
        "textposition": "outside",
        "textfont": {"color": INK, "size": 12},
        "cliponaxis": False,
        "marker": {"color": colours},
        "hovertemplate": "%{x}: %{text}<extra></extra>",
    }


def _bridges(names: list[str], levels: list[tuple[float, float]]) -> dict[str, Any]:
    xs: list[str | None] = []
    ys: list[float | None] = []
    for k, (_, end) in enumerate(levels[:-1]):
        xs += [names[k], names[k + 1], None]
        ys += [end, end, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": xs,
        "y": ys,
        "line": {"color": AXIS, "width": 1, "dash": "dot"},
        "hoverinfo": "skip",
    }
