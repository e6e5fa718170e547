"""Amounts as people write them."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from babel.numbers import format_currency, format_decimal
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.pipeline.capture import amounts, dates
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.errors import InputError
from order_files import Read

ENGINE = Engine(threads=1)
WIDE = str.maketrans(dates.NARROW, dates.WIDE)
CENTS = st.integers(-(10**13), 10**13)


def parse(texts: list[str], decimal: amounts.Decimal | None = ".") -> list[float | None]:
    ENGINE.register("t", pa.table({"i": range(len(texts)), "amount": texts}))
    sql = amounts.layers("SELECT * FROM t", "amount", decimal)
    return list(ENGINE.query(f"SELECT amount FROM ({sql}) ORDER BY i")["amount"].to_pylist())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1200", 1200), ("1,200", 1200), ("1,234,567.89", 1234567.89), ("¥1,200", 1200),
        ("￥1,200-", 1200), ("1,200円", 1200), ("１，２００円", 1200), ("(1,200.00)", -1200),
        ("-5", -5), ("−5", -5), ("▲1,200", -1200), ("5-", -5), ("$ 12.50", 12.5), ("-$3", -3),
        ("12.50 USD", 12.5), ("US$5", 5), ("£3", 3), ("1'234.50", 1234.5), (".5", 0.5),
        ("1,23,456.00", 123456), ("\\1,200", 1200), (" 7 ", 7), ("0", 0),
    ],
)  # fmt: skip
def test_an_amount_is_read_however_it_is_written(text: str, value: float) -> None:
    assert parse([text]) == [value]


@pytest.mark.parametrize(
    "text", ["abc", "1,2,3", "1_000", "nan", "inf", "-", "0x1F", "1.2.3", "(5", "12,50"]
)
def test_what_is_no_amount_is_not_read(text: str) -> None:
    assert parse([text]) == [None]


@given(st.lists(CENTS, min_size=1, max_size=50))
@settings(max_examples=settings().max_examples // 3)
def test_every_form_reads_back_the_amount_that_was_written(cents: list[int]) -> None:
    exact = [Decimal(c) / 100 for c in cents]
    for locale, sign in (
        ("en_US", "."),
        ("ja_JP", "."),
        ("de_DE", ","),
        ("fr_FR", ","),
        ("de_CH", "."),
    ):
        plain = [format_decimal(e, format="#,##0.00", locale=locale) for e in exact]
        marked = [format_currency(e, "EUR", locale=locale) for e in exact]
        for written in (plain, marked, [p.translate(WIDE) for p in plain]):
            read = parse(written, sign)  # type: ignore[arg-type]
            assert [round(v * 100) for v in read if v is not None] == cents


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=50))
def test_yen_in_whole_numbers_read_back(yen: list[int]) -> None:
    assert parse([f"{y:,}円" for y in yen]) == yen


def orders(*texts: str, delimiter: str = ";") -> str:
    rows = "".join(f"{i % 2};2026-01-{i + 1:02};{text}\n" for i, text in enumerate(texts))
    return f"customer;date;total\n{rows}".replace(";", delimiter)


def test_one_comma_before_cents_decides_the_sign_for_the_whole_column(read: Read) -> None:
    assert read(orders("1.234", "12,50"), currency="EUR").amounts == [123400, 1250]
    assert read(orders("1.234", "12.50"), currency="EUR").amounts == [123, 1250]


def test_a_comma_before_three_digits_parts_thousands_where_nothing_tells(read: Read) -> None:
    result = read(orders("1,234", "5,000"), currency="USD")
    assert result.amounts == [123400, 500000]
    assert "decimal sign" in result.notes


def test_a_point_before_three_digits_parts_thousands_of_yen(read: Read) -> None:
    assert read(orders("1.234", "5"), currency="JPY").amounts == [1234, 5]


def test_yen_have_no_cents_and_dinars_have_three_digits(read: Read) -> None:
    assert read(orders("12", "7"), currency="JPY").amounts == [12, 7]
    assert read(orders("12.5", "7"), currency="KWD").amounts == [12500, 7000]


def test_the_currency_is_taken_from_signs_or_header_and_said(read: Read) -> None:
    assert read(orders("¥1,200", "¥7")).read.currency == "JPY"
    result = read("顧客ID,注文日,金額\n1,2026-01-01,5\n2,2026-01-02,6\n")
    assert result.read.currency == "JPY"
    assert "--currency says otherwise" in result.notes


def test_no_currency_at_all_is_said(read: Read) -> None:
    result = read(orders("5", "6.25"))
    assert (result.read.currency, result.amounts) == ("XXX", [500, 625])
    assert "no currency is given" in result.notes


MIXED = "customer,date,total,currency\n1,2026-01-01,5,JPY\n2,2026-01-02,6,JPY\n2,2026-01-03,7,USD\n"


def test_several_currencies_are_an_error_that_lists_them(read: Read) -> None:
    with pytest.raises(InputError, match=r"JPY \(2 rows\), USD \(1 rows\); choose with --currency"):
        read(MIXED)


def test_rows_in_another_currency_than_chosen_are_left_out(read: Read) -> None:
    result = read(MIXED, currency="JPY")
    assert (result.amounts, result.reasons) == ([5, 6], [(4, "other_currency")])


def test_a_sign_of_another_currency_is_left_out(read: Read) -> None:
    result = read(orders("¥5", "¥6", "$7"), currency="JPY")
    assert result.reasons == [(4, "other_currency")]


def test_a_dollar_sign_may_stand_for_any_dollar(read: Read) -> None:
    assert read(orders("$5", "$6"), currency="AUD").amounts == [500, 600]


@pytest.mark.parametrize("currency", ["YEN", "EURO", "jpy"])
def test_a_currency_that_does_not_exist_is_an_error(read: Read, currency: str) -> None:
    with pytest.raises(InputError, match="ISO 4217"):
        read(orders("5", "6"), currency=currency)
