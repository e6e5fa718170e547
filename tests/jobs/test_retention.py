"""What is older than its period goes from tables, versions and files; nothing else does."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from kizuna.jobs.retention import apply, count, months_before
from kizuna.pipeline.store import Store

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
OLD, NEW = datetime(2025, 2, 1, 9), datetime(2026, 3, 1, 9)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "store")
    said = {"customer_key": ["old-one", "new-one"], "happened_at": [OLD, NEW]}
    store.write("received_events", pa.table(said))
    log = {"batch": ["b", "b", "b"], "happened_at": [OLD, NEW, None]}
    store.write("events_log", pa.table(log))
    store.write("interactions", pa.table({"happened_at": [OLD]}))
    return store


def test_what_would_go_is_counted_and_nothing_changes(store: Store) -> None:
    before = months_before(NOW, 12)
    assert count(store, "events", before) == 2
    assert store.read("received_events").num_rows == 2


def test_the_old_go_and_the_rest_stays(store: Store) -> None:
    assert apply(store, "events", months_before(NOW, 12)) == 2
    assert store.read("received_events")["customer_key"].to_pylist() == ["new-one"]
    assert store.read("events_log")["happened_at"].to_pylist() == [NEW, None]
    assert store.read("interactions").num_rows == 1
    assert apply(store, "events", months_before(NOW, 12)) == 0


def test_no_former_version_holds_them(store: Store) -> None:
    apply(store, "events", months_before(NOW, 12))
    found = (store.folder / "received_events").rglob("*")
    assert not [p for p in found if p.is_file() and b"old-one" in p.read_bytes()]


def test_a_batch_that_comes_again_is_known_although_its_rows_are_gone(store: Store) -> None:
    rows = pa.table({"customer_key": ["old-one"], "happened_at": [OLD]})
    store.append_once("received_events", rows, writer="inbox", number=3)
    apply(store, "events", months_before(NOW, 12))
    assert store.batch_of("received_events", "inbox") == 3


def test_old_files_go(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "uploads" / "imports" / "b1"
    folder.mkdir(parents=True)
    for name, moment in (("old.csv", OLD), ("new.csv", NEW)):
        (folder / name).touch()
        os.utime(folder / name, (moment.timestamp(), moment.timestamp()))
    assert count(store, "files", months_before(NOW, 12)) == 1
    assert apply(store, "files", months_before(NOW, 12)) == 1
    assert [path.name for path in folder.iterdir()] == ["new.csv"]


def test_months_end_where_the_month_does() -> None:
    assert months_before(NOW, 1).date().isoformat() == "2026-02-28"
    assert months_before(NOW, 25).date().isoformat() == "2024-02-29"
