"""Options are read once, strictly, and name themselves when they make no sense."""

from __future__ import annotations

from datetime import date

import pytest

from kizuna.jobs import options
from kizuna.pipeline.errors import InputError


@pytest.mark.parametrize(
    ("text", "days"), [("365d", 365), ("52w", 364), ("12m", 365), ("1y", 365), ("90", 90)]
)
def test_a_horizon_is_a_number_with_a_unit(text, days):
    assert options.parse_horizon(text) == days


@pytest.mark.parametrize("text", ["", "d", "-5d", "1.5y", "0w", "200y", "12 months"])
def test_a_horizon_that_is_no_length_of_time_is_refused(text):
    with pytest.raises(InputError, match="--horizon"):
        options.parse_horizon(text)


@pytest.mark.parametrize("text", ["BG/NBD", "bg_nbd", "BGNBD", "bg-nbd"])
def test_a_model_goes_by_any_usual_spelling(text):
    assert options.parse_model(text) == "bg_nbd"


def test_a_holdout_is_automatic_absent_or_a_day():
    assert options.parse_holdout("auto") == "auto"
    assert options.parse_holdout("none") is None
    assert options.parse_holdout("2024-07-01") == date(2024, 7, 1)


def test_a_share_outside_its_range_is_refused():
    assert options.parse_share(0.4, "--margin", low=0.0, high=1.0) == 0.4
    with pytest.raises(InputError, match=r"--margin 40 is outside 0 to 1\."):
        options.parse_share(40.0, "--margin", low=0.0, high=1.0)


def test_not_a_number_is_outside_every_range():
    with pytest.raises(InputError, match="--discount"):
        options.parse_share(float("nan"), "--discount", low=0.0, high=10.0)
