"""Which share of a cohort bought again in each month of its life."""

from __future__ import annotations

from typing import Any

from pyarrow import Table

from kizuna.charts.style import HEAT, INK, Figure, above, axis, layout, narrow
from kizuna.charts.words import PLAIN_ENGLISH, Words

MOST_COHORTS = 24
MOST_MONTHS = 24


def retention(table: Table, *, words: Words = PLAIN_ENGLISH) -> Figure:
    """Heat map of the share active, cohort × age; the month of the first order is left out.

    Parameters
    ----------
    table : `cohort, age_months, customers, active, rate`. The youngest 24 cohorts are drawn.
    """
    rates = {(row["cohort"], row["age_months"]): row["rate"] for row in table.to_pylist()}
    cohorts = sorted({cohort for cohort, age in rates if age > 0})[-MOST_COHORTS:]
    ages = sorted({age for _, age in rates if 0 < age <= MOST_MONTHS})
    grid = [[rates.get((cohort, age)) for age in ages] for cohort in cohorts]
    figure: Figure = {
        "data": [_heat(ages, [words.month(cohort) for cohort in cohorts], grid, words)],
        "layout": layout(
            height=110 + 24 * max(len(cohorts), 1),
            xaxis=axis(words("Months since first order"), showgrid=False, dtick=_dtick(ages)),
            yaxis=axis("", showgrid=False, autorange="reversed", type="category"),
            annotations=[above(words("First order in"))],
        ),
    }
    return narrow(figure, data__0__texttemplate="", layout__xaxis__dtick=3)


def _heat(
    ages: list[int], names: list[str], grid: list[list[float | None]], words: Words
) -> dict[str, Any]:
    return {
        "type": "heatmap",
        "x": ages,
        "y": names,
        "z": grid,
        "text": [["" if rate is None else words.percent(rate) for rate in row] for row in grid],
        "texttemplate": "%{text}" if len(ages) <= MOST_MONTHS else "",
        "textfont": {"size": 11 if len(ages) <= 18 else 10, "color": INK},
        "hovertemplate": words("First order in %{y}, month %{x}: %{text} bought")
        + "<extra></extra>",
        "hoverongaps": False,
        "colorscale": [[k / (len(HEAT) - 1), colour] for k, colour in enumerate(HEAT)],
        "zmin": 0,
        "zmax": max((rate for row in grid for rate in row if rate is not None), default=1) or 1,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
    }


def _dtick(ages: list[int]) -> int:
    return 1 if len(ages) <= 18 else 3
