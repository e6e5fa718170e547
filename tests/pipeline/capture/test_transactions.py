"""One row an order; returns belong to the purchase before them."""

from __future__ import annotations

from typing import Any

import pytest

from data_sets import data_file
from kizuna.pipeline.engine import Engine
from order_files import Read, Result, read_paths

LINES = "customer,date,total,order\n"


def rows(result: Result, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(str(row[name]) for name in names) for row in result.transactions]


def test_lines_of_one_order_are_one_row(read: Read) -> None:
    result = read(LINES + "1,2026-01-01,5.10,A\n1,2026-01-01,6.20,A\n2,2026-01-01,7,B\n")
    assert rows(result, "order_id", "amount") == [("A", "1130"), ("B", "700")]
    assert (result.read.rows_read, result.read.rows_accepted) == (3, 3)


def test_an_order_number_used_again_on_another_day_is_another_order(read: Read) -> None:
    result = read(LINES + "1,2026-01-01,5,A\n1,2026-02-01,6,A\n2,2026-01-01,7,A\n")
    assert len(result.transactions) == 3


def test_without_order_numbers_equal_rows_are_separate_orders(read: Read) -> None:
    text = "customer,date,total\n1,2026-01-01,5\n1,2026-01-01,5\n2,2026-01-02,6\n"
    result = read(text)
    assert result.amounts == [500, 500, 600]
    assert len({row["order_id"] for row in result.transactions}) == 3


def test_equal_lines_of_one_order_add_up(read: Read) -> None:
    result = read(LINES + "1,2026-01-01,5,A\n1,2026-01-01,5,A\n2,2026-01-02,6,B\n")
    assert result.amounts == [1000, 600]


def test_an_order_that_two_exports_share_counts_once(read: Read) -> None:
    first = LINES + "1,2026-01-30,5,A\n2,2026-01-31,6,B\n"
    second = LINES + "2,2026-01-31,6,B\n1,2026-02-01,7,C\n"
    result = read({"january.csv": first, "february.csv": second})
    assert result.amounts == [500, 600, 700]
    assert [(r["file"][-12:], r["line"], r["reason"]) for r in result.rejected] == [
        ("february.csv", 2, "duplicate_order")
    ]


def test_an_order_whose_lines_lie_in_two_files_is_whole(read: Read) -> None:
    first = LINES + "1,2026-01-30,5,A\n2,2026-01-31,6,B\n"
    result = read({"a.csv": first, "b.csv": LINES + "2,2026-01-31,9,B\n"})
    assert result.amounts == [500, 1500]


def test_an_order_of_nothing_is_a_purchase(read: Read) -> None:
    assert read("customer,date,total\n1,2026-01-01,0\n2,2026-01-02,6\n").amounts == [0, 600]


RETURNS = """customer,date,total
1,2026-01-01,50
1,2026-02-01,30
1,2026-02-10,-20
1,2026-03-01,40
2,2026-01-15,-5
2,2026-02-15,60
"""


def test_a_return_belongs_to_the_latest_purchase_before_it(read: Read) -> None:
    result = read(RETURNS)
    returned = [row for row in result.transactions if row["amount"] < 0]
    assert [(str(r["ordered_on"]), str(r["purchased_on"])) for r in returned] == [
        ("2026-02-10", "2026-02-01")
    ]
    bought = [row for row in result.transactions if row["amount"] >= 0]
    assert all(row["ordered_on"] == row["purchased_on"] for row in bought)


def test_a_return_of_something_bought_before_the_log_is_left_out(read: Read) -> None:
    result = read(RETURNS)
    assert result.reasons == [(6, "return_without_purchase")]
    assert result.read.rows_accepted == len(result.transactions) == 5


def test_a_return_may_stand_before_its_purchase_of_the_same_day(read: Read) -> None:
    result = read("customer,date,total\n1,2026-01-01,-5\n1,2026-01-01,9\n2,2026-01-02,6\n")
    assert not result.rejected


def test_a_discount_within_an_order_is_no_return(read: Read) -> None:
    result = read(LINES + "1,2026-01-01,50,A\n1,2026-01-01,-10,A\n2,2026-01-02,6,B\n")
    assert result.amounts == [4000, 600]


def test_quantity_times_price_is_the_amount(read: Read) -> None:
    text = (
        "customer,date,quantity,price\n1,2026-01-01,3,1.25\n2,2026-01-02,-1,0\n2,2026-01-03,2,5\n"
    )
    result = read(text)
    assert (result.amounts, result.reasons) == ([375, 1000], [(3, "empty_return")])


def test_cdnow_is_as_its_readme_says(engine: Engine) -> None:
    result = read_paths(engine, [data_file("cdnow/cdnow_master.parquet")])
    sums = "count(*) AS n, sum(amount) AS total, count(DISTINCT customer_id) AS customers, "
    days = "count(DISTINCT (customer_id, ordered_on)) AS days, count(*) FILTER (WHERE amount = 0)"
    found = engine.query(f"SELECT {sums} {days} AS free FROM transactions").to_pylist()[0]
    expected = {"n": 69_659, "total": 250_031_563, "customers": 23_570, "days": 67_591, "free": 80}
    assert {name: int(value) for name, value in found.items()} == expected
    assert result.read.currency == "USD"


@pytest.fixture
def retail(engine: Engine) -> Result:
    return read_paths(engine, [data_file("online_retail/online_retail.parquet")], currency="GBP")


def test_online_retail_gives_the_published_purchases(engine: Engine, retail: Result) -> None:
    sql = (
        "SELECT count(*) AS invoices, count(DISTINCT customer_id) AS customers, "
        "sum(amount) AS total FROM transactions WHERE amount > 0"
    )
    found = engine.query(sql).to_pylist()[0]
    assert (found["invoices"], found["customers"], int(found["total"])) == (
        18_532,
        4_338,
        891_140_790,
    )


def test_online_retail_rows_are_all_accounted_for(retail: Result) -> None:
    read = retail.read
    assert read.rows_read == 541_909 == read.rows_accepted + sum(read.rejected.values())
    assert read.rejected == {"missing_customer": 135_080, "return_without_purchase": 314}


def test_online_retail_as_csv_gives_the_same_table(
    engine: Engine, retail: Result, tmp_path: Any
) -> None:
    source = f"SELECT * FROM read_parquet('{data_file('online_retail/online_retail.parquet')}')"
    engine.copy(source, tmp_path / "retail.csv", "csv")
    again = read_paths(engine, [tmp_path / "retail.csv"], currency="GBP")
    assert again.transactions == retail.transactions
    assert again.read.rejected == retail.read.rejected
