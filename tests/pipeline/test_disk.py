"""Commits that a loss of power left in part, and those that a killed process left unsynced.

An entry of the log that breaks off after any of its lines is taken back, whatever wrote it; the
twin that believes what reads well loses rows, or brings them twice.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa
import pytest

from kizuna.pipeline import disk
from kizuna.pipeline.store import Store

NAME = "things"


def rows(*names: str, one: str = "one") -> pa.Table:
    return pa.table({"name": pa.array(names, pa.string()), one: [1] * len(names)})


NONE = pa.table({"name": pa.array([], pa.string()), "one": pa.array([], pa.int64())})
WRITES: dict[str, Callable[[Store], object]] = {
    "replaced": lambda store: store.write(NAME, rows("x", "y")),
    "with other columns": lambda store: store.write(NAME, rows("x", one="other")),
    "emptied": lambda store: store.write(NAME, NONE),
    "replaced in part": lambda store: store.replace(NAME, rows("b"), "name = 'b'"),
    "appended": lambda store: store.append(NAME, rows("x")),
    "appended once": lambda store: store.append_once(NAME, rows("x"), writer="inbox", number=7),
    "a batch without rows": lambda store: store.append_once(NAME, NONE, writer="inbox", number=7),
    "erased": lambda store: store.erase(NAME, "name", ["b"]),
    "removed in part": lambda store: store.remove(NAME, "name = 'a'"),
    "changed": lambda store: store.change(NAME, {"one": "2"}, "name = 'b'"),
    "joined": lambda store: store.compact(NAME),
    "joined by name": lambda store: store.compact(NAME, by="name"),
    "vacuumed": lambda store: store.vacuum(NAME, timedelta(0)),
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with one table of several files, some of them needed no more."""
    store = Store(tmp_path / "store")
    for names in ("ab", "c", "de"):
        store.append(NAME, rows(*names))
    store.erase(NAME, "name", ["d"])
    return store


def entry_of(store: Store) -> Path:
    table = store.folder / NAME
    return disk._named(table, disk.last_commit(table), "json")


def after_a_cut(store: Store, folder: Path, lines: list[bytes]) -> Store:
    """Give a copy in which the last entry has these lines only, mended."""
    shutil.copytree(store.folder, folder)
    copy = Store(folder)
    entry_of(copy).write_bytes(b"\n".join(lines))
    copy.mend()
    return copy


def held(store: Store) -> tuple[list[dict[str, object]], int]:
    found = store.read(NAME).sort_by("name").to_pylist() if NAME in store.names() else []
    return found, store.batch_of(NAME, "inbox")


def cuts(store: Store, tmp_path: Path) -> list[tuple[list[dict[str, object]], int]]:
    """Say what is held after each cut of the last entry at the end of a line."""
    lines = entry_of(store).read_bytes().split(b"\n")
    return [
        held(after_a_cut(store, tmp_path / f"cut-{many}", lines[:many]))
        for many in range(len(lines))
    ]


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_an_entry_that_breaks_off_after_any_line_is_taken_back(
    store: Store, tmp_path: Path, write: Callable[[Store], object]
) -> None:
    before = held(store)
    write(store)
    assert store.mend() == []
    assert all(found == before for found in cuts(store, tmp_path))


def test_a_log_that_begins_anew_is_whole(store: Store) -> None:
    before = held(store)
    store.forget(NAME)
    assert (store.mend(), held(store)) == ([], before)


def test_a_table_whose_first_entry_breaks_off_is_none(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    store.append_once(NAME, rows("a"), writer="inbox", number=7)
    assert cuts(store, tmp_path) == [([], 0)] * 5


@pytest.mark.parametrize("name", ["joined", "appended once", "removed in part"])
def test_the_cuts_find_a_log_whose_lines_are_not_counted(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = held(store)
    WRITES[name](store)
    monkeypatch.setattr(disk, "_is_all_there", lambda entry: True)
    assert any(found != before for found in cuts(store, tmp_path))


def synced_by(act: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> set[str]:
    synced = set[str]()
    monkeypatch.setattr(disk, "sync", lambda path: synced.add(path.name))
    act()
    return synced


def killed_before_it_syncs(folder: Path) -> None:
    disk.keep = lambda table, after: os._exit(9)
    Store(folder).append(NAME, rows("x"))


def test_what_a_killed_process_committed_is_synced_at_the_next_start(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = get_context("spawn").Process(target=killed_before_it_syncs, args=[store.folder])
    killed.start()
    killed.join()
    assert killed.exitcode == 9
    assert len(held(store)[0]) == 5
    entry = entry_of(store)
    files = {*disk._rows_of(entry), entry.name}
    assert files <= synced_by(store.mend, monkeypatch)


def test_a_commit_is_not_built_upon_before_it_is_synced(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store._writing(NAME):  # another, who has committed and not synced
        beside = entry_of(store).name
        assert beside in synced_by(lambda: store.append(NAME, rows("x")), monkeypatch)
    monkeypatch.undo()
    alone = entry_of(store).name
    assert alone not in synced_by(lambda: store.append(NAME, rows("y")), monkeypatch)
