"""A real server through the pages: reached where it is allowed, and killed in mid-reading."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.test import Client

from database_servers import Postgres, postgres_server
from kizuna.pipeline.capture.databases import reading
from kizuna.web.accounts.models import Person
from kizuna.web.capture.imports.models import Import
from kizuna.web.capture.sources.models import Connection, Fetch, Source
from kizuna.web.jobs.testing import run_all

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PLAN = {"what": "public.orders", "rows_are": "orders", "every": "", "hour": "3", "keep": "1"}


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres_server() as running:
        running.admin(
            "CREATE TABLE orders AS SELECT n AS order_id, 'C' || n % 7 AS customer, "
            "DATE '2026-01-01' AS day, n AS amount FROM generate_series(1, 2000) AS n",
            "ALTER TABLE orders ADD PRIMARY KEY (order_id)",
            "GRANT SELECT ON orders TO reader",
        )
        yield running


@pytest.fixture
def owner(client_of: Any, aiko: Person, settings: Any, tmp_path: Path) -> Client:
    settings.KIZUNA_HOME = tmp_path
    settings.DATABASE_HOSTS = ["127.0.0.1"]
    client: Client = client_of(aiko)
    return client


def connected(owner: Client, server: Postgres, password: str = "secret") -> str:
    port = psycopg.conninfo.conninfo_to_dict(server.url)["port"]
    place = {"name": "Shop", "kind": "postgresql", "host": "127.0.0.1", "port": port}
    who = {"database": "shop", "user": "reader", "password": password, "security": "prefer"}
    return owner.post("/sources/new", place | who, follow=True).content.decode()


def test_a_server_is_connected_and_a_wrong_password_is_told(
    owner: Client, server: Postgres
) -> None:
    assert "The database answers." in connected(owner, server)
    Connection.objects.all().delete()
    assert "check name and password" in connected(owner, server, "wrong")


def test_a_server_killed_in_mid_reading_is_told_and_the_reading_goes_on(
    owner: Client, server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FIRST_ROWS", "MOST_ROWS", "FEWEST_ROWS"):
        monkeypatch.setattr(reading, name, 100)
    monkeypatch.setattr(reading, "PATIENCE", (0.0, 0.0))
    connected(owner, server)
    owner.post(f"/sources/{Connection.objects.get().pk}/read", PLAN)
    source, told = Source.objects.get(), list[int]()

    def kill(rows: int) -> None:
        told.append(rows)
        if rows == 700:
            server.kill()

    monkeypatch.setattr("kizuna.web.capture.sources.tasks._tell", kill)
    owner.post(f"/sources/read/{source.pk}/run")
    run_all()
    assert Fetch.objects.get().outcome == "failed"
    assert "did not come back" in owner.get(f"/sources/read/{source.pk}").content.decode()
    server.begin()
    owner.post(f"/sources/read/{source.pk}/run")
    run_all()
    assert (Fetch.objects.get().outcome, Fetch.objects.get().rows) == ("done", 2000)
    assert told == list(range(100, 2001, 100))
    assert Import.objects.get().preview["rows"]
