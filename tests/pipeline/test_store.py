"""The store: replaced whole or not at all, versions, appends at once, survival of a crash."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.store import Store, StoreError

SCHEMA = pa.schema([("customer_id", pa.string()), ("amount", pa.int64())])


def orders(*amounts: int) -> pa.Table:
    return pa.table({"customer_id": [f"c{a}" for a in amounts], "amount": list(amounts)}, SCHEMA)


def amounts(table: pa.Table) -> list[int]:
    return sorted(table["amount"].to_pylist())


def crashing() -> pa.RecordBatchReader:
    def batches() -> Iterator[pa.RecordBatch]:
        yield orders(7, 8, 9).to_batches()[0]
        raise RuntimeError("the power went off")

    return pa.RecordBatchReader.from_batches(SCHEMA, batches())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "tables")


def test_a_table_is_read_as_it_was_written(store: Store) -> None:
    assert store.write("orders", orders(1, 2)) == 0
    assert store.read("orders").equals(orders(1, 2))
    assert store.names() == ("orders",)


def test_writing_again_replaces_the_table_and_keeps_the_former_version(store: Store) -> None:
    store.write("orders", orders(1, 2))
    assert store.write("orders", orders(3)) == 1
    assert amounts(store.read("orders")) == [3]
    assert amounts(store.read("orders", version=0)) == [1, 2]


def test_a_replacement_may_have_other_columns(store: Store) -> None:
    store.write("orders", orders(1))
    store.write("orders", pa.table({"other": ["x"]}))
    assert store.read("orders").column_names == ["other"]


def test_appending_with_other_columns_is_refused(store: Store) -> None:
    store.write("orders", orders(1))
    with pytest.raises(Exception, match=r"(?i)schema|field"):
        store.append("orders", pa.table({"other": ["x"]}))


def test_versions_say_when_and_by_what(store: Store) -> None:
    store.write("orders", orders(1))
    store.append("orders", orders(2))
    versions = store.versions("orders")
    assert [v.number for v in versions] == [0, 1]
    assert versions[0].at <= versions[1].at
    assert versions[0].at.tzinfo is not None


def test_a_table_that_is_not_there_is_named(store: Store) -> None:
    store.write("orders", orders(1))
    with pytest.raises(StoreError, match=r"no table 'ordres'; it has \('orders',\)"):
        store.read("ordres")


def test_a_version_that_is_not_there_is_named(store: Store) -> None:
    store.write("orders", orders(1))
    with pytest.raises(StoreError, match="versions up to 0, none 4"):
        store.read("orders", version=4)


def test_a_name_cannot_leave_the_folder(store: Store) -> None:
    with pytest.raises(ValueError, match="cannot name a table"):
        store.write("../orders", orders(1))


def test_an_engine_reads_one_version_while_the_next_is_written(store: Store) -> None:
    store.write("orders", orders(1, 2))
    with Engine() as engine:
        assert store.register(engine, "orders") == 0
        store.write("orders", orders(3))
        assert amounts(engine.table("orders")) == [1, 2]
        assert store.register(engine, "orders") == 1
        assert amounts(engine.table("orders")) == [3]


def test_a_table_without_rows_can_be_read_in_an_engine(store: Store) -> None:
    store.write("orders", SCHEMA.empty_table())
    with Engine() as engine:
        store.register(engine, "orders")
        assert engine.schema("orders") == SCHEMA
        assert engine.count("orders") == 0


def test_appends_at_once_lose_no_row(store: Store) -> None:
    store.write("orders", orders(0))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda k: store.append("orders", orders(k)), range(1, 25)))
    assert amounts(store.read("orders")) == list(range(25))


def test_replacing_without_a_log_loses_rows_when_two_append_at_once(tmp_path: Path) -> None:
    """The twin: read, add, write back, as a plain file would be."""
    path = tmp_path / "orders.parquet"
    pq.write_table(orders(0), path)
    first, second = pq.read_table(path), pq.read_table(path)
    pq.write_table(pa.concat_tables([first, orders(1)]), path)
    pq.write_table(pa.concat_tables([second, orders(2)]), path)
    assert amounts(pq.read_table(path)) == [0, 2]


def test_a_write_that_breaks_leaves_the_former_version(store: Store) -> None:
    store.write("orders", orders(1, 2))
    with pytest.raises(Exception, match="the power went off"):
        store.write("orders", crashing())
    assert amounts(store.read("orders")) == [1, 2]
    assert len(store.versions("orders")) == 1


def test_a_plain_file_does_not_survive_a_write_that_breaks(tmp_path: Path) -> None:
    """The twin: the same break, while writing in place."""
    path = tmp_path / "orders.parquet"
    pq.write_table(orders(1, 2), path)
    with pytest.raises(RuntimeError), pq.ParquetWriter(path, SCHEMA) as writer:
        deque(map(writer.write_batch, crashing()), maxlen=0)
    assert amounts(pq.read_table(path)) != [1, 2]


ENDLESS_WRITE = """
import sys, time
from pathlib import Path
from threading import Thread
import pyarrow as pa
from kizuna.pipeline.store import Store

