"""A shop in each kind of database: the same orders, to be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from database_servers import (
    MARIADB,
    WHY,
    MariaDB,
    Postgres,
    mariadb_server,
    postgres_server,
)
from kizuna.pipeline.capture.databases.addresses import parse
from kizuna.pipeline.capture.databases.doors import AnyDoor
from kizuna.pipeline.capture.databases.reading import Database

ORDERS = (
    "(order_id INTEGER PRIMARY KEY, customer VARCHAR(50), ordered_on DATE,"
    " amount DECIMAL(12,2), changed INTEGER)"
)


@dataclass
class Shop:
    """A database, who may write into it, and its server where it has one."""

    database: Database
    admin: Callable[..., None]
    server: Postgres | MariaDB | None = None

    def sell(self, first: int, last: int) -> None:
        """Put orders in, in one statement."""
        rows = ", ".join(
            f"({n}, 'C{n % 97}', '2026-01-{n % 28 + 1:02}', {n}.25, {n})"
            for n in range(first, last + 1)
        )
        self.admin(f"INSERT INTO orders VALUES {rows}")


@pytest.fixture(scope="session")
def postgres_shop() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_shop() -> Iterator[MariaDB]:
    if not MARIADB:
        pytest.skip(WHY)
    with mariadb_server() as server:
        yield server


def of_postgres(server: Postgres) -> Shop:
    server.admin(
        "DROP SCHEMA public CASCADE",
        "CREATE SCHEMA public",
        "GRANT USAGE ON SCHEMA public TO reader",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader",
    )
    return Shop(Database(parse(server.url), AnyDoor()), server.admin, server)


def of_mariadb(server: MariaDB) -> Shop:
    server.admin("DROP DATABASE shop", "CREATE DATABASE shop CHARACTER SET utf8mb4")

    def admin(*statements: str) -> None:
        server.admin("USE shop", *statements)

    return Shop(Database(parse(server.url), AnyDoor()), admin, server)


def of_sqlite(folder: Path) -> Shop:
    path = folder / "shop.db"

    def admin(*statements: str) -> None:
        with closing(sqlite3.connect(path)) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    return Shop(Database(parse(f"sqlite:///{path}"), AnyDoor()), admin)


@pytest.fixture(params=["postgresql", "mysql", "sqlite"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Shop:
    """A shop without orders, in each kind of database."""
    if request.param == "postgresql":
        made = of_postgres(request.getfixturevalue("postgres_shop"))
    elif request.param == "mysql":
        made = of_mariadb(request.getfixturevalue("mariadb_shop"))
    else:
        made = of_sqlite(tmp_path)
    made.admin(f"CREATE TABLE orders {ORDERS}")
    return made


@pytest.fixture(params=["postgresql", "mysql"])
def served(request: pytest.FixtureRequest) -> Shop:
    """A shop without orders, on a server that can be killed."""
    if request.param == "postgresql":
        made = of_postgres(request.getfixturevalue("postgres_shop"))
    else:
        made = of_mariadb(request.getfixturevalue("mariadb_shop"))
    made.admin(f"CREATE TABLE orders {ORDERS}")
    return made


def orders(shop: Shop) -> tuple[str, ...]:
    """The table of orders, as this kind of database names it."""
    return {"postgresql": ("public", "orders"), "mysql": ("shop", "orders")}.get(
        shop.database.address.kind, ("orders",)
    )
