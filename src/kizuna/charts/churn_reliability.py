"""Do as many leave as was forecast: predicted and observed share, in ten bins."""

from __future__ import annotations

from typing import Any

from pyarrow import Table

from kizuna.charts.style import (
    AXIS,
    BLUE,
    GREY,
    LEGEND_BELOW_TITLE,
    Figure,
    above,
    axis,
    layout,
    narrow,
    ticks,
)
from kizuna.charts.words import PLAIN_ENGLISH, Words


def churn_reliability(
    table: Table,
    *,
    names: tuple[str, str, str] = ("what came", "a perfect forecast", "share that left"),
    title: str = "Forecast probability of leaving",
    words: Words = PLAIN_ENGLISH,
) -> Figure:
    """Points with 90 % intervals beside the line on which a perfect forecast lies.

    Parameters
    ----------
    table : `predicted, observed, observed_low, observed_high`, shares, one row a bin.
    names : of the points, of the line, and of the upright axis.
    """
    rows = sorted(table.to_pylist(), key=lambda row: row["predicted"])
    top = min(1.0, max([row["observed_high"] for row in rows] + [0.1]) * 1.08)
    scale = ticks(0, top, words.percent)
    return narrow(
        {
            "data": [_line(top, names[1]), _points(rows, names[0], words)],
            "layout": layout(
                showlegend=True,
                margin={"l": 56, "r": 16, "t": 44, "b": 52},
                xaxis=axis(title, **scale),
                yaxis=axis("", **scale),
                annotations=[above(names[2])],
            ),
        },
        **LEGEND_BELOW_TITLE,
    )


def _line(top: float, name: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [0, top],
        "y": [0, top],
        "line": {"color": GREY, "width": 1.5, "dash": "dot"},
        "hoverinfo": "skip",
    }


def _points(rows: list[dict[str, Any]], name: str, words: Words) -> dict[str, Any]:
    above_ = [row["observed_high"] - row["observed"] for row in rows]
    below = [row["observed"] - row["observed_low"] for row in rows]
    bars = {"type": "data", "symmetric": False, "array": above_, "arrayminus": below}
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [row["predicted"] for row in rows],
        "y": [row["observed"] for row in rows],
        "text": [words.percent(row["observed"]) for row in rows],
        "marker": {"color": BLUE, "size": 9},
        "error_y": bars | {"color": AXIS, "thickness": 2, "width": 6},
        "hovertemplate": "%{text}" + f"<extra>{name}</extra>",
    }
