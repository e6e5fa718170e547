"""Predicted against actual purchases, week by week, with the unseen part shaded."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from pyarrow import Table

from kizuna.charts.style import (
    BLUE,
    INK,
    MUTED,
    SHADE,
    Figure,
    above,
    axis,
    date_ticks,
    label,
    layout,
    narrow,
    spread,
    ticks,
)
from kizuna.charts.words import PLAIN_ENGLISH, Words

WEEKLY, CUMULATIVE = [0.58, 1.0], [0.0, 0.44]


def tracking(
    table: Table,
    *,
    interval: tuple[float, float] | None = None,
    last_day: date | None = None,
    words: Words = PLAIN_ENGLISH,
) -> Figure:
    """Purchases a week above, their running total below; the holdout is shaded.

    Parameters
    ----------
    table : `week_start, actual_purchases, predicted_purchases, cumulative_actual,
        cumulative_predicted, phase` ("calibration" or "holdout").
    interval : lowest and highest purchases expected in the holdout, less its prediction.
    last_day : end of the log; a week that it cuts short is left out above, where it would look
        like a fall.
    """
    rows = sorted(table.to_pylist(), key=lambda row: row["week_start"])
    weeks = [row["week_start"] for row in rows]
    dates = date_ticks(weeks, words.month) if weeks else {}
    ends = [weeks[0], weeks[-1] + timedelta(days=7)] if weeks else None
    figure: Figure = {
        "data": _lines(rows, _whole(rows, last_day), words, interval),
        "layout": layout(
            height=520,
            right=128,
            xaxis=axis("", anchor="y", showticklabels=False, **(dates | _range(ends))),
            xaxis2=axis("", anchor="y2", **(dates | _range(ends))),
            yaxis=axis("", domain=WEEKLY, **_weekly(rows, words)),
            yaxis2=axis(
                "",
                domain=CUMULATIVE,
                anchor="x2",
                **_running(rows, interval, words),
            ),
            shapes=_shades(rows),
            annotations=[
                above(words("a week")),
                above(words("running total"), "y2"),
                *_labels(rows, words),
            ],
        ),
    }
    few = {f"layout__xaxis2__{k}": dates[k][::2] for k in ("tickvals", "ticktext") if dates}
    return narrow(figure, layout__margin__r=104, layout__height=460, **few)


def holdout_start(rows: list[dict[str, Any]]) -> date | None:
    """First week of the unseen part."""
    return next((row["week_start"] for row in rows if row["phase"] == "holdout"), None)


def _range(ends: list[date] | None) -> dict[str, Any]:
    return {"range": [day.isoformat() for day in ends]} if ends else {}


def _weekly(rows: list[dict[str, Any]], words: Words) -> dict[str, Any]:
    highest = max((max(_pair(row, "{}_purchases")) for row in rows), default=1.0)
    return ticks(0, highest * 1.06, words.number, count=3)


def _running(
    rows: list[dict[str, Any]], interval: tuple[float, float] | None, words: Words
) -> dict[str, Any]:
    """Ticks that leave room for the interval too."""
    highest = max((max(_pair(row, "cumulative_{}")) for row in rows), default=1.0)
    if interval and rows:
        highest = max(highest, rows[-1]["cumulative_predicted"] + interval[1])
    return ticks(0, highest * 1.04, words.number, count=4)


def _pair(row: dict[str, Any], name: str) -> list[float]:
    """Actual and predicted of a week; 0 where one is not known."""
    return [row[name.format(kind)] or 0.0 for kind in ("actual", "predicted")]


def _whole(rows: list[dict[str, Any]], last_day: date | None) -> list[dict[str, Any]]:
    """Weeks that the log covers to their end."""
    return [r for r in rows if not last_day or r["week_start"] + timedelta(days=6) <= last_day]


def _lines(
    rows: list[dict[str, Any]],
    whole: list[dict[str, Any]],
    words: Words,
    interval: tuple[float, float] | None,
) -> list[dict[str, Any]]:
    actual, predicted = words("Actual"), words("Predicted")
    pair = ((actual, "actual", INK, "solid"), (predicted, "predicted", BLUE, "dash"))
    lines = []
    for name, key, colour, dash in pair:
        lines.append(_line(whole, f"{key}_purchases", name, colour, dash, words) | {"xaxis": "x"})
        lines.append(
            _line(rows, f"cumulative_{key}", name, colour, dash, words)
            | {"xaxis": "x2", "yaxis": "y2"}
        )
    return lines + ([_error(rows, interval, words)] if interval and rows else [])


def _line(
    rows: list[dict[str, Any]], key: str, name: str, colour: str, dash: str, words: Words
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [row["week_start"].isoformat() for row in rows],
        "y": [row[key] for row in rows],
        "customdata": [words.day(row["week_start"]) for row in rows],
        "text": ["" if row[key] is None else words.number(row[key], 0) for row in rows],
        "line": {"color": colour, "width": 2, "dash": dash},
        "hovertemplate": words("week of %{customdata}: %{text}") + f"<extra>{name}</extra>",
    }


def _error(
    rows: list[dict[str, Any]], interval: tuple[float, float], words: Words
) -> dict[str, Any]:
    """Bar of the 90% interval of the holdout's total, at its end."""
    below, above = interval
    return {
        "type": "scatter",
        "mode": "markers",
        "name": words("90% interval"),
        "xaxis": "x2",
        "yaxis": "y2",
        "x": [rows[-1]["week_start"].isoformat()],
        "y": [rows[-1]["cumulative_predicted"]],
        "marker": {"color": BLUE, "size": 7},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [above],
            "arrayminus": [-below],
            "color": BLUE,
            "thickness": 1.5,
            "width": 5,
        },
        "hoverinfo": "skip",
    }


def _shades(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    start = holdout_start(rows)
    if start is None:
        return []
    end = rows[-1]["week_start"] + timedelta(days=7)
    return [
        {
            "type": "rect",
            "xref": x,
            "yref": f"{y} domain",
            "y0": 0,
            "y1": 1,
            "layer": "below",
            "x0": start.isoformat(),
            "x1": end.isoformat(),
            "fillcolor": SHADE,
            "line": {"width": 0},
        }
        for x, y in (("x", "y"), ("x2", "y2"))
    ]


def _labels(rows: list[dict[str, Any]], words: Words) -> list[dict[str, Any]]:
    if not rows:
        return []
    return [*_end_labels(rows, words), *_phase_label(rows, words)]


def _end_labels(rows: list[dict[str, Any]], words: Words) -> list[dict[str, Any]]:
    last = rows[-1]
    values = [last["cumulative_actual"], last["cumulative_predicted"]]
    heights = spread(values, max(*values, 1) * 0.12, high=max(values))
    texts = (words("Actual"), words("Predicted"))
    return [
        label(
            f"{text} {words.number(value)}",
            last["week_start"].isoformat(),
            height,
            colour,
            xref="x2",
            yref="y2",
            xshift=10,
        )
        for text, value, height, colour in zip(texts, values, heights, (INK, BLUE), strict=True)
    ]


def _phase_label(rows: list[dict[str, Any]], words: Words) -> list[dict[str, Any]]:
    start = holdout_start(rows)
    if start is None:
        return []
    text = words("not seen by the model")
    return [
        label(
            text,
            start.isoformat(),
            1.0,
            MUTED,
            xref="x",
            yref="y domain",
            yanchor="bottom",
            xshift=2,
            font={"color": MUTED, "size": 12},
        )
    ]
