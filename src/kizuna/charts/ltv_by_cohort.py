"""How the value of a customer grows with age, by the month of the first order."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import accumulate
from typing import Any

from pyarrow import Table

from kizuna.charts.style import (
    INK,
    MUTED,
    ORANGE,
    PAPER,
    RAMP,
    Figure,
    above,
    axis,
    label,
    layout,
    narrow,
    spread,
    ticks,
)
from kizuna.charts.words import PLAIN_ENGLISH, Words

FEW = 6
"""Cohorts up to which each line is drawn in full."""

type Curve = list[tuple[int, float]]


def ltv_by_cohort(
    table: Table, *, cost: float | None = None, words: Words = PLAIN_ENGLISH
) -> Figure:
    """Cumulative value per customer by age in months; one line a cohort, and their mean.

    Parameters
    ----------
    table : `cohort, age_months, customers, cumulative_value_per_customer`, one row a cohort × age.
    cost : value at which a customer has paid back what winning him cost; drawn through the curves.
    """
    curves, mean = _curves(table), mean_curve(table)
    ends = [value for curve in [*curves.values(), mean] for _, value in curve]
    top = max([*ends, cost or 0.0], default=1.0)
    last = max((age for curve in curves.values() for age, _ in curve), default=1)
    traces = [
        _line(words.month(cohort), curve, _shade(k, len(curves)), 1.5, words)
        | {"opacity": 1.0 if len(curves) <= FEW else 0.5}
        for k, (cohort, curve) in enumerate(curves.items())
    ]
    traces.append(_line(words("All cohorts"), mean, ORANGE, 3, words))
    if cost is not None:
        traces.append(_cost(cost, max(last, 1), words))
    figure: Figure = {
        "data": traces,
        "layout": layout(
            right=118,
            xaxis=axis(
                words("Months since first order"), range=[0, max(last, 1)], dtick=_dtick(last)
            ),
            yaxis=axis(**ticks(0, top * 1.06, words.short_money)),
            annotations=[
                above(words("Value per customer")),
                *_labels(curves, mean, last, words),
                *([] if cost is None else [_cost_label(cost, max(last, 1), words)]),
            ],
        ),
    }
    return narrow(figure, layout__margin__r=84)


def mean_curve(table: Table) -> Curve:
    """Mean over cohorts, weighted by customers, up to the age that half of them have reached.

    Growth is averaged, not value, so that a young cohort leaving the mean does not bend it.
    """
    growth: dict[int, float] = defaultdict(float)
    people: dict[int, float] = defaultdict(float)
    for rows in _by_cohort(table).values():
        before = 0.0
        for row in rows:
            value, age = row["cumulative_value_per_customer"], row["age_months"]
            growth[age] += (value - before) * row["customers"]
            people[age] += row["customers"]
            before = value
    half = max(people.values(), default=0.0) / 2
    ages = [age for age in sorted(growth) if people[age] >= half and people[age] > 0]
    steps = accumulate(growth[age] / people[age] for age in ages)
    return list(zip(ages, steps, strict=True))


def _by_cohort(table: Table) -> dict[date, list[dict[str, Any]]]:
    rows: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for row in sorted(table.to_pylist(), key=lambda row: (row["cohort"], row["age_months"])):
        rows[row["cohort"]].append(row)
    return rows


def _curves(table: Table) -> dict[date, Curve]:
    return {
        cohort: [(row["age_months"], row["cumulative_value_per_customer"]) for row in rows]
        for cohort, rows in _by_cohort(table).items()
    }


def _line(name: str, curve: Curve, colour: str, width: float, words: Words) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(curve) == 1 else "lines",
        "name": name,
        "x": [age for age, _ in curve],
        "y": [value for _, value in curve],
        "line": {"color": colour, "width": width},
        "text": [words.money(value) for _, value in curve],
        "hovertemplate": words("%{x} months: %{text}") + f"<extra>{name}</extra>",
    }


def _cost(cost: float, last: int, words: Words) -> dict[str, Any]:
    name = words("Acquisition cost")
    line = _line(name, [(0, cost), (last, cost)], INK, 2, words)
    dashed = {"color": INK, "width": 2, "dash": "dash"}
    return line | {"line": dashed, "hovertemplate": "%{text}" + f"<extra>{name}</extra>"}


def _cost_label(cost: float, last: int, words: Words) -> dict[str, Any]:
    """Name the line at its end, where the curves are far above it."""
    where = {"xanchor": "right", "yanchor": "bottom", "xshift": 0, "yshift": 2}
    return label(f"<b>{words('Acquisition cost')}</b>", last, cost, INK, **where)


def _shade(position: int, count: int) -> str:
    """Old cohorts dark, young ones lighter; never the lightest two, which vanish on paper."""
    steps = RAMP[:1:-1]
    return steps[position * len(steps) // count]


def _labels(
    curves: dict[date, Curve], mean: Curve, last: int, words: Words
) -> list[dict[str, Any]]:
    """Name the mean, and the cohorts when they are few; else only the oldest and youngest."""
    if not mean:
        return []
    named = list(curves.items()) if len(curves) <= 4 else [next(iter(curves.items()))]
    ends = [(words.month(cohort), curve[-1][1]) for cohort, curve in named]
    top = max(value for _, value in [*ends, mean[-1]])
    heights = spread((value for _, value in ends), top * 0.075, high=top * 1.04)
    cohorts = [label(text, last, y, MUTED) for (text, _), y in zip(ends, heights, strict=True)]
    age, value = mean[-1]
    where = {"xanchor": "right", "yanchor": "bottom", "xshift": 0, "yshift": 10, "bgcolor": PAPER}
    return [*cohorts, label(f"<b>{words('All cohorts')}</b>", age, value, ORANGE, **where)]


def _dtick(last: int) -> int:
    return 1 if last <= 8 else 2 if last <= 16 else 3 if last <= 30 else 6 if last <= 72 else 12
