"""Input that cannot be used gets one sentence and exit code 2, and never a traceback."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from command import refused, run, shop_log, write_log

GOOD = [("A", "2024-01-01", 10), ("B", "2024-02-01", 20), ("A", "2024-03-01", 5)]


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path):
    log = write_log(tmp_path / "orders.csv", GOOD)
    sentence = refused(log, "--customer", "buyer", out=tmp_path / "out")
    assert "buyer" in sentence
    assert "customer_id" in sentence


def test_dates_that_cannot_be_read_are_shown(tmp_path):
    log = write_log(tmp_path / "orders.csv", [(c, "someday", a) for c, _, a in GOOD])
    assert "date" in refused(log, out=tmp_path / "out")


def test_one_customer_is_too_few(tmp_path):
    rows = [("A", date(2024, 1, 1) + timedelta(days=i), 10) for i in range(50)]
    assert "one customer" in refused(write_log(tmp_path / "o.csv", rows), out=tmp_path / "out")


def test_five_million_rows_of_one_customer_are_refused_quickly(tmp_path):
    n = 5_000_000
    days = pa.array([date(2024, 1, 1)] * 1000).take(pa.array([i % 1000 for i in range(1000)]))
    table = pa.table(
        {
            "customer_id": pa.repeat("A", n),
            "date": pa.chunked_array([days] * (n // 1000)),
            "amount": pa.repeat(9.5, n),
        }
    )
    pq.write_table(table, tmp_path / "one.parquet")
    assert "one customer" in refused(tmp_path / "one.parquet", out=tmp_path / "out")


@pytest.mark.parametrize("content", ["", "\n", "customer_id,date,amount\n"])
def test_an_empty_file_is_refused(tmp_path, content):
    (tmp_path / "orders.csv").write_text(content)
    assert "orders.csv" in refused(tmp_path / "orders.csv", out=tmp_path / "out")


def test_a_directory_is_refused(tmp_path):
    (tmp_path / "folder").mkdir()
    assert "folder" in refused(tmp_path / "folder", out=tmp_path / "out")


def test_a_file_that_is_not_there_is_named(tmp_path):
    assert "nothing.csv" in refused(tmp_path / "nothing.csv", out=tmp_path / "out")


def test_a_binary_file_is_refused(tmp_path):
    (tmp_path / "photo.csv").write_bytes(bytes(range(256)) * 64)
    assert "photo.csv" in refused(tmp_path / "photo.csv", out=tmp_path / "out")


def test_a_log_of_returns_alone_is_refused(tmp_path):
    log = write_log(tmp_path / "orders.csv", [(c, d, -a) for c, d, a in GOOD])
    refused(log, out=tmp_path / "out")


def test_a_log_that_lies_in_the_future_is_refused(tmp_path):
    rows = [(c, d.replace("2024", "2124"), a) for c, d, a in GOOD]
    assert "future" in refused(write_log(tmp_path / "orders.csv", rows), out=tmp_path / "out")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--horizon", "soon"),
        ("--horizon", "0d"),
        ("--holdout", "2019-01-01"),
        ("--holdout", "later"),
        ("--model", "crystal_ball"),
        ("--margin", "0"),
        ("--margin", "1.5"),
        ("--discount", "-0.1"),
        ("--as-of", "yesterday"),
        ("--timezone", "Moon/Base"),
        ("--currency", "BITS"),
    ],
)
def test_an_option_that_makes_no_sense_is_named(tmp_path, option, value):
    log = shop_log(tmp_path / "orders.csv", customers=40)
    assert option in refused(log, option, value, out=tmp_path / "out")


def test_a_file_in_place_of_the_folder_for_results_is_named(tmp_path):
    log = write_log(tmp_path / "orders.csv", GOOD)
    (tmp_path / "out").write_text("in the way")
    assert "--out" in refused(log, out=tmp_path / "out")


def test_nothing_is_written_when_input_is_refused(tmp_path):
    refused(write_log(tmp_path / "orders.csv", [("A", "x", 1)]), out=tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


def test_too_little_data_for_a_model_gets_the_plain_formula(tmp_path):
    ran = run(write_log(tmp_path / "orders.csv", GOOD), out=tmp_path / "out")
    assert ran.code == 0, ran.stderr
    assert ran.summary["model"] is None
    assert ran.summary["customer_equity"]["value"] is None
    assert "at least" in ran.summary["choice"]["reason"]
    assert "plain formula" in (ran.out / "report.html").read_text("utf-8")
