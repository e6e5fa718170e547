"""Imports of the command line, shown and announced like any other; and what is swept away."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from kizuna.jobs import load as job
from kizuna.jobs.load import OrderFile
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.capture.imports import files, services, tasks
from kizuna.web.capture.imports.models import Import
from kizuna.web.jobs.testing import run_all

pytestmark = pytest.mark.django_db

AT = datetime(2026, 2, 1, 9, tzinfo=UTC)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was announced."""
    said: list[dict[str, Any]] = []
    listeners = {"transactions_changed": [lambda **payload: said.append(payload)]}
    monkeypatch.setattr("kizuna.web.jobs.services._listeners", listeners)
    return said


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path, heard: list[Any]) -> Path:
    settings.KIZUNA_HOME = tmp_path
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "part"
    (tmp_path / "part").mkdir()
    return tmp_path


def by_command(home: Path, batch: str = "abc", name: str = "shop.csv") -> Store:
    """Import a file as the command line does."""
    path, store = home / name, Store(home / "store")
    path.write_text("customer_id,order_id,date,amount\nA,1,2026-01-01,10\nB,2,2026-01-02,20\n")
    job.load(store, OrderFile(path=path, name=name), batch=batch, at=AT, today=AT.date())
    return store


def test_an_import_of_the_command_line_is_listed_and_announced(
    home: Path, client_of: Any, ben: Person, heard: list[Any]
) -> None:
    by_command(home)
    client: Client = client_of(ben)
    assert "in a moment" in client.get("/imports/").content.decode()
    run_all()
    entry = Import.objects.get()
    assert (entry.batch, entry.status, entry.person) == ("abc", "done", None)
    assert entry.created_at == AT
    page = client.get("/imports/").content.decode()
    assert "shop.csv" in page
    assert "kizuna import" in page
    assert "in a moment" not in page
    assert len(heard) == 1
    assert AuditEntry.objects.filter(action="capture.import.noticed").count() == 1


def test_a_second_look_finds_nothing_new(home: Path, heard: list[Any]) -> None:
    by_command(home)
    for _ in range(2):
        tasks.notice_others.enqueue()
        run_all()
    assert (Import.objects.count(), len(heard)) == (1, 1)


def test_an_import_that_changed_nothing_is_listed_and_not_announced(
    home: Path, heard: list[Any]
) -> None:
    by_command(home)
    by_command(home, batch="def")
    tasks.notice_others.enqueue()
    run_all()
    heard.clear()
    by_command(home, batch="ghi")
    tasks.notice_others.enqueue()
    run_all()
    assert (Import.objects.count(), heard) == (3, [])


def test_an_import_undone_on_the_command_line_is_undone_here(home: Path, heard: list[Any]) -> None:
    store = by_command(home)
    tasks.notice_others.enqueue()
    run_all()
    job.undo(store, "abc")
    tasks.notice_others.enqueue()
    run_all()
    assert Import.objects.get().status == "undone"
    assert len(heard) == 2


def test_an_import_of_the_command_line_can_be_undone_here(home: Path, aiko: Person) -> None:
    store = by_command(home)
    tasks.notice_others.enqueue()
    run_all()
    services.undo(actor=aiko, pk=Import.objects.get().pk)
    run_all()
    assert Import.objects.get().status == "undone"
    assert len(store.read("transactions")) == 0


def test_an_import_under_way_is_not_taken_for_one_from_elsewhere(home: Path, ben: Person) -> None:
    store = by_command(home, batch="abc")
    Import.objects.create(batch="abc", status="loading", path="x", uploaded=True, size=1)
    tasks.notice_others.enqueue()
    run_all()
    assert Import.objects.get().status == "loading"
    assert len(store.read("transactions")) == 2


def test_broken_uploads_are_swept_away_after_a_day(home: Path, ben: Person) -> None:
    old, new = home / "part" / "a.upload.csv", home / "part" / "b.upload.csv"
    for path in (old, new):
        path.write_text("x")
    nobody, known = files.folder_of("nobody"), files.folder_of("known")
    for folder in (nobody, known):
        folder.mkdir(parents=True)
    Import.objects.create(batch="known", path="x", uploaded=True, size=1)
    for path in (old, nobody, known):
        os.utime(path, (0, 0))
    tasks.sweep_uploads.enqueue()
    run_all()
    assert [p.exists() for p in (old, new, nobody, known)] == [False, True, False, True]
