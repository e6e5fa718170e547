"""The score of a survey wave by wave, each with its interval."""

from __future__ import annotations

from typing import Any

from pyarrow import Table

from kizuna.charts.style import (
    BLUE,
    PALE,
    Figure,
    above,
    axis,
    layout,
    ticks,
)
from kizuna.charts.words import PLAIN_ENGLISH, Words


def survey_scores(
    waves: Table, *, low: float, high: float, name: str = "Score", words: Words = PLAIN_ENGLISH
) -> Figure:
    """One point a wave with a bar for its interval; a wave of too few answers leaves a gap.

    Parameters
    ----------
    waves : `label, score, score_low, score_high`, in their order; numbers are empty where unknown.
    low, high : ends of the scale.
    name : of the axis.
    """
    rows = waves.to_pylist()
    return {
        "data": [_points(rows, name, words)],
        "layout": layout(
            height=300,
            margin={"l": 52, "r": 16, "t": 40, "b": 48},
            xaxis=axis("", showgrid=False, type="category"),
            yaxis=axis("", **ticks(low, high, words.number)),
            annotations=[above(name)],
        ),
    }


def _points(rows: list[dict[str, Any]], name: str, words: Words) -> dict[str, Any]:
    known = [row["score"] is not None for row in rows]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": [row["label"] for row in rows],
        "y": [row["score"] for row in rows],
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [_reach(row, "score_high") for row in rows],
            "arrayminus": [_reach(row, "score_low") for row in rows],
            "color": BLUE,
            "thickness": 1.5,
            "width": 6,
        },
        "text": [
            f"{row['label']}: {_said(row, words)}" if told else f"{row['label']}: –"
            for row, told in zip(rows, known, strict=True)
        ],
        "line": {"color": PALE, "width": 2},
        "marker": {"color": BLUE, "size": 9},
        "connectgaps": False,
        "hovertemplate": "%{text}<extra></extra>",
    }


def _reach(row: dict[str, Any], end: str) -> float | None:
    return None if row["score"] is None else abs(row[end] - row["score"])


def _said(row: dict[str, Any], words: Words) -> str:
    ends = [words.number(row[end], 1) for end in ("score_low", "score_high")]
    return f"{words.number(row['score'], 1)} ({ends[0]} – {ends[1]})"
