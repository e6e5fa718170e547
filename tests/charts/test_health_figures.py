"""Pictures of health: points to both sides, gaps where nothing was known, perfection."""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from kizuna.charts.churn_reliability import churn_reliability
from kizuna.charts.health_history import health_history
from kizuna.charts.health_points import health_points
from kizuna.charts.style import BLUE, ORANGE


def test_what_a_group_takes_goes_to_the_left_in_another_colour_and_with_its_sign() -> None:
    rows = [{"group": "use", "points": -12.4}, {"group": "money", "points": 3.2}]
    bars = health_points(pa.Table.from_pylist(rows), names={"use": "Use"})["data"][0]
    assert bars["y"] == ["Use", "money"]
    assert bars["text"] == ["−12", "+3"]
    assert bars["marker"]["color"] == [ORANGE, BLUE]


def test_a_day_on_which_health_was_not_known_is_a_gap_and_no_zero() -> None:
    rows = [{"day": date(2024, 1, 31), "health": 50.0}, {"day": date(2024, 2, 29), "health": None}]
    schema = pa.schema([("day", pa.date32()), ("health", pa.float64())])
    told = pa.Table.from_pylist(rows, schema)
    computed, then = health_history(told, told.slice(0, 0))["data"]
    assert (then["y"], then["connectgaps"]) == ([50.0, None], False)
    assert computed["y"] == []


def test_points_stand_beside_the_line_of_a_perfect_forecast() -> None:
    row = {"predicted": 0.2, "observed": 0.3, "observed_low": 0.2, "observed_high": 0.45}
    line, points = churn_reliability(pa.Table.from_pylist([row]))["data"]
    assert line["x"] == line["y"]
    assert points["error_y"]["array"][0] == 0.45 - 0.3
    assert points["error_y"]["arrayminus"][0] == 0.3 - 0.2
