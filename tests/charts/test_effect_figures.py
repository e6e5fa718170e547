"""Pictures of what actions earned: intervals that may be missing, and a band that may be too."""

from __future__ import annotations

import pyarrow as pa

from kizuna.charts.effect_curve import effect_curve
from kizuna.charts.effect_intervals import effect_intervals
from kizuna.charts.style import BLUE, GREY


def results(**columns: list[object]) -> pa.Table:
    rows: dict[str, list[object]] = {"label": ["28 days", "<b>90"], "effect": [10.0, -4.0]}
    rows |= {"low": [5.0, None], "high": [15.0, None], "settled": [True, False]}
    return pa.table(rows | columns)


def test_each_row_is_a_point_and_a_bar_where_there_is_an_interval() -> None:
    figure = effect_intervals(results(), cost=2.0)
    assert [trace["mode"] for trace in figure["data"]] == ["lines", "markers", "markers"]
    assert [trace["marker"]["color"] for trace in figure["data"] if "marker" in trace] == [
        BLUE,
        GREY,
    ]
    assert "&lt;b&gt;90" in figure["layout"]["yaxis"]["ticktext"]


def test_lines_stand_at_nothing_and_at_the_cost() -> None:
    assert [line["x0"] for line in effect_intervals(results(), cost=2.0)["layout"]["shapes"]] == [
        0.0,
        2.0,
    ]
    assert len(effect_intervals(results())["layout"]["shapes"]) == 1


def test_a_picture_of_nothing_at_all_is_drawn() -> None:
    zero = results(effect=[0.0, 0.0], low=[0.0, 0.0], high=[0.0, 0.0])
    low, high = effect_intervals(zero)["layout"]["xaxis"]["range"]
    assert low < 0 < high


def test_the_band_is_there_only_where_enough_are_held_out() -> None:
    days = {"day_no": [1, 2, 3], "effect": [1.0, 2.0, 3.0]}
    few = pa.table(days | {"effect_low": pa.nulls(3, pa.float64())} | {"effect_high": [None] * 3})
    assert len(effect_curve(few)["data"]) == 1
    many = pa.table(days | {"effect_low": [0.0, 1.0, None], "effect_high": [2.0, 3.0, None]})
    band, line = effect_curve(many)["data"]
    assert band["x"] == [1, 2, 2, 1]
    assert line["y"] == [1.0, 2.0, 3.0]
