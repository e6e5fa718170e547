"""How much of the recurring revenue of twelve months before is kept, month by month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyarrow import Table

from kizuna.charts.style import (
    BLUE,
    INK,
    LEGEND_BELOW_TITLE,
    Figure,
    above,
    axis,
    layout,
    narrow,
    ticks,
)
from kizuna.charts.words import PLAIN_ENGLISH, Words

COLOURS = {"net_retention": BLUE, "gross_retention": INK}
DASHES = {"net_retention": "solid", "gross_retention": "dot"}
"""Lines differ in more than their colour."""
NAMES = {"net_retention": "net", "gross_retention": "gross"}


def kept_revenue(
    table: Table, *, names: Mapping[str, str] = NAMES, words: Words = PLAIN_ENGLISH
) -> Figure:
    """Two lines: with growth and without it.

    Parameters
    ----------
    table : `month, net_retention, gross_retention` in the order of months, of one currency.
    names : what each line is called.
    """
    rows = table.to_pylist()
    months = [words.month(row["month"]) for row in rows]
    lines = {kind: [row[kind] for row in rows] for kind in COLOURS}
    values = [*lines["net_retention"], *lines["gross_retention"], 1.0]
    low, high = min(values), max(values)
    room = max(high - low, 0.02) * 0.1
    figure: Figure = {
        "data": [_line(names[kind], kind, months, line, words) for kind, line in lines.items()],
        "layout": layout(
            height=320,
            showlegend=True,
            margin={"l": 64, "r": 16, "t": 64, "b": 52},
            xaxis=axis("", type="category", showgrid=False, nticks=8),
            yaxis=axis("", **ticks(low - room, high + room, lambda v: words.percent(v, 0))),
            annotations=[above("%")],
        ),
    }
    return narrow(figure, layout__xaxis__nticks=4, **LEGEND_BELOW_TITLE)


def _line(
    name: str, kind: str, months: list[str], values: list[float], words: Words
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": months,
        "y": values,
        "text": [words.percent(value, 1) for value in values],
        "line": {"color": COLOURS[kind], "width": 2, "dash": DASHES[kind]},
        "marker": {"color": COLOURS[kind], "size": 6},
        "hovertemplate": "%{x}: %{text}" + f"<extra>{name}</extra>",
    }
