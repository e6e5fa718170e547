"""Guessing columns from names and types, English and Japanese."""

from __future__ import annotations

import pytest

from data_sets import data_file
from kizuna.pipeline.capture.columns import Guess, guess
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.errors import InputError
from order_files import Read, read_paths


def guessed(header: str, **given: str) -> Guess:
    return guess(header.split(), given, {}, lambda keys: False)


@pytest.mark.parametrize(
    ("header", "customer", "date", "amount", "order"),
    [
        ("customer_id order_id order_date total", 0, 2, 3, 1),
        ("OrderID CustomerID OrderDate TotalAmount", 1, 2, 3, 0),
        ("userId createdAt revenue", 0, 1, 2, None),
        ("Email Created-at Total Currency Name", 0, 1, 2, None),
        ("顧客ID 注文日 金額 注文番号", 0, 1, 2, 3),
        ("受注番号 受注日時 会員番号 税込金額 税抜金額", 2, 1, 3, 0),
        ("会員ＩＤ 購入日 合計（税込）", 0, 1, 2, None),
        ("伝票番号 売上日 得意先コード 商品コード 数量 単価 売上金額", 2, 1, 6, 0),
        ("お客様番号 ご利用日 ご利用金額 店舗", 0, 1, 2, None),
        ("date client price", 1, 0, 2, None),
    ],
)
def test_columns_are_guessed(
    header: str, customer: int, date: int, amount: int, order: int | None
) -> None:
    names, found = header.split(), guessed(header).columns
    parts = {"customer": customer, "date": date, "amount": amount, "order": order}
    assert found.items() >= {p: names[i] for p, i in parts.items() if i is not None}.items()
    assert ("order" in found) == (order is not None)


def test_quantity_and_price_stand_in_for_an_amount_that_is_not_there() -> None:
    found = guessed("InvoiceNo StockCode Quantity InvoiceDate UnitPrice CustomerID").columns
    assert {"quantity": "Quantity", "price": "UnitPrice"}.items() <= found.items()
    assert "amount" not in found


def test_an_amount_wins_over_quantity_and_price() -> None:
    found = guessed("会員番号 注文日 数量 単価 金額").columns
    assert found == {"customer": "会員番号", "date": "注文日", "amount": "金額"}


def test_what_a_person_names_wins_whatever_its_case() -> None:
    found = guessed("customer_id member order_date total Net", customer="Member", amount="net")
    assert (found.columns["customer"], found.columns["amount"]) == ("member", "Net")


def test_a_named_column_that_is_not_there_is_an_error_with_those_that_are() -> None:
    with pytest.raises(InputError, match=r"no column 'foo' for --date; the columns are a, b"):
        guessed("a b", date="foo")


@pytest.mark.parametrize(
    ("header", "part"),
    [("date total", "customer"), ("customer total", "date"), ("customer date", "amount")],
)
def test_a_part_that_no_column_plays_is_an_error_that_names_the_option(
    header: str, part: str
) -> None:
    with pytest.raises(InputError, match=f"looks like the {part}: name it with --{part}"):
        guessed(header)


def test_other_columns_that_might_be_meant_are_told() -> None:
    assert guessed("customer_id email order_date created_at total").others == {
        "customer": ("email",),
        "date": ("created_at",),
    }


def test_a_column_of_states_is_told_since_no_row_is_left_out_by_it(read: Read) -> None:
    text = "customer,date,total,status\n1,2026-01-01,5,paid\n2,2026-01-02,6,cancelled\n"
    result = read(text)
    assert len(result.transactions) == 2
    assert "no row is left out because of 'status'" in result.notes


def test_two_ids_of_the_same_customers_are_one_choice_and_said(engine: Engine) -> None:
    result = read_paths(engine, [data_file("cdnow/cdnow_sample.parquet")])
    assert result.read.columns["customer"] == "master_id"
    assert "if sample_id is meant, say so with --customer" in result.notes


def test_two_ids_of_different_things_are_not_chosen_between(read: Read) -> None:
    text = "shop_id,till_id,date,total\n1,1,2026-01-01,5\n1,2,2026-01-02,6\n2,2,2026-01-03,7\n"
    with pytest.raises(InputError, match="looks like the customer: name it with --customer"):
        read(text)


def test_a_date_is_found_by_its_values_where_its_name_tells_nothing(read: Read) -> None:
    text = "customer,wann,total\n1,2026-01-01,5\n2,2026-01-02,6\n"
    assert read(text).read.columns["date"] == "wann"


def test_a_file_without_a_header_gets_numbered_columns(read: Read) -> None:
    text = "1,2026-01-01,5\n2,2026-01-02,6\n"
    with pytest.raises(InputError, match="column1, column2, column3"):
        read(text)
    result = read(text, customer="column1", amount="column3")
    assert (result.read.rows_read, result.amounts) == (2, [500, 600])


def test_customers_written_in_several_ways_are_one(read: Read) -> None:
    ids = ["17850", "17850.0", " 17850", "１７８５０", "17850"]
    rows = "".join(f"{c},2026-01-0{i + 1},5\n" for i, c in enumerate(ids))
    result = read(f"customer,date,total\n{rows}00123,2026-01-09,5\nA@B.jp,2026-01-09,5\n")
    assert {r["customer_id"] for r in result.transactions} == {"17850", "00123", "a@b.jp"}
