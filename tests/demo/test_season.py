"""The busy clock can be read both ways, and a year of it is a year."""

from __future__ import annotations

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kizuna.demo.season import Season

SEASON = Season.over(date(2025, 1, 1), 2 * 365)


@given(st.floats(0, 730))
def test_clock_reads_both_ways(day: float) -> None:
    there = SEASON.busy(np.array(day))
    np.testing.assert_allclose(SEASON.day(there), day, atol=1e-9)


def test_a_year_has_about_as_many_busy_days_as_days() -> None:
    assert abs(SEASON.busy(np.array(365.0)) - 365) < 4


def test_december_is_busier_than_january() -> None:
    january, december = SEASON.busy(np.array([31.0, 365.0])) - SEASON.busy(np.array([0.0, 334.0]))
    assert december > 2 * january
