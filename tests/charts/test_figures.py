"""Every picture: valid in Plotly's own schema, in our colours, and whole with little data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from kizuna import charts
from kizuna.charts.words import PlainEnglish
from report import board_results, results

TABLES = {
    charts.calibration: results.calibration(),
    charts.channel_values: board_results.channel_values(),
    charts.concentration: results.concentration(),
    charts.frequency_calibration: results.frequency_calibration(),
    charts.ltv_by_cohort: results.ltv_by_cohort(12),
    charts.past_forecasts: board_results.past_forecasts(),
    charts.retention: results.retention(12),
    charts.segments: results.segments(),
    charts.tracking: results.tracking(),
    charts.value_changes: board_results.value_changes(),
}
PICTURES = pytest.mark.parametrize("picture", TABLES, ids=lambda picture: picture.__name__)
type Picture = Callable[[pa.Table], charts.Figure]


def plotly_reads(figure: charts.Figure) -> bool:
    """Whether Plotly's own schema takes the figure."""
    import plotly.graph_objects as go

    try:
        go.Figure(figure)
    except ValueError:
        return False
    return True


def texts(value: Any) -> Iterator[str]:
    """All texts in a figure."""
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value:
        if isinstance(part, dict | list | str) and part is not value and not isinstance(value, str):
            yield from texts(part)


@PICTURES
def test_plotly_reads_every_picture(picture: Picture) -> None:
    assert plotly_reads(picture(TABLES[picture]))


def test_a_figure_with_a_misspelled_property_is_refused() -> None:
    figure = charts.retention(results.retention())
    figure["data"][0]["zmaximum"] = 1
    assert not plotly_reads(figure)


@PICTURES
def test_a_picture_of_an_empty_table_is_still_a_picture(picture: Picture) -> None:
    assert plotly_reads(picture(TABLES[picture].slice(0, 0)))


@PICTURES
def test_a_picture_of_a_single_row_is_still_a_picture(picture: Picture) -> None:
    assert plotly_reads(picture(TABLES[picture].slice(0, 1)))


@PICTURES
def test_every_colour_has_its_dark_counterpart(picture: Picture) -> None:
    colours = [text for text in texts(picture(TABLES[picture])) if re.match(r"#[0-9a-f]{6}$", text)]
    assert colours
    assert set(colours) <= set(charts.DARK)


@PICTURES
def test_what_changes_on_a_narrow_screen_exists_in_the_figure(picture: Picture) -> None:
    figure = picture(TABLES[picture])
    for path in figure["layout"]["meta"]["narrow"]:
        part: Any = figure
        for name in path.split(".")[:-1]:
            part = part[int(name)] if isinstance(part, list) else part[name]
        assert isinstance(part, dict), path


@PICTURES
def test_the_words_of_a_picture_come_from_the_language(picture: Picture) -> None:
    class Silent(PlainEnglish):
        def __call__(self, message: str, /, **values: object) -> str:
            return "…"

    said = " ".join(texts(picture(TABLES[picture], words=Silent())))  # type: ignore[call-arg]
    assert not re.search(r"Share|Months|Actual|Predicted|customer", said)


def test_a_segment_named_like_a_link_is_shown_as_text() -> None:
    table = results.segments().set_column(
        0, "rfm_segment", pa.array(["<a href='https://example.org'>x</a>"] * 10)
    )
    said = list(texts(charts.segments(table)))
    assert any("&lt;a href" in text for text in said)
    assert not any("<a " in text for text in said)


def test_the_unseen_weeks_are_shaded_from_their_first_day() -> None:
    shapes = charts.tracking(results.tracking())["layout"]["shapes"]
    assert [shape["x0"] for shape in shapes] == ["1997-10-01"] * 2


def test_a_week_that_the_log_cuts_short_is_not_drawn_as_a_fall() -> None:
    table = results.tracking()
    last = table["week_start"][-1].as_py()
    whole = charts.tracking(table, last_day=last + timedelta(days=6))["data"][0]["x"]
    cut = charts.tracking(table, last_day=last + timedelta(days=2))["data"][0]["x"]
    assert whole[:-1] == cut


def test_the_interval_of_the_holdout_stands_at_its_end() -> None:
    figure = charts.tracking(results.tracking(), interval=(-250.0, 300.0))
    bar = figure["data"][-1]
    assert bar["error_y"]["array"] == [300.0]
    assert bar["error_y"]["arrayminus"] == [250.0]


def test_the_month_of_the_first_order_is_left_out_of_retention() -> None:
    assert min(charts.retention(results.retention())["data"][0]["x"]) == 1


def test_a_long_life_shows_its_youngest_cohorts() -> None:
    rows = [
        {"cohort": date(2000 + k // 12, k % 12 + 1, 1), "age_months": 1, "rate": 0.1}
        for k in range(60)
    ]
    names = charts.retention(pa.Table.from_pylist(rows))["data"][0]["y"]
    assert (len(names), names[-1]) == (24, "2004-12")


def test_the_cost_of_winning_a_customer_is_drawn_through_the_curves() -> None:
    table = results.ltv_by_cohort()
    figure = charts.ltv_by_cohort(table, cost=90.0)
    assert figure["data"][-1]["y"] == [90.0, 90.0]
    assert figure["layout"]["yaxis"]["range"][1] >= 90
    assert len(charts.ltv_by_cohort(table)["data"]) == len(figure["data"]) - 1


def test_each_step_of_the_change_begins_where_the_one_before_ended() -> None:
    bars = charts.value_changes(board_results.value_changes(), minor_units=100)["data"][0]
    ends = dict(zip(bars["x"], zip(bars["base"], bars["y"], strict=True), strict=True))
    top = 60_000 + 900 + 4_400
    assert sum(ends["Bought again"]) == pytest.approx(top)
    assert ends["Did not buy"] == pytest.approx((58_731.4, 6_498.6))
    assert sum(ends["Now"]) == pytest.approx(58_731.4)


def test_a_part_that_moved_nothing_is_not_drawn() -> None:
    rows = [row | {"value": 0} if row["part"] == "new" else row
            for row in board_results.value_changes().to_pylist()]  # fmt: skip
    bars = charts.value_changes(pa.Table.from_pylist(rows))["data"][0]
    assert "New customers" not in bars["x"]
