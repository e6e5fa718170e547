"""Every kind of file gives the same rows."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from kizuna.pipeline.capture.text_files import guess_encoding
from kizuna.pipeline.engine import Engine
from order_files import Read, read_paths

ROWS = [("a", "2026-01-05", "10.50"), ("b", "2026-01-06", "3"), ("a", "2026-02-07", "20")]
HEADER = ("customer_id", "order_date", "amount")
EXPECTED = [
    ("a", date(2026, 1, 5), 1050),
    ("b", date(2026, 1, 6), 300),
    ("a", date(2026, 2, 7), 2000),
]


def as_csv(delimiter: str = ",", header: tuple[str, ...] = HEADER) -> str:
    return "".join(delimiter.join(row) + "\n" for row in (header, *ROWS))


def kept(result: Any) -> list[tuple[Any, ...]]:
    return [(r["customer_id"], r["ordered_on"], r["amount"]) for r in result.transactions]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_a_csv_of_any_delimiter_is_read(read: Read, delimiter: str) -> None:
    assert kept(read(as_csv(delimiter))) == EXPECTED


@pytest.mark.parametrize(
    "data",
    [
        as_csv().encode("utf-8-sig"),
        as_csv().encode("utf-16"),
        as_csv().replace("\n", "\r\n").encode(),
        as_csv().replace("\n", "\r").encode(),
        as_csv().rstrip("\n").encode(),
        gzip.compress(as_csv().encode()),
        (as_csv() + "\n\n").encode(),
        ("\n" + as_csv()).encode(),
        as_csv().replace("\n", "\r\n", 2).encode(),
    ],
    ids=["bom", "utf16", "crlf", "cr", "no-end", "gzip", "blank-end", "blank-start", "mixed-ends"],
)
def test_encodings_line_ends_and_gzip_do_not_matter(read: Read, data: bytes) -> None:
    result = read({"orders.csv": data})
    assert kept(result) == EXPECTED
    assert not result.rejected


def test_japanese_in_cp932_is_read_and_said_so(read: Read) -> None:
    rows = [
        "会員番号,氏名,注文日,金額",
        "顧１,山田太郎,2026年1月5日,1200円",
        "顧２,鈴木,2026/1/6,￥900",
    ]
    text = "\n".join(rows)
    result = read({"受注.csv": text.encode("cp932")})
    assert [(r["customer_id"], r["amount"]) for r in result.transactions] == [
        ("顧1", 1200),
        ("顧2", 900),
    ]
    assert "cp932" in result.notes


def test_western_text_is_not_taken_for_japanese(read: Read) -> None:
    text = "customer,name,date,total\n1,José Müller,2026-01-05,5\n2,Zoë Ångström,2026-01-06,6\n"
    assert "cp1252" in read({"orders.csv": text.encode("cp1252")}).notes


def test_json_lines_are_read_with_values_inside_objects(read: Read) -> None:
    lines = [{"customer": {"id": c}, "createdAt": d, "total": float(a)} for c, d, a in ROWS]
    text = "\n".join(map(json.dumps, lines))
    assert kept(read({"orders.jsonl": text}, customer="customer.id")) == EXPECTED


def test_parquet_keeps_its_types(tmp_path: Path, engine: Engine) -> None:
    columns = [
        pa.array([7, 8, 7], pa.int64()),
        pa.array([date(2026, 1, 5), date(2026, 1, 6), date(2026, 2, 7)]),
        pa.array([10.5, 3.0, 20.0]),
    ]
    pq.write_table(pa.table(columns, names=HEADER), tmp_path / "o.parquet")
    rows = kept(read_paths(engine, [tmp_path / "o.parquet"]))
    assert [(c.replace("7", "a").replace("8", "b"), d, m) for c, d, m in rows] == EXPECTED


def test_parquet_of_texts_is_read_like_a_csv(tmp_path: Path, engine: Engine) -> None:
    columns = [list(column) for column in zip(*ROWS, strict=True)]
    pq.write_table(pa.table(columns, names=HEADER), tmp_path / "o.parquet")
    assert kept(read_paths(engine, [tmp_path / "o.parquet"])) == EXPECTED


def test_excel_is_read_with_its_row_numbers(tmp_path: Path, engine: Engine) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    rows = [(c, date.fromisoformat(d), float(a)) for c, d, a in ROWS]
    for row in (HEADER, *rows, (None, None, None), (None, date(2026, 3, 1), "7")):
        sheet.append(row)
    book.save(tmp_path / "orders.xlsx")
    result = read_paths(engine, [tmp_path / "orders.xlsx"])
    assert kept(result) == EXPECTED
    assert result.reasons == [(6, "missing_customer")]


def test_files_of_different_formats_are_read_together(read: Read) -> None:
    other = json.dumps(dict(zip(HEADER, ("c", "2026-03-01", "9"), strict=True)))
    files = {"a.csv": as_csv(), "b.jsonl": other, "c.csv": as_csv(";").replace("a;", "z;")}
    result = read(files)
    assert result.read.rows_read == len(result.transactions) == 7


def test_a_glob_names_files_and_each_is_read_once(tmp_path: Path, engine: Engine) -> None:
    (tmp_path / "a.csv").write_text(as_csv())
    (tmp_path / "b.csv").write_text(as_csv().replace("a,", "z,"))
    result = read_paths(engine, [str(tmp_path / "*.csv"), tmp_path / "a.csv"])
    assert result.read.rows_read == 6


def test_an_exact_copy_of_a_file_changes_nothing_and_is_named(read: Read) -> None:
    result = read({"a.csv": as_csv(), "b.csv": as_csv()})
    assert kept(result) == EXPECTED
    assert "b.csv is an exact copy" in result.notes


def test_columns_may_stand_in_another_order_in_the_next_file(read: Read) -> None:
    other = "amount,order_date,customer_id\n5,2026-01-09,c\n"
    assert read({"a.csv": as_csv(), "b.csv": other}).amounts == [1050, 300, 500, 2000]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("id,金額\n1,1200円\n2,90円\n3,15円\n4,7円\n", "cp932"),
        ("顧客,日付\n山田,1月5日\n", "cp932"),
        ("氏名,フリガナ\n佐藤花子,ｻﾄｳ ﾊﾅｺ\n", "cp932"),
        ("顧客,日付\n山田,1月5日\n", "euc_jp"),
        ("氏名,フリガナ\n佐藤花子,サトウ ハナコ\n高橋,ﾀｶﾊｼ\n", "euc_jp"),
        ("id,金額\n1,1200円\n2,90円\n", "euc_jp"),
        ("name,amount\nCafé,3\nMüller,4\nO’Brien,5\n", "cp1252"),
        ("id,amount\n1,£12.50\n2,£9\n3,£4\n", "cp1252"),
    ],
)
def test_japanese_is_told_from_western_text(text: str, encoding: str) -> None:
    assert guess_encoding(text.encode(encoding)) == encoding
