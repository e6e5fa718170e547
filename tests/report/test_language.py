"""Numbers, money and dates as the reader writes them."""

from __future__ import annotations

from datetime import date

import pytest
from markupsafe import Markup

from kizuna.report.language import Language


@pytest.mark.parametrize(
    ("code", "currency", "written"),
    [
        ("en", "USD", "$1,235"),
        ("ja", "USD", "$1,235"),
        ("ja", "JPY", "¥1,235"),
        ("en", "GBP", "£1,235"),
        ("en", "XXX", "1,235"),
        ("ja", None, "1,235"),
    ],
)
def test_large_amounts_have_no_decimals(code: str, currency: str | None, written: str) -> None:
    assert Language(code, currency).money(1234.56) == written


def test_small_amounts_have_the_decimals_of_their_currency() -> None:
    assert Language("en", "USD").money(24.918) == "$24.92"
    assert Language("ja", "JPY").money(24.918) == "¥25"


def test_amounts_of_a_column_are_written_alike() -> None:
    write = Language("en", "USD").column([1236.0, 8.5, None])
    assert [write(value) for value in (1236.0, 8.5, None)] == ["$1,236", "$8", "–"]


def test_an_axis_counts_in_ten_thousands_in_japanese() -> None:
    assert Language("ja", "JPY").short_money(120_000) == "¥12万"
    assert Language("en", "JPY").short_money(120_000) == "¥120K"


@pytest.mark.parametrize("value", [None, float("nan")])
def test_what_is_not_known_is_a_dash(value: float | None) -> None:
    say = Language("en", "USD")
    assert {say.number(value), say.money(value), say.percent(value), say.figure(value)} == {"–"}


def test_days_are_written_as_the_reader_writes_them() -> None:
    day = date(1998, 6, 30)
    assert Language("en").day(day) == "30 Jun 1998"
    assert Language("ja").day(day) == "1998年6月30日"


def test_a_loss_is_written_with_a_true_minus() -> None:
    assert Language("en", "USD").money(-1500) == "−$1,500"
    assert Language("en").percent(-0.121, 1) == "−12.1%"


def test_significant_digits_are_kept_for_small_numbers() -> None:
    say = Language("en")
    assert [say.figure(v, 2) for v in (0.4712, 2.871, 86.2)] == ["0.47", "2.9", "86"]


def test_one_is_counted_in_the_singular() -> None:
    say = Language("en")
    assert say.counted("{n} day", "{n} days", 1) == "1 day"
    assert say.counted("{n} day", "{n} days", 365) == "365 days"


def test_values_in_rich_text_are_escaped() -> None:
    said = Language("en").rich("{rule} wins", rule="<script>")
    assert said == Markup("<b>&lt;script&gt;</b> wins")


def test_a_currency_unknown_to_babel_is_written_by_its_code() -> None:
    assert "QQQ" in Language("en", "QQQ").money(5)
