"""Input that cannot be used gets one clear sentence."""

from __future__ import annotations

import sys
import time
from datetime import date
from pathlib import Path

import pytest

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.errors import InputError
from order_files import Read, read_paths

HEADER = "customer,date,total\n"


def test_a_file_that_is_not_there(engine: Engine) -> None:
    with pytest.raises(InputError, match=r"nowhere\.csv: there is no such file"):
        read_paths(engine, ["nowhere.csv"])


def test_a_directory(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a directory: name the files in it"):
        read_paths(engine, [tmp_path])


def test_no_file_at_all(engine: Engine) -> None:
    with pytest.raises(InputError, match="no file of orders given"):
        read_paths(engine, [])


@pytest.mark.parametrize("content", ["", " \n\n"])
def test_an_empty_file(read: Read, content: str) -> None:
    with pytest.raises(InputError, match="is empty"):
        read(content)


def test_a_header_alone(read: Read) -> None:
    with pytest.raises(InputError, match="no row below the header"):
        read(HEADER)


@pytest.mark.parametrize(
    ("data", "what"),
    [(b"%PDF-1.7 x", "a PDF"), (b"\x89PNG\r\n", "a picture"), (b"a,b\n\x00\x01\x02", "not text")],
)
def test_a_binary_file(read: Read, data: bytes, what: str) -> None:
    with pytest.raises(InputError, match=f"is {what}: give orders as CSV"):
        read({"orders.csv": data})


def test_a_broken_parquet_file(read: Read) -> None:
    with pytest.raises(InputError, match="no readable Parquet"):
        read({"orders.parquet": b"PAR1 and nothing"})


def test_a_broken_workbook(read: Read) -> None:
    with pytest.raises(InputError, match="no readable Excel workbook"):
        read({"orders.xlsx": b"PK\x03\x04 and nothing"})


def test_excel_without_its_extra(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(InputError, match=r"pip install 'kizuna\[excel\]'"):
        read({"orders.xlsx": b"PK\x03\x04"})


def test_one_json_array(read: Read) -> None:
    with pytest.raises(InputError, match="give one object a line"):
        read({"orders.json": '[{"customer": 1}]'})


def test_dates_of_which_none_can_be_read(read: Read) -> None:
    with pytest.raises(InputError, match=r"column 'date' holds e\.g\. 'soon': is --date the right"):
        read(HEADER + "1,soon,5\n2,later,6\n")


def test_dates_that_all_lie_in_the_future(read: Read) -> None:
    with pytest.raises(InputError, match="the first is 2027-01-01, and today is 2026-11-21"):
        read(HEADER + "1,2027-01-01,5\n2,2027-01-02,6\n")


def test_orders_that_are_all_after_as_of(read: Read) -> None:
    with pytest.raises(InputError, match="after --as-of 2020-01-01"):
        read(HEADER + "1,2026-01-01,5\n2,2026-01-02,6\n", as_of=date(2020, 1, 1))


def test_one_customer_only(read: Read) -> None:
    with pytest.raises(InputError, match="all 2 orders are of one customer, '1'"):
        read(HEADER + "1,2026-01-01,5\n1,2026-01-02,6\n")


@pytest.mark.parametrize("amount", ["0", "-5"])
def test_amounts_that_add_up_to_nothing(read: Read, amount: str) -> None:
    with pytest.raises(InputError, match="not above zero; is --amount 'total' the right column"):
        read(HEADER + f"1,2026-01-01,{amount}\n2,2026-01-02,{amount}\n")


def test_a_second_file_with_other_columns_is_named(read: Read) -> None:
    with pytest.raises(InputError, match=r"b\.csv: there is no column 'customer'.*all files need"):
        read({"a.csv": HEADER + "1,2026-01-01,5\n", "b.csv": "kunde,date,total\n1,2026-01-01,5\n"})


def test_a_zone_that_does_not_exist(read: Read) -> None:
    with pytest.raises(InputError, match="no time zone 'Tokio'"):
        read(HEADER + "1,2026-01-01,5\n2,2026-01-02,6\n", timezone="Tokio")


def test_millions_of_rows_of_one_customer_are_refused_in_seconds(
    engine: Engine, tmp_path: Path
) -> None:
    rows = "SELECT 1 AS customer_id, DATE '2024-01-01' + (i % 900)::INTEGER AS date, 5.0 AS amount"
    engine.copy(f"{rows} FROM range(5_000_000) AS t(i)", tmp_path / "one.parquet")
    start = time.perf_counter()
    with pytest.raises(InputError, match="all 5,000,000 orders are of one customer"):
        read_paths(engine, [tmp_path / "one.parquet"])
    assert time.perf_counter() - start < 5
