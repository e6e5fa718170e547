"""`kizuna import` of a database, as it is typed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kizuna.cli import app
from kizuna.pipeline.store import Store
from pipeline.capture.databases.conftest import (  # noqa: F401  -- fixtures
    Shop,
    mariadb_shop,
    orders,
    postgres_shop,
    served,
)


@pytest.fixture
def shop(tmp_path: Path) -> str:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE orders (order_id, customer_id, date, amount)")
        connection.execute("INSERT INTO orders VALUES (1, 'A', '2026-01-01', 10)")
        connection.execute("INSERT INTO orders VALUES (2, 'B', '2026-01-02', 20)")
    return f"sqlite:///{path}"


def kizuna(home: Path, *words: str, **environment: str) -> Result:
    command = ["import", *words, "--home", str(home)]
    return CliRunner().invoke(app, command, env={"NO_COLOR": "1", **environment})


def amounts(home: Path) -> list[int]:
    found: list[int] = Store(home / "store").read("transactions")["amount"].to_pylist()
    return found


def test_a_table_is_brought_in_and_again_changes_nothing(tmp_path: Path, shop: str) -> None:
    first = kizuna(tmp_path, shop, "--from", "orders")
    assert "shop-orders.parquet: 2 new" in first.stdout, first.stderr
    assert "0 new, 0 changed, 2 unchanged" in kizuna(tmp_path, shop, "--from", "orders").stdout


def test_a_query_is_brought_in_by_the_name_of_a_variable(tmp_path: Path, shop: str) -> None:
    query = "SELECT * FROM orders WHERE amount > 10"
    assert kizuna(tmp_path, "env:SHOP_URL", "--query", query, SHOP_URL=shop).exit_code == 0
    assert amounts(tmp_path) == [2000]


def test_a_server_is_read_with_a_password_that_no_list_of_processes_shows(
    tmp_path: Path,
    served: Shop,  # noqa: F811
) -> None:
    served.sell(1, 30)
    address = served.database.address
    url = str(address).replace(f"{address.user}@", f"{address.user}:{address.password}@")
    said = ("--customer", "customer", "--date", "ordered_on", "--order", "order_id")
    ran = kizuna(tmp_path, "env:SHOP", "--from", ".".join(orders(served)), *said, SHOP=url)
    assert "30 new" in ran.stdout, ran.stderr
    assert sorted(amounts(tmp_path))[:2] == [125, 225]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("env:NOTHING", "--from", "a"), "NOTHING is not set"),
        (("mysql://ann:secret@h/d", "--from", "a"), "password on the command line"),
        (("sqlite:///no.db", "--from", "a"), "no such SQLite file"),
        (("sqlite:///no.db",), "--query"),
        (("orders.csv", "--from", "a"), "env:SHOP_URL"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    ran = kizuna(tmp_path, *words)
    assert (ran.exit_code, len(ran.stderr.strip().splitlines())) == (2, 1)
    assert said in ran.stderr
    assert "secret" not in ran.stderr
