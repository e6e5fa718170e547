"""A worker killed at any point of an import: the next one finishes it, and the rows are in once.

The twin forgets what is in the log, as a job without the batch's name would: the test finds it.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from job_room import HERE, until
from kizuna.pipeline.store import Store
from web_installations import environment, install

POINTS = [
    "reading",
    "before the log",
    "after the log",
    "before the table",
    "after the table",
    "before it is said",
]
PATIENCE = 180.0
PACE = {"lease": 2.0, "beat": 0.2, "poll": 0.05, "grace": 0.5}

pytestmark = pytest.mark.slow


def start(home: Path, *arguments: str) -> subprocess.Popen[bytes]:
    more = {"JOB_TEST_PACE": json.dumps(PACE), "PYTHONPATH": str(HERE)}
    command = [sys.executable, str(HERE / "import_worker.py"), *arguments]
    with (home / "log").open("ab") as log:
        env = environment(home, **more)
        return subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)


def status(home: Path) -> str:
    with closing(sqlite3.connect(home / "db.sqlite3", timeout=20)) as connection:
        found = connection.execute("SELECT status FROM imports_import").fetchone()
        return str(found[0])


def killed_and_resumed(home: Path, table: str, point: str, fault: str = "") -> Store:
    """Bring a file in, kill the worker at a point, and have another finish."""
    victim = start(install(home), point, "", table)
    assert until((home / "here").exists), (home / "log").read_text()
    os.kill(victim.pid, signal.SIGKILL)
    victim.wait()
    successor = start(home, "", fault)
    try:
        assert until(lambda: status(home) == "done"), (status(home), (home / "log").read_text())
    finally:
        successor.terminate()
        successor.wait(30)
    return Store(home / "store")


def headers(store: Store, log: str) -> int:
    column = store.read(log)["kind"].to_pylist()
    return column.count("batch")


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_import_of_orders_is_finished_by_the_next_worker(
    tmp_path: Path, point: str
) -> None:
    store = killed_and_resumed(tmp_path, "orders", point)
    amounts = store.read("transactions")["amount"].to_pylist()
    assert sorted(amounts) == [100 * (n + 1) for n in range(3_000)]
    assert headers(store, "order_log") == 1


@pytest.mark.parametrize("point", ["before the log", "after the log"])
def test_a_killed_import_of_another_table_is_finished_by_the_next_worker(
    tmp_path: Path, point: str
) -> None:
    store = killed_and_resumed(tmp_path, "events", point)
    names = store.read("events")["name"].to_pylist()
    assert sorted(map(int, names)) == [n + 1 for n in range(3_000)]


def test_the_test_finds_an_import_that_is_written_to_the_log_twice(tmp_path: Path) -> None:
    store = killed_and_resumed(tmp_path, "orders", "after the log", fault="forget")
    assert headers(store, "order_log") == 2
