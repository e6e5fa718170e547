"""The one look of every picture: colours, type, axes, labels.

Colours are told apart by lightness as well as hue, so they survive colour blindness and a grey
printer. Figures are built in light colours; `DARK` maps each of them to its dark counterpart, and
the page exchanges them. So a colour that is not in `DARK` must not be used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

type Figure = dict[str, Any]

INK = "#1d2329"
MUTED = "#5b6670"
GRID = "#e4e7eb"
AXIS = "#aab2ba"
BLUE = "#0b5cad"
ORANGE = "#b8500a"
GREY = "#7f8993"
PALE = "#c3d4e6"
SHADE = "#f5f1e6"
PAPER = "#ffffff"
CLEAR = "rgba(0,0,0,0)"
HEAT = ("#eef4fa", "#c9dff2", "#9cc5e8", "#6fa9d9")
RAMP = ("#e9f1f9", "#bcd6ee", "#86b6de", "#4c92c9", "#1f6fb2", "#0a4a85")

DARK: dict[str, str] = {
    INK: "#e7eaed",
    MUTED: "#a5afb9",
    GRID: "#2b3239",
    AXIS: "#59636d",
    BLUE: "#6cb2ff",
    ORANGE: "#ffa366",
    GREY: "#8d97a1",
    PALE: "#35506b",
    SHADE: "#23211b",
    PAPER: "#14181c",
    CLEAR: CLEAR,
    **dict(zip(HEAT, ("#1a2530", "#1f3a54", "#28527a", "#2f6596"), strict=True)),
    **dict(
        zip(RAMP, ("#1a2530", "#1f3a54", "#275a85", "#3680bb", "#5aa7e2", "#9fd3ff"), strict=True)
    ),
}

FONTS = (
    'system-ui, -apple-system, "Segoe UI", "Hiragino Sans", "Hiragino Kaku Gothic ProN", '
    '"Yu Gothic UI", "Noto Sans JP", "Noto Sans CJK JP", Meiryo, sans-serif'
)
CONFIG: dict[str, Any] = {
    "displayModeBar": False,
    "displaylogo": False,
    "responsive": False,
    "scrollZoom": False,
    "showTips": False,
    "doubleClick": False,
    "showLink": False,
}


def layout(*, height: int = 340, right: int = 24, **more: Any) -> dict[str, Any]:
    """Layout shared by every picture; `right` leaves room for direct labels, in pixels.

    `meta.narrow` holds what changes on a narrow screen, as paths into the figure.
    """
    base: dict[str, Any] = {
        "height": height,
        "margin": {"l": 56, "r": right, "t": 34, "b": 52},
        "font": {"family": FONTS, "size": 13, "color": INK},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": False,
        "hoverlabel": {"font": {"family": FONTS, "size": 13}},
        "legend": {"orientation": "h", "x": 1, "y": 1.02, "yanchor": "bottom", "xanchor": "right"},
        "meta": {"narrow": {"layout.margin.l": 44, "layout.font.size": 11}},
    }
    return base | more


LEGEND_BELOW_TITLE = {"layout__annotations__0__yshift": 28, "layout__margin__t": 58}
"""What a narrow screen changes where the first annotation and a legend share a line."""


def narrow(figure: Figure, **paths: Any) -> Figure:
    """Add what changes on a narrow screen; `__` in a name stands for a dot."""
    changes = {path.replace("__", "."): value for path, value in paths.items()}
    figure["layout"]["meta"]["narrow"] |= changes
    return figure


def axis(title: str = "", **more: Any) -> dict[str, Any]:
    """Axis with a quiet grid, no zero line and no zooming."""
    base: dict[str, Any] = {
        "title": {"text": title, "standoff": 10, "font": {"color": MUTED, "size": 12}},
        "gridcolor": GRID,
        "linecolor": AXIS,
        "tickfont": {"color": MUTED},
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
    }
    return base | more


def ticks(low: float, high: float, write: Callable[[float], str], count: int = 5) -> dict[str, Any]:
    """Ticks at round values within `low` to `high`, written by the language."""
    step = round_step((high - low) / count)
    if (high - low) / step < 2:
        step = round_step(step / 2.5)
    first, last = math.floor(low / step), math.floor(high / step * (1 + 1e-9))
    values = [step * k for k in range(first, last + 1)]
    return {
        "tickmode": "array",
        "tickvals": values,
        "ticktext": [write(value) for value in values],
        "range": [low, high],
    }


def round_step(step: float) -> float:
    """Round a step up to 1, 2 or 5 times a power of ten; 1 for a step of nothing."""
    if not step > 0 or not math.isfinite(step):
        return 1.0
    power = 10.0 ** math.floor(math.log10(step))
    return float(next(m for m in (1, 2, 5, 10) if m * power >= step * (1 - 1e-9)) * power)


def date_ticks(days: Sequence[Any], write: Callable[[Any], str], count: int = 6) -> dict[str, Any]:
    """Ticks on the first of some months; a date axis of Plotly's own would speak English."""
    months = sorted({(day.year, day.month) for day in days})
    first = days[0]
    firsts = [first.replace(year=year, month=month, day=1) for year, month in months]
    inside = [day for day in firsts if day >= min(days)] or [min(days)]
    chosen = inside[:: max(1, math.ceil(len(inside) / count))]
    return {
        "type": "date",
        "tickmode": "array",
        "tickvals": [f"{day:%Y-%m-%d}" for day in chosen],
        "ticktext": [write(day) for day in chosen],
    }


def label(text: str, x: Any, y: float, colour: str, **more: Any) -> dict[str, Any]:
    """Annotation that names a line where it ends."""
    base: dict[str, Any] = {
        "text": text,
        "x": x,
        "y": y,
        "showarrow": False,
        "xanchor": "left",
        "yanchor": "middle",
        "xshift": 6,
        "align": "left",
        "font": {"color": colour},
    }
    return base | more


def above(text: str, y: str = "y") -> dict[str, Any]:
    """Name of a vertical axis, written level above it: turned text is hard to read."""
    return {
        "text": text,
        "x": 0,
        "y": 1,
        "xref": "paper",
        "yref": f"{y} domain",
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": 6,
        "xshift": -30,
        "showarrow": False,
        "font": {"color": MUTED, "size": 12},
    }


def spread(values: Iterable[float], gap: float, high: float = math.inf) -> list[float]:
    """Move values apart by `gap` at least, keeping their order and, below `high`, their middle."""
    found = list(values)
    order = sorted(range(len(found)), key=found.__getitem__)
    placed = [found[i] for i in order]
    for k in range(1, len(placed)):
        placed[k] = max(placed[k], placed[k - 1] + gap)
    shift = sum(placed[k] - found[i] for k, i in enumerate(order)) / max(len(order), 1)
    shift = max(shift, max(placed, default=0.0) - high)
    moved = dict(zip(order, (value - shift for value in placed), strict=True))
    return [moved[i] for i in range(len(found))]


def safe(text: object) -> str:
    """Escape text that came with the data: Plotly reads some HTML, links among it."""
    return escape(str(text), quote=False)
