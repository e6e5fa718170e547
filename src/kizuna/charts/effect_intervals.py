"""What an action earned, as points with their intervals: by days, or action by action."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyarrow import Table

from kizuna.charts.style import (
    AXIS,
    BLUE,
    GREY,
    INK,
    MUTED,
    ORANGE,
    Figure,
    axis,
    label,
    layout,
    safe,
    ticks,
)
from kizuna.charts.words import PLAIN_ENGLISH, Words


def effect_intervals(
    effects: Table,
    *,
    names: tuple[str, str, str] = ("Earned per customer", "nothing", "its cost"),
    cost: float | None = None,
    words: Words = PLAIN_ENGLISH,
) -> Figure:
    """One line a row, from the lower to the upper end, with a point at the estimate.

    Parameters
    ----------
    effects : `label, effect, low, high, settled`; ends may be empty, what is not settled is grey.
    names : of the axis, of the line at 0, and of the line at the cost.
    cost : of a customer, where the line is to stand.
    """
    rows = effects.to_pylist()
    ends = [row[k] for row in rows for k in ("low", "high", "effect") if row[k] is not None]
    low, high = min([0.0, cost or 0.0, *ends]), max([0.0, cost or 0.0, *ends])
    room = (high - low or 1.0) * 0.06
    lines = [_upright(0.0, names[1], AXIS, "solid", "right" if (cost or 0.0) > 0 else "center")]
    if cost:
        lines.append(_upright(cost, names[2], ORANGE, "dash", "left" if cost > 0 else "right"))
    return {
        "data": [trace for k, row in enumerate(rows) for trace in _traces(k, row, words)],
        "layout": layout(
            height=110 + 44 * len(rows),
            margin={"l": 96, "r": 24, "t": 30, "b": 64},
            xaxis=axis(names[0], **ticks(low - room, high + room, words.short_money)),
            yaxis=axis(
                "",
                tickmode="array",
                tickvals=list(range(len(rows))),
                ticktext=[safe(row["label"]) for row in rows],
                range=[len(rows) - 0.4, -0.6],
                showgrid=False,
            ),
            shapes=[line for line, _ in lines],
            annotations=[note for _, note in lines],
        ),
    }


def _upright(
    x: float, text: str, colour: str, dash: str, side: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    line = {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": x,
        "x1": x,
        "y0": 0,
        "y1": 1,
        "line": {"color": colour, "width": 1.5, "dash": dash},
    }
    at = {"yref": "paper", "yanchor": "bottom", "xanchor": side, "xshift": 0}
    ink = MUTED if colour == AXIS else colour
    return line, label(text, x, 1.0, ink, **at) | {"font": {"color": ink, "size": 12}}


def _traces(place: int, row: dict[str, Any], words: Words) -> Sequence[dict[str, Any]]:
    colour = BLUE if row["settled"] else GREY
    text = f"{safe(row['label'])}: {words.money(row['effect'])}"
    point = {
        "type": "scatter",
        "mode": "markers",
        "x": [row["effect"]],
        "y": [place],
        "text": [text],
        "marker": {"color": colour, "size": 11, "symbol": "circle", "line": {"color": INK}},
        "hovertemplate": "%{text}<extra></extra>",
    }
    if row["low"] is None:
        return [point]
    bar = {
        "type": "scatter",
        "mode": "lines",
        "x": [row["low"], row["high"]],
        "y": [place, place],
        "text": [f"{words.money(row['low'])} – {words.money(row['high'])}"] * 2,
        "line": {"color": colour, "width": 4},
        "hovertemplate": "%{text}<extra></extra>",
    }
    return [bar, point]