schema = pa.schema([("customer_id", pa.string()), ("amount", pa.int64())])

def batches():
    while True:
        yield pa.record_batch([["x"] * 100_000, range(100_000)], schema=schema)
        print("writing", flush=True)

reader = pa.RecordBatchReader.from_batches(schema, batches())
Store(Path(sys.argv[1])).write("orders", reader)
"""


def test_a_process_killed_while_writing_leaves_the_former_version(store: Store) -> None:
    store.write("orders", orders(1, 2))
    command = [sys.executable, "-c", ENDLESS_WRITE, str(store.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
    assert amounts(store.read("orders")) == [1, 2]
    assert store.write("orders", orders(3)) == 1


def test_vacuum_deletes_what_no_kept_version_needs(store: Store) -> None:
    store.write("orders", orders(1))
    store.write("orders", orders(2))
    time.sleep(0.01)
    assert store.vacuum("orders", keep=timedelta(0)) == 1
    assert amounts(store.read("orders")) == [2]
    assert len(list((store.folder / "orders").glob("*.parquet"))) == 1


def test_vacuum_keeps_what_a_named_version_needs(store: Store) -> None:
    for k in (1, 2, 3):
        store.write("orders", orders(k))
    time.sleep(0.01)
    assert store.vacuum("orders", keep=timedelta(0), versions=[0]) == 1
    assert amounts(store.read("orders", 0)) == [1]
    assert store.changed_at("orders") == 2
    assert len(store.versions("orders")) == 5
    assert store.vacuum("orders", keep=timedelta(0), versions=[0]) == 0
    assert len(store.versions("orders")) == 5


def test_compacting_joins_files_and_changes_no_row(store: Store) -> None:
    for k in range(5):
        store.append("orders", orders(k))
    store.compact("orders")
    assert len(store.files("orders")) == 1
    assert amounts(store.read("orders")) == [0, 1, 2, 3, 4]


def test_an_erased_customer_is_gone_from_every_file(store: Store) -> None:
    store.write("orders", orders(1, 2))
    assert store.erase("orders", "customer_id", ["c2", "o'neil"]) == 1
    store.vacuum("orders", keep=timedelta(0))
    held = [pq.read_table(f) for f in (store.folder / "orders").glob("*.parquet")]
    assert amounts(pa.concat_tables(held)) == [1]


def test_nothing_that_is_being_written_is_forgotten(tmp_path: Path) -> None:
    """A file of a write that has not ended belongs to no version: it must not go."""
    store = Store(tmp_path)
    store.write("purchases", pa.table({"n": [0]}))

    def slowly() -> Iterator[pa.RecordBatch]:
        for n in range(6):
            # more than a row group, so that the file is on the disk before the write ends
            yield pa.record_batch({"n": pa.array(range(n, n + 200_000))})
            time.sleep(0.1)

    reader = pa.RecordBatchReader.from_batches(pa.schema([("n", pa.int64())]), slowly())
    writer = Thread(target=lambda: store.append("purchases", reader))
    writer.start()
    while writer.is_alive():
        store.forget("purchases")
        time.sleep(0.02)
    writer.join()
    assert store.read("purchases").num_rows == 1_200_001


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_test_of_forgetting_bites_without_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Store, "_writing", lambda self, name, alone=False: nullcontext())
    with pytest.raises((OSError, AssertionError)):
        test_nothing_that_is_being_written_is_forgotten(tmp_path)
