"""Predicted against actual by group: the form that two pictures share."""

from __future__ import annotations

from typing import Any

from kizuna.charts.style import (
    BLUE,
    LEGEND_BELOW_TITLE,
    PALE,
    Figure,
    above,
    axis,
    layout,
    narrow,
    ticks,
)
from kizuna.charts.words import Words


def predicted_and_actual(
    names: list[str],
    predicted: list[float],
    actual: list[float],
    *,
    title: str,
    short_title: str,
    words: Words,
) -> Figure:
    """Bars for what happened, diamonds for what was predicted, one pair a group."""
    top = max([*predicted, *actual, 1e-9])
    figure: Figure = {
        "data": [
            _bars(names, actual, words),
            _diamonds(names, predicted, words),
        ],
        "layout": layout(
            showlegend=True,
            margin={"l": 64, "r": 16, "t": 44, "b": 52},
            xaxis=axis(title, type="category", showgrid=False),
            yaxis=axis(
                "",
                **ticks(0, top * 1.05, lambda value: words.number(value, 0 if top >= 3 else 1)),
            ),
            bargap=0.35,
            annotations=[above(words("Purchases per customer"))],
        ),
    }
    return narrow(figure, layout__xaxis__title__text=short_title, **LEGEND_BELOW_TITLE)


def _bars(names: list[str], values: list[float], words: Words) -> dict[str, Any]:
    name = words("Actual")
    return {
        "type": "bar",
        "name": name,
        "x": names,
        "y": values,
        "text": [words.number(value, 2) for value in values],
        "textposition": "none",
        "marker": {"color": PALE},
        "hovertemplate": "%{text}" + f"<extra>{name}</extra>",
    }


def _diamonds(names: list[str], values: list[float], words: Words) -> dict[str, Any]:
    name = words("Predicted")
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": names,
        "y": values,
        "text": [words.number(value, 2) for value in values],
        "marker": {"color": BLUE, "size": 10, "symbol": "diamond"},
        "hovertemplate": "%{text}" + f"<extra>{name}</extra>",
    }
