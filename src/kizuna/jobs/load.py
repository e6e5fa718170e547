"""The load job: a file of orders into the store, compared with what is there, and out again.

The table `order_log` is the truth: each import adds its rows to it in one commit, and undoing an
import takes them out in one. A row is an order put in, or a former version of an order gone, or
says on which earlier import this one rests. `transactions` is made from it, and can be made again
at any time; so a crash leaves nothing half-done.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from kizuna.jobs import door
from kizuna.jobs import log_sql as sql
from kizuna.jobs.log_sql import LOG
from kizuna.pipeline.capture import OrderSources
from kizuna.pipeline.capture import preview as head
from kizuna.pipeline.capture.amounts import NO_CURRENCY
from kizuna.pipeline.capture.dates import DateOrder
from kizuna.pipeline.capture.orders import OrdersRead, read_part
from kizuna.pipeline.capture.transactions import book
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.store import Store

type Progress = Callable[[str, float], None]
"""Told what is being done and how far the job is, from 0 to 1."""

MEMORY = "2GB"
"""Beyond it, work spills to a temporary folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFile:
    """One file of orders, and what a person says about it.

    Attributes
    ----------
    path : where it lies; `name` is what people call it.
    columns : part (customer, date, amount, …) → column; '' is none; parts left out are guessed.
    date_order : which comes first in 03/04/2026; None: find out.
    currency : of the amounts; None: that of the orders so far, or as the file says.
    timezone : of times without a zone, and in which days are cut.

    """

    path: Path
    name: str
    columns: Mapping[str, str] = field(default_factory=dict)
    date_order: DateOrder | None = None
    currency: str | None = None
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What an import does, or would do.

    Attributes
    ----------
    batch : names the import; empty for a dry run.
    rows_read, rejected : rows of the file, and reason → rows left out.
    new, changed, unchanged : orders, against those that are there.
    alike : of the new, orders that equal one with another number in customer, day and amount.
    waiting : returns of the store for which no purchase is there yet.
    rests_on : earlier imports whose orders this one repeats or changes.

    """

    batch: str
    file: str
    digest: str
    at: str
    rows_read: int
    rejected: dict[str, int]
    new: int
    changed: int
    unchanged: int
    alike: int
    waiting: int = 0
    columns: dict[str, str]
    currency: str
    first_day: str
    last_day: str
    notes: list[dict[str, Any]]
    rests_on: list[str]

    @property
    def errors(self) -> int:
        """Rows left out."""
        return sum(self.rejected.values())


def preview(path: Path) -> head.Preview:
    """Show the first rows of a file, its columns, and which is guessed to be which."""
    with spilling_engine() as engine:
        return head.preview(engine, path)


def check(
    store: Store,
    file: OrderFile,
    *,
    today: date,
    rejected_to: Path | None = None,
    on_progress: Progress = lambda stage, share: None,
) -> Loaded:
    """Tell what an import would do, and change nothing.

    Raises
    ------
    InputError
        When the file cannot be used; one sentence says why and what to do.

    """
    with spilling_engine() as engine:
        return _compared(engine, store, file, today, rejected_to, on_progress)


def load(
    store: Store,
    file: OrderFile,
    *,
    batch: str,
    at: datetime,
    today: date,
    rejected_to: Path | None = None,
    wait: float = 0,
    on_progress: Progress = lambda stage, share: None,
) -> Loaded:
    """Bring a file of orders into the store.

    A batch that is there already is not brought in again: a job that was killed may be repeated.

    Raises
    ------
    InputError
        When the file cannot be used, or another import is still running after `wait` seconds.

    """
    with alone(store, wait), spilling_engine() as engine:
        loaded = {found.batch: found for found in batches(store)}.get(batch)
        if loaded is None:
            found = _compared(engine, store, file, today, rejected_to, on_progress)
            loaded = replace(found, batch=batch, at=at.isoformat())
            on_progress("write", 0.6)
            header = json.dumps(asdict(loaded), ensure_ascii=False)
            as_before = not (loaded.new or loaded.changed or is_stale(store))
            # nobody is told of progress from here on: what is told may end the job
            store.append(LOG, engine.reader(sql.entries(batch, header)))
            if as_before:
                return loaded
        return replace(loaded, waiting=make_transactions(store))


def undo(
    store: Store,
    batch: str,
    *,
    wait: float = 0,
    on_progress: Progress = lambda stage, share: None,
) -> None:
    """Take an import out of the store, as though it had never been.

    Raises
    ------
    InputError
        When a later import rests on it, or another import is still running.

    """
    with alone(store, wait):
        known = {found.batch: found for found in batches(store)}
        resting = [found for found in known.values() if batch in found.rests_on]
        if resting:
            names = ", ".join(f"{found.file} ({found.batch})" for found in resting)
            raise InputError(f"later imports repeat or change these orders: undo {names} first")
        on_progress("write", 0.2)
        if batch in known:
            store.erase(LOG, "batch", [batch])
        make_transactions(store)


def batches(store: Store) -> tuple[Loaded, ...]:
    """List the imports that stand in the store, the oldest first."""
    if LOG not in store.names():
        return ()
    with spilling_engine() as engine:
        store.register(engine, LOG)
        notes = engine.query(sql.headers())["note"].to_pylist()
    return tuple(sorted((Loaded(**json.loads(note)) for note in notes), key=lambda b: b.at))


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def spilling_engine() -> Iterator[Engine]:
    """Open an engine whose memory is bounded: what does not fit goes to a temporary folder."""
    with (
        tempfile.TemporaryDirectory(prefix="kizuna-") as folder,
        Engine(memory_limit=MEMORY, temp_directory=folder) as engine,
    ):
        yield engine


@contextmanager
def alone(store: Store, wait: float) -> Iterator[None]:
    """Let nobody else change the log meanwhile; the lock goes with the process that holds it."""
    store.folder.mkdir(parents=True, exist_ok=True)
    with (store.folder / ".import-lock").open("w") as lock:
        until = time.monotonic() + wait
        while not _locked(lock.fileno()):
            if time.monotonic() >= until:
                raise InputError("another import is running; try again when it has finished")
            time.sleep(0.2)
        yield


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _compared(
    engine: Engine,
    store: Store,
    file: OrderFile,
    today: date,
    rejected_to: Path | None,
    on_progress: Progress,
) -> Loaded:
    """Read a file and compare its orders with those that are there, in the table `compared`."""
    register_log(engine, store)
    digest = digest_of(file.path)
    on_progress("read", 0.05)
    read = _read(engine, file, today, digest)
    read = replace(read, rejected=door.of_orders(engine, store, read.rejected))
    if rejected_to is not None:
        engine.copy("SELECT line, reason, raw FROM rejected ORDER BY line", rejected_to)
    on_progress("compare", 0.4)
    engine.create(sql.COMPARED, sql.compared())
    return _loaded(engine, file, read, digest)


def register_log(engine: Engine, store: Store) -> None:
    """Make readable what the log holds, and the orders that stand after all of it."""
    if LOG in store.names():
        store.register(engine, LOG)
    else:
        engine.create(LOG, sql.empty_log())
    engine.view(sql.STANDING, sql.standing())


def _read(engine: Engine, file: OrderFile, today: date, digest: str) -> OrdersRead:
    there = _currency(engine)
    if there not in {None, NO_CURRENCY, file.currency or there}:
        raise InputError(f"the orders so far are in {there}: {file.currency} cannot join them")
    wanted = file.currency or (None if there == NO_CURRENCY else there)
    source = OrderSources(paths=[file.path], date_order=file.date_order, **file.columns)
    try:
        read = read_part(
            engine, source, today=today, log=digest[:16], timezone=file.timezone, currency=wanted
        )
    except InputError as error:
        # the file may lie under a name of ours: say the one that the person knows
        raise InputError(str(error).replace(str(file.path), file.name)) from error
    if there == NO_CURRENCY != read.currency:
        raise InputError(
            f"the orders so far are of no known currency, these are in {read.currency}: undo the "
            "former imports and bring them in again with their currency"
        )
    return read


def _currency(engine: Engine) -> str | None:
    found = engine.query(f"SELECT currency FROM {sql.STANDING} LIMIT 1")["currency"].to_pylist()
    return str(found[0]) if found else None


def _loaded(engine: Engine, file: OrderFile, read: OrdersRead, digest: str) -> Loaded:
    counts = engine.query(sql.counts()).to_pylist()[0]
    notes = [{"code": note.code, "values": _named(note.values, file)} for note in read.notes]
    return Loaded(
        batch="",
        file=file.name,
        digest=digest,
        at="",
        rows_read=read.rows_read,
        rejected=read.rejected,
        columns=read.columns,
        currency=read.currency,
        first_day=read.first_day.isoformat(),
        last_day=read.last_day.isoformat(),
        notes=notes,
        **counts,
    )


def _named(values: dict[str, object], file: OrderFile) -> dict[str, object]:
    """Give values that JSON can hold, with the file under the name that people know."""
    plain: dict[str, object] = {
        k: v if isinstance(v, int | str) else str(v) for k, v in values.items()
    }
    return plain | ({"file": file.name} if "file" in plain else {})


def make_transactions(store: Store) -> int:
    """Make `transactions` from the log where it is older; give the returns that wait."""
    with spilling_engine() as engine:
        register_log(engine, store)
        engine.view("orders", sql.orders())
        waiting = len(engine.query(sql.waiting())) if book(engine) else 0
        if is_stale(store):
            store.write("transactions", engine.reader(sql.transactions()))
        return waiting


def is_stale(store: Store) -> bool:
    names = store.names()
    if "transactions" not in names or LOG not in names:
        return True
    return store.versions("transactions")[-1].at < store.versions(LOG)[-1].at
