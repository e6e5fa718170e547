"""Ticks, labels and colours of the one look."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kizuna.charts import style
from kizuna.charts.concentration import curve, share_at
from kizuna.charts.ltv_by_cohort import mean_curve
from report import results

PAPER, DARK_PAPER = "#ffffff", "#14181c"


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [style.INK, style.MUTED, style.BLUE, style.ORANGE])
def test_words_are_readable_in_light_and_dark(colour: str) -> None:
    assert contrast(colour, PAPER) >= 4.5
    assert contrast(style.DARK[colour], DARK_PAPER) >= 4.5


@pytest.mark.parametrize("colour", style.HEAT)
def test_rates_are_readable_on_every_shade_of_the_heat_map(colour: str) -> None:
    assert contrast(style.INK, colour) >= 4.5
    assert contrast(style.DARK[style.INK], style.DARK[colour]) >= 4.5


@pytest.mark.parametrize("colour", [style.GREY, *style.RAMP[2:]])
def test_lines_are_seen_in_light_and_dark(colour: str) -> None:
    assert contrast(style.DARK[colour], DARK_PAPER) >= 2
    assert contrast(colour, PAPER) >= 2


def test_the_contrast_of_black_on_white_is_twenty_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize(
    ("step", "round_one"), [(0.0, 1), (0.7, 1), (3, 5), (12, 20), (0.031, 0.05)]
)
def test_steps_are_one_two_or_five_times_a_power_of_ten(step: float, round_one: float) -> None:
    assert style.round_step(step) == pytest.approx(round_one)


@given(st.floats(1e-6, 1e9))
def test_an_axis_has_a_few_ticks_within_its_range(top: float) -> None:
    found = style.ticks(0.0, top, str)["tickvals"]
    assert 2 <= len(found) <= 6
    assert 0 == found[0] <= found[-1] <= top * (1 + 1e-9)


@given(st.lists(st.floats(0, 100), max_size=8), st.floats(0.1, 10))
def test_labels_moved_apart_keep_their_order_and_distance(values: list[float], gap: float) -> None:
    placed = style.spread(values, gap)
    pairs = sorted(zip(values, placed, strict=True))
    steps = [b[1] - a[1] for a, b in pairwise(pairs)]
    assert all(abs(step) >= gap - 1e-6 for step in steps)


def test_labels_stay_below_the_top_of_the_picture() -> None:
    assert max(style.spread([9.8, 9.9, 10.0], 2.0, high=10.0)) == pytest.approx(10.0)


def test_months_on_an_axis_are_written_by_the_language() -> None:
    days = [date(1997, month, 8) for month in range(1, 13)]
    found = style.date_ticks(days, lambda day: f"{day.month}月", count=4)
    assert found["ticktext"] == ["2月", "5月", "8月", "11月"]


def test_the_mean_curve_averages_growth_so_that_a_young_cohort_does_not_bend_it() -> None:
    mean = dict(mean_curve(results.ltv_by_cohort(12)))
    assert all(mean[age] < mean[age + 1] for age in range(len(mean) - 1))


def test_the_mean_curve_weighs_cohorts_by_their_customers() -> None:
    rows = [
        {
            "cohort": date(2024, k, 1),
            "age_months": 0,
            "customers": n,
            "cumulative_value_per_customer": v,
        }
        for k, n, v in ((1, 10, 100.0), (2, 30, 20.0))
    ]
    assert mean_curve(pa.Table.from_pylist(rows)) == [(0, 40.0)]


def test_the_mean_curve_ends_where_fewer_than_half_are_left() -> None:
    last = mean_curve(results.ltv_by_cohort(12))[-1][0]
    rows = results.ltv_by_cohort(12).to_pylist()
    everyone = sum(row["customers"] for row in rows if row["age_months"] == 0)
    reached = sum(row["customers"] for row in rows if row["age_months"] == last)
    beyond = sum(row["customers"] for row in rows if row["age_months"] == last + 1)
    assert beyond < everyone / 2 <= reached


def test_a_share_of_value_is_read_off_between_points() -> None:
    assert share_at([(0.0, 0.0), (0.5, 0.8), (1.0, 1.0)], 0.25) == pytest.approx(0.4)


def test_the_curve_ends_with_all_customers_however_many_points_there_are() -> None:
    assert curve(results.concentration(), "residual")[-1] == (1.0, 1.0)
