"""Recurring revenue month by month: what moved it, up and down, and where it stood at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyarrow import Table

from kizuna.charts.style import (
    BLUE,
    GREY,
    INK,
    LEGEND_BELOW_TITLE,
    ORANGE,
    RAMP,
    Figure,
    above,
    axis,
    layout,
    narrow,
    ticks,
)
from kizuna.charts.words import PLAIN_ENGLISH, Words

COLOURS = {
    "new": BLUE,
    "expansion": RAMP[3],
    "reactivation": RAMP[1],
    "contraction": GREY,
    "churn": ORANGE,
}
NAMES = {kind: kind for kind in COLOURS} | {"closing": "closing", "axis": "MRR"}


def mrr_bridge(
    table: Table,
    *,
    minor_units: int = 1,
    names: Mapping[str, str] = NAMES,
    words: Words = PLAIN_ENGLISH,
) -> Figure:
    """Bars of each month's movements on both sides of zero, and a line of the sum at its end.

    Parameters
    ----------
    table : `month, new, expansion, contraction, churn, reactivation, closing` in the order of
        months, of one currency, in minor units.
    minor_units : minor units in one unit of the currency.
    names : what each movement, `closing` and `axis` are called.
    """
    rows = table.to_pylist()
    months = [words.month(row["month"]) for row in rows]
    columns = {n: [row[n] / minor_units for row in rows] for n in (*COLOURS, "closing")}
    low, high = _range(columns)
    figure: Figure = {
        "data": [
            *(_bars(kind, names[kind], months, columns[kind], words) for kind in COLOURS),
            _line(names["closing"], months, columns["closing"], words),
        ],
        "layout": layout(
            height=400,
            showlegend=True,
            barmode="relative",
            margin={"l": 64, "r": 16, "t": 64, "b": 52},
            xaxis=axis("", type="category", showgrid=False, nticks=8),
            yaxis=axis("", **ticks(low, high, words.short_money)),
            annotations=[above(names["axis"])],
            bargap=0.3,
        ),
    }
    return narrow(figure, layout__xaxis__nticks=4, **LEGEND_BELOW_TITLE)


def _range(columns: Mapping[str, list[float]]) -> tuple[float, float]:
    ups = [
        sum(p)
        for p in zip(*(columns[k] for k in ("new", "expansion", "reactivation")), strict=True)
    ]
    downs = [sum(p) for p in zip(*(columns[k] for k in ("contraction", "churn")), strict=True)]
    high = max([*ups, *columns["closing"], 1e-9]) * 1.05
    return min([*downs, *columns["closing"], 0.0]) * 1.1, high


def _bars(
    kind: str, name: str, months: list[str], values: list[float], words: Words
) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": name,
        "x": months,
        "y": values,
        "text": [words.money(value) for value in values],
        "textposition": "none",
        "marker": {"color": COLOURS[kind]},
        "hovertemplate": "%{x}: %{text}" + f"<extra>{name}</extra>",
    }


def _line(name: str, months: list[str], values: list[float], words: Words) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": months,
        "y": values,
        "text": [words.money(value) for value in values],
        "line": {"color": INK, "width": 2},
        "marker": {"color": INK, "size": 6},
        "hovertemplate": "%{x}: %{text}" + f"<extra>{name}</extra>",
    }
