"""Numbers, money and days stand on a page as its reader writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.test import RequestFactory
from django.utils import timezone, translation

from kizuna.web.ui.templatetags import ui


@pytest.mark.parametrize(("language", "written"), [("en", "21 Nov 2026"), ("ja", "2026年11月21日")])
def test_a_day_is_written_in_the_language(language: str, written: str) -> None:
    with translation.override(language):
        assert ui.day(date(2026, 11, 21)) == written


def test_the_day_of_a_moment_is_cut_in_the_time_zone_of_the_reader() -> None:
    moment = datetime(2026, 11, 21, 20, tzinfo=UTC)
    with timezone.override("Asia/Tokyo"):
        assert ui.day(moment) == "22 Nov 2026"
        assert ui.moment(moment) == "22 Nov 2026 05:00"


def test_an_amount_of_a_table_is_divided_by_the_minor_units_of_its_currency() -> None:
    assert ui.minor_money(123456, "USD") == "$1,235"
    assert ui.minor_money(99950, "USD") == "$999.50"
    assert ui.minor_money(123456, "JPY") == "¥123,456"


def test_an_interval_of_amounts_is_written_alike_at_both_ends() -> None:
    assert ui.interval((950.5, 12_000.0), "USD") == "$950 to $12,000"
    with translation.override("ja"):
        assert ui.interval((950.0, 12_000.0), "JPY") == "¥950〜¥12,000"


def test_what_is_missing_is_not_a_number() -> None:
    assert ui.number(None) == ui.money(None) == ui.day(None) == ui.minor_money(None) == "–"
    assert ui.interval(None) == "not yet known"


def test_sorting_by_the_column_that_sorts_turns_the_order_and_begins_at_the_first_page() -> None:
    context = _context("/list?sort=value&page=3&q=%E8%8A%B1")
    assert ui.sort_url(context, "value", "value") == "?sort=-value&q=%E8%8A%B1"
    assert ui.page_url(context, 4) == "?sort=value&page=4&q=%E8%8A%B1"


@pytest.mark.parametrize(("share", "value"), [(None, "0.0000"), (0.5, "0.5000"), (7, "1.0000")])
def test_a_progress_bar_stays_within_its_ends(share: float | None, value: str) -> None:
    assert ui.share_of_bar(share) == value


def test_a_message_of_django_has_one_of_our_moods() -> None:
    levels = ("success", "warning", "error", "info", "debug")
    assert [ui.notice_mood(level) for level in levels] == [
        "good",
        "caution",
        "serious",
        "info",
        "info",
    ]


def test_a_notice_says_in_a_word_what_its_colour_says() -> None:
    words = [ui.mood_word(mood) for mood in ("success", "good", "warning", "unknown")]
    assert words == ["Done:", "Good:", "Take care:", "Unknown:"]


def _context(address: str) -> ui.template.Context:
    return ui.template.Context({"request": RequestFactory().get(address)})
