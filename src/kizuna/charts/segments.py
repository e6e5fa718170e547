"""Where customers are and where the value to come is: two shares a segment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyarrow import Table

from kizuna.charts.style import AXIS, BLUE, GREY, Figure, axis, layout, narrow, safe, ticks
from kizuna.charts.words import PLAIN_ENGLISH, Words


def segments(
    table: Table, *, names: Mapping[str, str] | None = None, words: Words = PLAIN_ENGLISH
) -> Figure:
    """Share of customers and share of value to come, a row a segment, most value on top.

    Parameters
    ----------
    table : `rfm_segment, customers, residual_clv` (total of the segment, major units).
    names : words for the keys of segments; a key without one is shown as it is.
    """
    rows = sorted(table.to_pylist(), key=lambda row: row["residual_clv"] or 0.0)
    shown = [safe((names or {}).get(row["rfm_segment"], row["rfm_segment"])) for row in rows]
    people = _shares([float(row["customers"]) for row in rows])
    value = _shares([float(row["residual_clv"] or 0.0) for row in rows])
    top = max([*people, *value, 0.01])
    figure: Figure = {
        "data": [
            _bridges(shown, people, value),
            _points(words("Share of customers"), shown, people, GREY, "circle-open", words),
            _points(words("Share of value to come"), shown, value, BLUE, "circle", words),
        ],
        "layout": layout(
            height=100 + 30 * max(len(rows), 1),
            showlegend=True,
            xaxis=axis("", **ticks(0, top * 1.06, words.percent)),
            yaxis=axis("", type="category", showgrid=False),
        ),
    }
    figure["layout"]["xaxis"]["range"][0] = -0.01
    return narrow(figure, layout__margin__l=90)


def _shares(values: list[float]) -> list[float]:
    total = sum(values)
    return [value / total if total else 0.0 for value in values]


def _bridges(names: list[str], one: list[float], other: list[float]) -> dict[str, Any]:
    xs: list[float | None] = []
    ys: list[str | None] = []
    for name, a, b in zip(names, one, other, strict=True):
        xs += [a, b, None]
        ys += [name, name, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": xs,
        "y": ys,
        "showlegend": False,
        "line": {"color": AXIS, "width": 2},
        "hoverinfo": "skip",
    }


def _points(
    name: str, names: list[str], shares: list[float], colour: str, symbol: str, words: Words
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": shares,
        "y": names,
        "marker": {
            "color": colour,
            "size": 11,
            "symbol": symbol,
            "line": {"width": 2, "color": colour},
        },
        "text": [words.percent(share, 1) for share in shares],
        "hovertemplate": "%{y}: %{text}" + f"<extra>{name}</extra>",
    }
