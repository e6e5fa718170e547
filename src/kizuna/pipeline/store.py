"""The store: Delta tables in one folder. A table is replaced whole or not at all, and has versions.

Readers take the explicit list of files of one version, so that no reader sees half of a write and
any engine that reads Parquet can read the tables. What a write returned from outlasts a loss of
power.
"""

from __future__ import annotations

import fcntl
import functools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import pyarrow as pa
from deltalake import (
    ColumnProperties,
    CommitProperties,
    DeltaTable,
    Transaction,
    WriterProperties,
    write_deltalake,
)

from kizuna.pipeline import disk
from kizuna.pipeline.engine import Engine, quoted

type Data = pa.Table | pa.RecordBatchReader

COMPRESSION = WriterProperties(
    compression="ZSTD", compression_level=1, max_row_group_size=128 * 1024
)
"""Row groups so small that reading one customer's rows of a sorted table reads few others."""
WHOLE = WriterProperties(
    compression="ZSTD",
    compression_level=1,
    max_row_group_size=128 * 1024,
    default_column_properties=ColumnProperties(
        dictionary_enabled=False, statistics_enabled="CHUNK"
    ),
)
"""Of tables that are written whole: looking for values that repeat takes as long as all the rest,
and what it saves zstd saves too."""
COMMIT = CommitProperties(max_commit_retries=100)
KEPT = timedelta(days=7)
FORGOTTEN = "kizuna.forgotten"
WRITE_LOCK = ".write-lock"
SHORT_LOG: dict[str, str | None] = {"delta.logRetentionDuration": "interval 8 days"}
"""A table that grows every second has tens of thousands of versions a day: their log is cut."""
TIDYING = frozenset({"VACUUM START", "VACUUM END", "OPTIMIZE", "SET TBLPROPERTIES"})


class StoreError(LookupError):
    """A table or version that the store does not hold."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a table: its number from 0, when it was written (UTC), and by what."""

    number: int
    at: datetime
    operation: str


