"""Dates as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.pipeline.capture import dates
from kizuna.pipeline.capture.dates import DateOrder
from kizuna.pipeline.capture.zones import Zone
from kizuna.pipeline.engine import Engine
from order_files import Read

ENGINE = Engine(threads=1)
WIDE = str.maketrans(dates.NARROW, dates.WIDE)
DAYS = st.dates(date(1970, 1, 2), date(2100, 12, 31))
REIWA = st.dates(date(2019, 5, 1), date(2100, 12, 31))

type Moment = tuple[date | None, datetime | None]


def parse(texts: list[str], order: DateOrder | None = "day", zone: str = "UTC") -> list[Moment]:
    ENGINE.register("t", pa.table({"i": range(len(texts)), "date_text": texts}))
    sql = dates.layers("SELECT * FROM t", order, Zone(zone))
    rows = ENGINE.query(f"{sql} ORDER BY i").to_pylist()
    return [(row["ordered_on"], row["ordered_at"]) for row in rows]


@pytest.mark.parametrize(
    "text",
    """2026-11-21|2026/11/21|2026.11.21|20261121|2026年11月21日|2026年11月21日(土)|令和8年11月21日|
    R8.11.21|r8/11/21|R08-11-21|２０２６／１１／２１|21.11.2026|21/11/2026|21-11-2026|21 Nov 2026|
    Nov 21, 2026|November 21, 2026|21-Nov-2026|Sat, 21 Nov 2026|2026-11-21 23:59|
    2026-11-21T10:00:00|2026-11-21 10:00:00.123|20261121093000|2026年11月21日 9時5分|
    2026年11月21日 午後3時05分|21/11/2026 11:05 PM|1795219200|1795219200000|2026 11 21""".replace(
        "\n    ", ""
    ).split("|"),
)
def test_a_date_is_read_however_it_is_written(text: str) -> None:
    assert parse([text])[0][0] == date(2026, 11, 21)


@pytest.mark.parametrize(
    "text",
    "abc|2026-02-30|21/13/2026|2026-11-21 25:00|2026-11-21 x|infinity|today|令和8年13月1日|8|1.5|"
    "2026-11-21 13:00 PM|0000-00-00|21.11.26|11/21|2026-11|令和0年",
)
def test_what_is_no_date_is_not_read(text: str) -> None:
    assert [parse([t])[0][0] for t in text.split("|")] == [None] * len(text.split("|"))


@given(st.lists(DAYS, min_size=1, max_size=50))
def test_every_form_reads_back_the_day_that_was_written(days: list[date]) -> None:
    forms = ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日", "%d.%m.%Y", "%d/%m/%Y", "%d %b %Y"]
    written = [day.strftime(form) for form in forms for day in days]
    wide = [text.translate(WIDE) for text in written]
    assert [day for day, _ in parse(written + wide)] == days * len(forms) * 2


@given(st.lists(REIWA, min_size=1, max_size=50))
def test_reiwa_years_count_from_2019(days: list[date]) -> None:
    written = [f"令和{day.year - 2018}年{day.month}月{day.day}日" for day in days]
    assert [day for day, _ in parse(written)] == days


@given(st.lists(st.datetimes(datetime(1970, 1, 2), datetime(2039, 1, 1)), min_size=1, max_size=20))
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "Asia/Kolkata"])
@settings(max_examples=settings().max_examples // 3)
def test_an_instant_with_a_zone_is_cut_in_the_organisations_zone(
    zone: str, moments: list[datetime]
) -> None:
    moments = [moment.replace(microsecond=0) for moment in moments]
    read = parse([f"{moment.isoformat()}Z" for moment in moments], zone=zone)
    local = [m.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date() for m in moments]
    assert read == list(zip(local, moments, strict=True))


def test_a_time_without_a_zone_is_local() -> None:
    assert parse(["2026-11-21 08:30:00"], zone="Asia/Tokyo")[0] == (
        date(2026, 11, 21),
        datetime(2026, 11, 20, 23, 30),
    )


def test_the_same_instant_falls_on_two_days_in_two_zones() -> None:
    text = "2026-11-21T20:00:00-05:00"
    days = [parse([text], zone=zone)[0][0] for zone in ("Asia/Tokyo", "America/New_York")]
    assert days == [date(2026, 11, 22), date(2026, 11, 21)]


def test_a_zone_of_constant_offset_converts_as_its_rules_do() -> None:
    zone, rules = Zone("Asia/Tokyo"), ZoneInfo("Asia/Tokyo")
    assert zone.is_cheap
    assert not Zone("Europe/London").is_cheap
    assert (
        timedelta(minutes=zone.constant_minutes or 0)
        == datetime(2026, 1, 1, tzinfo=rules).utcoffset()
    )


def orders(*days: str) -> str:
    rows = "".join(f"{i % 2},{day},5\n" for i, day in enumerate(days))
    return f"customer,date,amount\n{rows}"


def test_one_day_over_twelve_decides_the_order_for_the_whole_column(read: Read) -> None:
    assert read(orders("03/04/2026", "13/04/2026")).days == ["2026-04-03", "2026-04-13"]
    assert read(orders("03/04/2026", "04/13/2026")).days == ["2026-03-04", "2026-04-13"]


def test_the_evidence_may_stand_far_down_the_file(read: Read) -> None:
    days = ["2026-01-01"] * 2000 + ["03/04/2026", "04/13/2026"]
    assert read(orders(*days)).days[-2:] == ["2026-03-04", "2026-04-13"]


def test_an_order_that_nothing_tells_is_assumed_and_said(read: Read) -> None:
    result = read(orders("03/04/2026", "05/06/2026"), currency="GBP")
    assert result.days == ["2026-04-03", "2026-06-05"]
    assert "day first is assumed" in result.notes
    assert read(orders("03/04/2026", "05/06/2026"), currency="USD").days[0] == "2026-03-04"


def test_an_order_that_would_put_dates_into_the_future_is_not_taken(read: Read) -> None:
    result = read(orders("03/12/2026", "05/06/2026"), currency="GBP")
    assert result.days == ["2026-03-12", "2026-05-06"]


def test_a_person_may_say_which_comes_first(read: Read) -> None:
    result = read(orders("03/04/2026", "05/06/2026"), date_order="month")
    assert result.days == ["2026-03-04", "2026-05-06"]


def test_dates_against_the_order_of_the_column_are_left_out_never_turned_around(read: Read) -> None:
    result = read(orders("13/04/2026", "14/04/2026", "04/15/2026"))
    assert result.days == ["2026-04-13", "2026-04-14"]
    assert result.reasons == [(4, "unreadable_date")]
