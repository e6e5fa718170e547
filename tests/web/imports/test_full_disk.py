"""A disk that is full at any step: said clearly, nothing half-done, and done again with room."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import Person
from kizuna.web.capture.imports.models import Import
from kizuna.web.jobs.testing import run_all

pytestmark = pytest.mark.django_db

ROWS = 20_000
ORDERS = "customer_id,date,amount\n" + "".join(
    f"C{n * 7919 % 9973:x},2026-01-{n % 28 + 1:02},{n * 104_729 % 99_991}\n" for n in range(ROWS)
)
COLUMNS = {"customer": "customer_id", "date": "date", "amount": "amount"}
FULL = "The disk of the server is full"


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.KIZUNA_HOME = tmp_path
    monkeypatch.setattr("kizuna.web.jobs.services._listeners", {"transactions_changed": []})
    return tmp_path


@pytest.fixture
def member(client_of: Any, ben: Person) -> Client:
    client: Client = client_of(ben)
    return client


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file grow beyond a size, as a full disk would: the system refuses the write."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def post(client: Client, verb: str, **said: str) -> Import:
    entry = Import.objects.get()
    assert client.post(f"/imports/{entry.pk}/{verb}", said).status_code == 302
    run_all()
    return Import.objects.get()


def upload(client: Client, content: bytes) -> Any:
    return client.post("/imports/upload", {"file": SimpleUploadedFile("f.csv", content)})


def page(client: Client) -> str:
    return client.get(f"/imports/{Import.objects.get().pk}").content.decode()


def test_an_upload_that_finds_no_room_says_so_and_leaves_nothing(
    member: Client, home: Path
) -> None:
    with room_for(10_000):
        answer = upload(member, ORDERS.encode())
    assert answer.status_code == 422
    assert FULL in answer.content.decode()
    assert not list((home / "uploads" / "imports").iterdir())
    assert not Import.objects.exists()


def test_a_check_that_finds_no_room_can_be_made_again(member: Client, home: Path) -> None:
    upload(member, ORDERS.replace("C", "顧").encode("cp932"))
    with room_for(10_000):
        assert post(member, "columns", **COLUMNS).status == "failed"
    assert FULL in page(member)
    assert post(member, "columns", **COLUMNS).status == "checked"


def test_an_import_that_finds_no_room_is_still_checked_and_can_be_started_again(
    member: Client, home: Path
) -> None:
    upload(member, ORDERS.encode())
    post(member, "columns", **COLUMNS)
    with room_for(10_000):
        assert post(member, "start").status == "checked"
    assert FULL in page(member)
    assert "transactions" not in Store(home / "store").names()
    assert post(member, "start").status == "done"
    store = Store(home / "store")
    assert len(store.read("transactions")) == Import.objects.get().found["new"]
    assert store.read("order_log")["kind"].to_pylist().count("batch") == 1


def test_an_undo_that_finds_no_room_leaves_the_import_as_it_was(
    client_of: Any, aiko: Person, home: Path
) -> None:
    owner = client_of(aiko)
    upload(owner, ORDERS.encode())
    post(owner, "columns", **COLUMNS)
    post(owner, "start")
    before = len(Store(home / "store").read("transactions"))
    with room_for(500):
        assert post(owner, "undo").status == "done"
    assert FULL in page(owner)
    assert len(Store(home / "store").read("transactions")) == before
    assert post(owner, "undo").status == "undone"
