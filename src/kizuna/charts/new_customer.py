"""What a new customer brings month by month, now and under a scenario, and when that pays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kizuna.charts.style import (
    BLUE,
    GREY,
    ORANGE,
    PALE,
    Figure,
    above,
    axis,
    layout,
    narrow,
    ticks,
)
from kizuna.charts.words import PLAIN_ENGLISH, Words

type Curve = Sequence[float]

LEGEND_BELOW_AXIS = {
    "layout__legend__x": 0,
    "layout__legend__xanchor": "left",
    "layout__legend__y": -0.3,
    "layout__legend__yanchor": "top",
    "layout__margin__b": 150,
}
"""What a narrow screen changes: so many names need lines of their own."""


def new_customer(
    now: Curve,
    then: Sequence[Curve],
    costs: tuple[float, float] | None = None,
    *,
    words: Words = PLAIN_ENGLISH,
) -> Figure:
    """Draw margin after months 0, 1, …: now, and under a scenario with its range.

    Parameters
    ----------
    now : the estimate as things are.
    then : the estimate under the scenario, and the bounds of its range.
    costs : of winning a customer, now and under the scenario.

    """
    months = list(range(len(now)))
    estimate, low, high = then
    top = max([*high, *now, *(costs or ())], default=1.0)
    traces = [
        _range(months, low, high, words),
        _line(words("Now"), months, now, GREY, "dash", words),
        _line(words("With the change"), months, estimate, BLUE, "solid", words),
        *_costs(len(now) - 1, costs, words),
    ]
    figure: Figure = {
        "data": traces,
        "layout": layout(
            showlegend=True,
            margin={"l": 64, "r": 16, "t": 44, "b": 52},
            xaxis=axis(words("Months since first order"), range=[0, len(now) - 1], dtick=6),
            yaxis=axis(**ticks(0, (top or 1.0) * 1.05, words.short_money)),
            annotations=[above(words("Margin per new customer"))],
        ),
    }
    return narrow(figure, **LEGEND_BELOW_AXIS)


def _range(months: list[int], low: Curve, high: Curve, words: Words) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": words("90% range"),
        "x": [*months, *reversed(months)],
        "y": [*high, *reversed(low)],
        "fill": "toself",
        "fillcolor": PALE,
        "opacity": 0.55,
        "line": {"width": 0},
        "hoverinfo": "skip",
    }


def _line(
    name: str, months: list[int], curve: Curve, colour: str, dash: str, words: Words
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": months,
        "y": list(curve),
        "text": [words.money(value) for value in curve],
        "line": {"color": colour, "width": 2.5, "dash": dash},
        "hovertemplate": words("%{x} months: %{text}") + f"<extra>{name}</extra>",
    }


def _costs(last: int, costs: tuple[float, float] | None, words: Words) -> list[dict[str, Any]]:
    """Level lines of the costs; one where both are the same."""
    if costs is None:
        return []
    now, then = costs
    lines = [_cost(words("Cost of winning a customer"), last, then, "solid", words)]
    if now != then:
        lines.append(_cost(words("Cost of winning a customer, now"), last, now, "dot", words))
    return lines


def _cost(name: str, last: int, cost: float, dash: str, words: Words) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [0, last],
        "y": [cost, cost],
        "text": [words.money(cost)] * 2,
        "line": {"color": ORANGE, "width": 2, "dash": dash},
        "hovertemplate": "%{text}" + f"<extra>{name}</extra>",
    }
