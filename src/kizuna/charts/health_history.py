"""Health of one customer over time: as it was told then, and by the model of now."""

from __future__ import annotations

from typing import Any

from pyarrow import Table

from kizuna.charts.style import (
    BLUE,
    INK,
    LEGEND_BELOW_TITLE,
    Figure,
    above,
    axis,
    date_ticks,
    layout,
    narrow,
    ticks,
)
from kizuna.charts.words import PLAIN_ENGLISH, Words


def health_history(
    told: Table,
    computed: Table,
    *,
    names: tuple[str, str, str] = ("told then", "by the model of now", "Health"),
    words: Words = PLAIN_ENGLISH,
) -> Figure:
    """Two lines from 0 to 100; a day on which it was not known leaves a gap.

    Parameters
    ----------
    told, computed : `day, health`, in the order of days.
    names : of the two lines, and of the axis.
    """
    lines = [told.to_pylist(), computed.to_pylist()]
    days = sorted({row["day"] for rows in lines for row in rows})
    dates = date_ticks(days, words.month) if days else {}
    return narrow(
        {
            "data": [
                _line(names[1], lines[1], INK, "dot", words),
                _line(names[0], lines[0], BLUE, "solid", words),
            ],
            "layout": layout(
                height=300,
                showlegend=True,
                margin={"l": 48, "r": 16, "t": 44, "b": 40},
                xaxis=axis("", showgrid=False, **dates),
                yaxis=axis("", **ticks(0, 100, words.number)),
                annotations=[above(names[2])],
            ),
        },
        **LEGEND_BELOW_TITLE,
    )


def _line(
    name: str, rows: list[dict[str, Any]], colour: str, dash: str, words: Words
) -> dict[str, Any]:
    values = [row["health"] for row in rows]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": [row["day"].isoformat() for row in rows],
        "y": values,
        "text": [
            f"{words.day(row['day'])}: {'–' if value is None else words.number(value)}"
            for row, value in zip(rows, values, strict=True)
        ],
        "line": {"color": colour, "width": 2, "dash": dash},
        "marker": {"color": colour, "size": 6},
        "connectgaps": False,
        "hovertemplate": "%{text}" + f"<extra>{name}</extra>",
    }