@dataclass(frozen=True, slots=True)
class Store:
    """Tables by name in `folder`; any number of processes may read and append at once."""

    folder: Path

    def write(self, name: str, data: Data) -> int:
        """Replace a table; give its version. Readers see the old table until this is complete."""
        path = self._folder_of(name)
        with self._writing(name):
            write_deltalake(
                path,
                data,
                mode="overwrite",
                schema_mode="overwrite",
                writer_properties=WHOLE,
                commit_properties=COMMIT,
            )
        return disk.last_commit(path)

    def replace(self, name: str, data: Data, condition: str) -> int:
        """Replace the rows that meet a condition by others that meet it; a new table is made.

        Files whose rows do not meet it are left as they are. Readers see both or neither.
        """
        path = self._folder_of(name)
        known = DeltaTable.is_deltatable(str(path))
        with self._writing(name):
            write_deltalake(
                path,
                data,
                mode="overwrite",
                predicate=condition if known else None,
                writer_properties=COMPRESSION,
                commit_properties=COMMIT,
            )
        return disk.last_commit(path)

    def append(self, name: str, data: Data) -> int:
        """Add rows to a table, making it if need be; safe beside other appends."""
        path = self._folder_of(name)
        with self._writing(name):
            write_deltalake(
                path, data, mode="append", writer_properties=COMPRESSION, commit_properties=COMMIT
            )
        return disk.last_commit(path)

    def append_once(self, name: str, data: Data, *, writer: str, number: int) -> bool:
        """Add rows unless the writer's batch of this number, or a later one, is there already.

        The number is kept in the same commit as the rows. A writer's batches come one at a time.
        """
        path = self._folder_of(name)
        if self.batch_of(name, writer) >= number:
            return False
        batch = CommitProperties(
            custom_metadata={disk.BATCH: str(number)},
            max_commit_retries=100,
            app_transactions=[Transaction(writer, number)],
        )
        new = not DeltaTable.is_deltatable(str(path))
        with self._writing(name):
            write_deltalake(
                path,
                data,
                mode="append",
                configuration=SHORT_LOG if new else None,
                writer_properties=COMPRESSION,
                commit_properties=batch,
            )
        return True

    def batch_of(self, name: str, writer: str) -> int:
        """Give the number of the last batch that a writer added with `append_once`; 0: none."""
        path = self._path(name)
        if not DeltaTable.is_deltatable(str(path)):
            return 0
        return int(DeltaTable(path).transaction_version(writer) or 0)

    def read(self, name: str, version: int | None = None) -> pa.Table:
        """Give a whole table as it was at a version (the latest, if none is given)."""
        return self._open(name, version).to_pyarrow_table()

    def register(
        self, engine: Engine, name: str, version: int | None = None, *, under: str = ""
    ) -> int:
        """Make one version of a table readable in an engine, under a name; give the version."""
        table = self._open(name, version)
        if files := table.file_uris():
            engine.register_parquet(under or name, files)
        else:
            engine.register(under or name, table.to_pyarrow_table())
        return int(table.version())

    def files(self, name: str, version: int | None = None) -> tuple[str, ...]:
        """List the Parquet files that make up one version of a table."""
        return tuple(self._open(name, version).file_uris())

    def names(self) -> tuple[str, ...]:
        """Name the tables of the store."""
        logs = sorted(self.folder.glob("*/_delta_log"))
        return tuple(log.parent.name for log in logs)

    def versions(self, name: str) -> tuple[Version, ...]:
        """List the versions of a table, the oldest first."""
        history = self._open(name).history()
        return tuple(_version(entry) for entry in reversed(history))

    def erase(self, name: str, column: str, values: Sequence[str]) -> int:
        """Remove the rows whose column is among the values; give how many.

        Earlier versions hold them until `vacuum(name, keep=timedelta(0))`.
        """
        listed = ", ".join(quoted(value) for value in values)
        condition = f"{column} IN ({listed})"
        with self._writing(name):
            removed = self._open(name).delete(condition, commit_properties=COMMIT)
        return int(removed["num_deleted_rows"])

    def remove(self, name: str, condition: str) -> int:
        """Remove the rows that meet a condition; give how many. Earlier versions keep them."""
        with self._writing(name):
            removed = self._open(name).delete(condition, commit_properties=COMMIT)
        return int(removed["num_deleted_rows"])

    def change(self, name: str, values: Mapping[str, str], condition: str) -> int:
        """Set columns to SQL expressions in the rows that meet a condition; give how many."""
        with self._writing(name):
            table = self._open(name)
            done = table.update(dict(values), predicate=condition, commit_properties=COMMIT)
        return int(done["num_updated_rows"])

    def forget(self, name: str) -> int:
        """Let only what the table holds now be on the disk; give its version.

        The log tells the least and the greatest value of each column of files that are gone, and
        what was asked for: it begins anew here, with a version that changes nothing.
        """
        # a file that is being written is needed by no version yet: nobody writes meanwhile
        with self._writing(name, alone=True):
            self.vacuum(name, timedelta(0))
            self._open(name).alter.set_table_properties({FORGOTTEN: "1"}, raise_if_not_exists=False)
            table = self._open(name)
            table.create_checkpoint()
            latest = int(table.version())
            disk.keep(self._path(name), latest - 1)  # before what it stands for is deleted
            for entry in (self._path(name) / "_delta_log").iterdir():
                if entry.name[:20].isdigit() and int(entry.name[:20]) < latest:
                    entry.unlink(missing_ok=True)
            return latest

    def compact(self, name: str, *, by: str = "") -> None:
        """Join the small files that many appends leave; with `by`, rows of one value lie together.

        So the rows of one customer are found by looking at a few parts of a few files.
        """
        with self._writing(name):
            optimize = self._open(name).optimize
            if by:
                optimize.z_order([by], writer_properties=COMPRESSION, commit_properties=COMMIT)
            else:
                optimize.compact(writer_properties=COMPRESSION, commit_properties=COMMIT)

    def changed_at(self, name: str) -> int:
        """Give the version in which the rows of a table last changed: tidying changes none."""
        changes = (v.number for v in reversed(self.versions(name)) if v.operation not in TIDYING)
        return next(changes, 0)

    def vacuum(self, name: str, keep: timedelta = KEPT, *, versions: Sequence[int] = ()) -> int:
        """Delete files that no version younger than `keep`, nor one of `versions`, needs.

        Gives how many. Files that a crash left behind are among them. A reader of an older
        version, and a write that has been going on for longer than `keep`, would lose theirs.
        """
        table = self._open(name)
        delete = functools.partial(
            table.vacuum,
            int(keep / timedelta(hours=1)),
            enforce_retention_duration=False,
            full=True,
            keep_versions=sorted(set(versions)) or None,
        )
        there = [file for file in delete(dry_run=True) if (self._path(name) / file).exists()]
        if there:  # each vacuum leaves two versions: one with nothing to do is left undone
            former = disk.last_commit(self._path(name))
            delete(dry_run=False)
            disk.keep(self._path(name), former)
        return len(there)

    def mend(self) -> list[str]:
        """Take back what a loss of power left half written; name the tables.

        No write that returned is among it. Nobody writes meanwhile. What a killed process left
        whole stays, and is on the disk from now on.
        """
        torn = self._taken_back() if self._torn() else []
        for name in self.names():
            disk.keep_latest(self._path(name))
        return torn

    def _taken_back(self) -> list[str]:
        with self._writing("", alone=True):
            torn = self._torn()
            for name in torn:
                disk.mend(self._path(name))
            return torn

    def _torn(self) -> list[str]:
        return [name for name in self.names() if disk.is_torn(self._path(name))]

    @contextmanager
    def _writing(self, name: str, *, alone: bool = False) -> Iterator[None]:
        """Write beside others, or alone; what was written outlasts a loss of power.

        The lock goes with the process that holds it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / WRITE_LOCK).open("w") as lock:
            by_itself = _locked(lock, alone=alone)
            former = self._kept_until(name, by_itself=by_itself) if name else -1
            if not alone:
                fcntl.flock(lock, fcntl.LOCK_SH)
            yield
            if name:
                disk.keep(self._path(name), former)

    def _kept_until(self, name: str, *, by_itself: bool) -> int:
        """Give the last commit that is synced: another writer's may not be yet."""
        find = disk.last_commit if by_itself else disk.unsure_after
        return find(self._path(name))

    def _folder_of(self, name: str) -> Path:
        """Give the table's path, making the store's folder if need be."""
        path = self._path(name)
        self.folder.mkdir(parents=True, exist_ok=True)
        return path

    def _open(self, name: str, version: int | None = None) -> DeltaTable:
        path = self._path(name)
        if not DeltaTable.is_deltatable(str(path)):
            raise StoreError(
                f"the store {self.folder} has no table {name!r}; it has {self.names()}"
            )
        latest = DeltaTable(path)
        if version is None or version == latest.version():
            return latest
        if not 0 <= version < latest.version():
            raise StoreError(f"{name} has versions up to {latest.version()}, none {version}")
        return DeltaTable(path, version=version)

    def _path(self, name: str) -> Path:
        if not name.isidentifier():
            raise ValueError(f"{name!r} cannot name a table: letters, digits and _ only")
        return self.folder / name


def _locked(lock: IO[str], *, alone: bool) -> bool:
    """Take the lock, alone or beside others; say whether nobody else writes."""
    if alone:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return True
    with suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    fcntl.flock(lock, fcntl.LOCK_SH)
    return False


def _version(entry: dict[str, object]) -> Version:
    at = datetime.fromtimestamp(int(str(entry["timestamp"])) / 1000, UTC)
    return Version(int(str(entry["version"])), at, str(entry["operation"]))
