"""A process killed in mid-reading: the next one goes on, and every row is there once."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from random import Random

import pyarrow.parquet as pq

READ = """
import resource, sys, time
from pathlib import Path
if sys.argv[3] == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))
from kizuna.pipeline.capture.databases import reading
from kizuna.pipeline.capture.databases.addresses import parse
from kizuna.pipeline.capture.databases.doors import AnyDoor
from kizuna.pipeline.capture.databases.selections import Selection
reading.FIRST_ROWS = reading.MOST_ROWS = reading.FEWEST_ROWS = 50
if sys.argv[3] == "fault":
    keep = reading.Chunks.keep
    def forget(chunks, progress):
        last, progress.last = progress.last, None
        keep(chunks, progress)
        progress.last = last
    reading.Chunks.keep = forget
database = reading.Database(parse(sys.argv[1]), AnyDoor())
found = reading.read(
    database, Selection(table=("orders",)), Path(sys.argv[2]), on_rows=lambda _: time.sleep(0.003)
)
print(found.rows)
"""
ROWS = 5_000


def fill(shop: Path) -> None:
    with closing(sqlite3.connect(shop)) as connection, connection:
        connection.execute("CREATE TABLE orders (order_id INTEGER PRIMARY KEY)")
        connection.executemany("INSERT INTO orders VALUES (?)", ((n,) for n in range(ROWS)))


def numbers_after_kills(folder: Path, fault: str) -> list[int]:
    """Kill the reader at random until one comes through; give the rows it has."""
    chance, shop, kills = Random(5), folder / "shop.db", 0
    fill(shop)
    command = [sys.executable, "-c", READ, f"sqlite:///{shop}", str(folder / "one"), fault]
    while True:
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        chunks, begun = folder / "one", time.monotonic()
        before = len(list(chunks.glob("chunk-*")))
        more = chance.randint(5, 40) if kills < 4 else ROWS
        while process.poll() is None and len(list(chunks.glob("chunk-*"))) < before + more:
            assert time.monotonic() < begun + 60
            time.sleep(0.001)
        if process.poll() is not None:
            process.communicate()
            return sorted(pq.read_table(chunks / "rows.parquet")["order_id"].to_pylist())
        kills += 1
        process.send_signal(signal.SIGKILL)
        process.communicate()


def test_a_reader_killed_at_random_loses_and_doubles_nothing(tmp_path: Path) -> None:
    assert numbers_after_kills(tmp_path, "none") == list(range(ROWS))


def test_the_kills_find_a_reader_that_forgets_where_it_was(tmp_path: Path) -> None:
    assert numbers_after_kills(tmp_path, "fault") != list(range(ROWS))


def test_a_full_disk_is_told_and_what_was_read_before_is_kept(tmp_path: Path) -> None:
    fill(tmp_path / "shop.db")
    command = [
        sys.executable,
        "-c",
        READ,
        f"sqlite:///{tmp_path / 'shop.db'}",
        str(tmp_path / "one"),
    ]
    full = subprocess.run([*command, "full"], capture_output=True, text=True)
    assert "the disk of this server is full: make room" in full.stderr
    assert not list((tmp_path / "one").glob("*.part"))
    after = subprocess.run([*command, "none"], capture_output=True, text=True)
    assert after.stdout.strip() == str(ROWS), after.stderr
