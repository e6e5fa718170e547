"""What a customer of each channel costs and is worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyarrow import Table

from kizuna.charts.style import AXIS, BLUE, ORANGE, Figure, axis, layout, narrow, safe, ticks
from kizuna.charts.words import PLAIN_ENGLISH, Words


def channel_values(
    table: Table, *, names: Mapping[str, str] | None = None, words: Words = PLAIN_ENGLISH
) -> Figure:
    """Acquisition cost and lifetime value, a row a channel, the most valuable on top.

    Parameters
    ----------
    table : `channel, cac, ltv, ltv_low, ltv_high`, one row a channel, in major units.
    names : words for the keys of channels; a key without one is shown as it is.
    """
    rows = sorted(table.to_pylist(), key=lambda row: row["ltv"] or 0.0)
    shown = [safe((names or {}).get(row["channel"], row["channel"])) for row in rows]
    keys = ("cac", "ltv", "ltv_high")
    top = max([row[key] for row in rows for key in keys if row[key] is not None], default=1.0)
    figure: Figure = {
        "data": [
            _costs(shown, rows, words),
            _values(shown, rows, words),
        ],
        "layout": layout(
            height=110 + 34 * max(len(rows), 1),
            showlegend=True,
            xaxis=axis("", **ticks(0, max(top, 1e-9) * 1.06, words.short_money)),
            yaxis=axis("", type="category", showgrid=False),
        ),
    }
    return narrow(figure, layout__margin__l=90)


def _costs(names: list[str], rows: list[dict[str, Any]], words: Words) -> dict[str, Any]:
    name = words("Acquisition cost")
    return _points(name, names, [row["cac"] for row in rows], ORANGE, "diamond-open", words)


def _values(names: list[str], rows: list[dict[str, Any]], words: Words) -> dict[str, Any]:
    name, values = words("Lifetime value"), [row["ltv"] for row in rows]
    bars = {
        "type": "data",
        "symmetric": False,
        "array": [_gap(row["ltv_high"], row["ltv"]) for row in rows],
        "arrayminus": [_gap(row["ltv"], row["ltv_low"]) for row in rows],
        "color": AXIS,
        "thickness": 2,
        "width": 5,
    }
    return _points(name, names, values, BLUE, "circle", words) | {"error_x": bars}


def _gap(high: float | None, low: float | None) -> float:
    return 0.0 if high is None or low is None else high - low


def _points(
    name: str,
    names: list[str],
    values: list[float | None],
    colour: str,
    symbol: str,
    words: Words,
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": values,
        "y": names,
        "marker": {
            "color": colour,
            "size": 11,
            "symbol": symbol,
            "line": {"width": 2, "color": colour},
        },
        "text": ["" if value is None else words.money(value) for value in values],
        "hovertemplate": "%{y}: %{text}" + f"<extra>{name}</extra>",
    }
