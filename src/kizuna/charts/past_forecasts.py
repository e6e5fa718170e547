"""Forecasts whose time is over: what was said, how sure it was, and what came."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from pyarrow import Table

from kizuna.charts.style import (
    AXIS,
    BLUE,
    LEGEND_BELOW_TITLE,
    ORANGE,
    Figure,
    above,
    axis,
    layout,
    narrow,
    ticks,
)
from kizuna.charts.words import PLAIN_ENGLISH, Words


def past_forecasts(table: Table, *, words: Words = PLAIN_ENGLISH) -> Figure:
    """Intervals with what came, one a forecast, the earliest first.

    Parameters
    ----------
    table : `made_on, horizon_days, predicted_purchases, purchases_low, purchases_high,
        actual_purchases`, forecasts of one kind.
    """
    rows = sorted(table.to_pylist(), key=lambda row: (row["made_on"], row["horizon_days"]))
    names = [_span(row["made_on"], row["horizon_days"], words) for row in rows]
    keys = ("purchases_high", "actual_purchases")
    top = max([row[key] for row in rows for key in keys], default=1.0)
    figure: Figure = {
        "data": [_forecast(names, rows, words), _came(names, rows, words)],
        "layout": layout(
            showlegend=True,
            margin={"l": 56, "r": 24, "t": 44, "b": 64},
            xaxis=axis(
                "",
                type="category",
                showgrid=False,
                tickmode="array",
                tickvals=list(range(len(names))),
                ticktext=names,
            ),
            yaxis=axis("", **ticks(0, max(top, 1e-9) * 1.06, words.number)),
            annotations=[above(words("Purchases"))],
        ),
    }
    months = [words.month(row["made_on"] + timedelta(days=1)) for row in rows]
    return narrow(figure, layout__xaxis__ticktext=months, **LEGEND_BELOW_TITLE)


def _span(made_on: date, days: int, words: Words) -> str:
    """First and last day of what was forecast, on two lines."""
    first, last = made_on + timedelta(days=1), made_on + timedelta(days=days)
    return f"{words.day(first)}<br>– {words.day(last)}"


def _forecast(names: list[str], rows: list[dict[str, Any]], words: Words) -> dict[str, Any]:
    name, middle = words("Predicted, with 90% interval"), [r["predicted_purchases"] for r in rows]
    highs = [row["purchases_high"] - row["predicted_purchases"] for row in rows]
    lows = [row["predicted_purchases"] - row["purchases_low"] for row in rows]
    bars = {"type": "data", "symmetric": False, "array": highs, "arrayminus": lows}
    return _points(name, names, middle, BLUE, "diamond", words) | {
        "error_y": bars | {"color": AXIS, "thickness": 2, "width": 7}
    }


def _came(names: list[str], rows: list[dict[str, Any]], words: Words) -> dict[str, Any]:
    values = [row["actual_purchases"] for row in rows]
    return _points(words("Actual"), names, values, ORANGE, "circle-open", words)


def _points(
    name: str, names: list[str], values: list[float], colour: str, symbol: str, words: Words
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": names,
        "y": values,
        "marker": {
            "color": colour,
            "size": 11,
            "symbol": symbol,
            "line": {"width": 2, "color": colour},
        },
        "text": [words.number(value) for value in values],
        "hovertemplate": "%{text}" + f"<extra>{name}</extra>",
    }
