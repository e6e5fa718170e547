"""A long file is looked at by its head, however it is kept; and announced where it matters."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from kizuna.web.capture.imports import files, services

LINE = "A,{n},2026-01-01,10\n"
LONG = "customer_id,order_id,date,amount\n" + "".join(LINE.format(n=n) for n in range(250_000))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("f.csv", LONG.encode()),
        ("f.csv.gz", gzip.compress(LONG.encode())),
        ("f.csv", LONG.encode("utf-16")),
        ("f.csv.gz", gzip.compress(LONG.encode("utf-16"))),
        ("f.csv.gz", gzip.compress(LONG.encode())[:200_000]),
    ],
    ids=["plain", "compressed", "two bytes a letter", "both", "cut off"],
)
def test_the_head_of_a_long_file_is_read_in_whole_lines(
    tmp_path: Path, name: str, data: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    seen = files.previewed(path, name)
    assert seen["columns"] == ("customer_id", "order_id", "date", "amount")
    assert seen["rows"][19] == ("A", "19", "2026-01-01", "10")


def test_a_file_that_unpacks_to_a_thousand_times_its_size_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "f.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"customer_id,date,amount\n")
        for _ in range(40):
            file.write(b"A,2026-01-01,10\n" * 60_000)
    before = path.stat().st_size
    seen = files.previewed(path, "f.csv.gz")
    assert seen["columns"] == ("customer_id", "date", "amount")
    assert before < 1_000_000


@pytest.mark.parametrize(("orders", "told"), [(False, []), (True, [{}])])
def test_customers_without_orders_ask_for_no_figures_yet(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, orders: bool, told: list[Any]
) -> None:
    heard: list[dict[str, Any]] = []
    listeners = {"transactions_changed": [lambda **said: heard.append(said)]}
    monkeypatch.setattr("kizuna.web.jobs.services._listeners", listeners)
    settings.KIZUNA_HOME = tmp_path
    if orders:
        (tmp_path / "store" / "transactions" / "_delta_log").mkdir(parents=True)
    services.tell("customers")
    assert heard == told
