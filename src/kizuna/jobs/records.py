"""The records job: a file of a standard table into the store, matched with what is there, and out.

As with orders, a log is the truth (`<table>_log`): an import adds its rows to it in one commit, and
undoing an import takes them out in one. The table is made from it, and can be made again at any
time; so a crash leaves nothing half-done.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from kizuna.jobs import door
from kizuna.jobs import records_sql as sql
from kizuna.jobs.load import Progress, alone, digest_of, spilling_engine
from kizuna.pipeline.capture import sources
from kizuna.pipeline.capture.amounts import NO_CURRENCY
from kizuna.pipeline.capture.dates import DateOrder
from kizuna.pipeline.capture.preview import PREVIEW_ROWS, Preview
from kizuna.pipeline.capture.standard import guess
from kizuna.pipeline.capture.standard.reading import ROWS, RecordsRead, read
from kizuna.pipeline.capture.standard.reasons import CONFLICTS, Policy
from kizuna.pipeline.capture.standard.rejected import make as make_rejected
from kizuna.pipeline.capture.standard.specs import SPECS, Spec
from kizuna.pipeline.capture.zones import Zone
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.store import Store

__all__ = ["Loaded", "RecordFile", "batches", "check", "likely_table", "load", "preview", "undo"]

likely_table = guess.likely_table


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFile:
    """One file of a standard table, and what a person says about it.

    Attributes
    ----------
    path : where it lies; `name` is what people call it.
    table : customers, contracts, events, interactions, responses or costs.
    columns : part → column; '' is none, '=value' stands in every row; parts left out are guessed.
        `custom.Rank` (of events: `properties.Rank`) keeps a column that is no part, as Rank.
    keys : parts by which a record that is there is found, all that are filled; empty: the first
        of the usual ones that the file has.
    policy : of a record that is there the file's values win, or only fill blanks, or nothing.
        A blank of the file never empties a value.
    date_order : which comes first in 03/04/2026; None: find out.
    currency : of amounts without their own; None: as signs say, else that of the orders.
    timezone : of times without a zone.

    """

    path: Path
    name: str
    table: str
    columns: Mapping[str, str] = field(default_factory=dict)
    keys: Sequence[str] = ()
    policy: Policy = "overwrite"
    date_order: DateOrder | None = None
    currency: str | None = None
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What an import does, or would do.

    Attributes
    ----------
    batch : names the import; empty for a dry run.
    rows_read, rejected : rows of the file, and reason → rows left out, conflicts among them.
    new, changed, unchanged : records, against those that are there.
    rests_on : earlier imports whose records this one repeats or changes.

    """

    batch: str
    file: str
    table: str
    digest: str
    at: str
    rows_read: int
    rejected: dict[str, int]
    new: int
    changed: int
    unchanged: int
    columns: dict[str, str]
    keys: list[str]
    policy: str
    currency: str
    notes: list[dict[str, Any]]
    rests_on: list[str]

    @property
    def conflicts(self) -> int:
        """Rows left out for a person to decide."""
        return sum(rows for reason, rows in self.rejected.items() if reason in CONFLICTS)

    @property
    def errors(self) -> int:
        """Rows left out for what they hold."""
        return sum(self.rejected.values()) - self.conflicts


def preview(path: Path, table: str) -> Preview:
    """Show the first rows of a file, its columns, and which is guessed to be which.

    Raises
    ------
    InputError
        When it is no table that can be read.

    """
    spec = _spec(table)
    with tempfile.TemporaryDirectory(prefix="kizuna-") as folder, spilling_engine() as engine:
        source = sources.recognise(sources.find([path])[0][0], engine, Path(folder))
        found = guess.attempt(spec, source.columns, {})
        head = zip(*(values[:PREVIEW_ROWS] for values in source.sample.values()), strict=True)
        lacking = guess.problem(spec, found, source.columns)
        return Preview(source.columns, tuple(head), found, lacking, source.encoding)


def check(
    store: Store,
    file: RecordFile,
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
    file: RecordFile,
    *,
    batch: str,
    at: datetime,
    today: date,
    rejected_to: Path | None = None,
    wait: float = 0,
    on_progress: Progress = lambda stage, share: None,
) -> Loaded:
    """Bring a file of a standard table into the store.

    A batch that is there already is not brought in again: a job that was killed may be repeated.

    Raises
    ------
    InputError
        When the file cannot be used, or another import is still running after `wait` seconds.

    """
    spec = _spec(file.table)
    with alone(store, wait), spilling_engine() as engine:
        loaded = {found.batch: found for found in batches(store, file.table)}.get(batch)
        if loaded is None:
            found = _compared(engine, store, file, today, rejected_to, on_progress)
            loaded = replace(found, batch=batch, at=at.isoformat())
            on_progress("write", 0.6)
            header = json.dumps(asdict(loaded), ensure_ascii=False)
            as_before = not (loaded.new or loaded.changed or _is_stale(store, spec))
            # nobody is told of progress from here on: what is told may end the job
            store.append(sql.log_of(spec.table), engine.reader(sql.entries(spec, batch, header)))
            if as_before:
                return loaded
        _refresh(store, spec)
        return loaded


def undo(
    store: Store,
    table: str,
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
    spec = _spec(table)
    with alone(store, wait):
        known = {found.batch: found for found in batches(store, table)}
        resting = [found for found in known.values() if batch in found.rests_on]
        if resting:
            names = ", ".join(f"{found.file} ({found.batch})" for found in resting)
            raise InputError(f"later imports repeat or change these records: undo {names} first")
        on_progress("write", 0.2)
        if batch in known:
            store.erase(sql.log_of(table), "batch", [batch])
        _refresh(store, spec)


def batches(store: Store, table: str) -> tuple[Loaded, ...]:
    """List the imports into a table that stand in the store, the oldest first."""
    spec = _spec(table)
    if sql.log_of(table) not in store.names():
        return ()
    with spilling_engine() as engine:
        store.register(engine, sql.log_of(table))
        notes = engine.query(sql.headers(spec))["header"].to_pylist()
    return tuple(sorted((Loaded(**json.loads(note)) for note in notes), key=lambda b: b.at))


def _spec(table: str) -> Spec:
    if table not in SPECS:
        raise InputError(f"there is no table {table!r} to import; there are {', '.join(SPECS)}")
    return SPECS[table]


def _compared(
    engine: Engine,
    store: Store,
    file: RecordFile,
    today: date,
    rejected_to: Path | None,
    on_progress: Progress,
) -> Loaded:
    """Read a file and compare its records with those that are there, in `compared_records`."""
    spec, digest = _spec(file.table), digest_of(file.path)
    _standing(engine, store, spec)
    on_progress("read", 0.05)
    with tempfile.TemporaryDirectory(prefix="kizuna-") as folder:
        found = _read(engine, store, file, today, Path(folder))
        door.of_records(engine, store)
        on_progress("compare", 0.4)
        keys = _keys(spec, file.keys, found)
        _meet(engine, spec, keys, found, file.policy)
        rejected = make_rejected(engine, found, sql.LEFT_OUT)
    if door.REASON in rejected:
        door.hide(engine)
    if rejected_to is not None:
        engine.copy("SELECT line, reason, raw, part FROM rejected ORDER BY line", rejected_to)
    return _loaded(engine, file, found, digest, rejected, keys)


def _standing(engine: Engine, store: Store, spec: Spec) -> None:
    """Make readable what the log holds, and the records that stand after all of it."""
    log = sql.log_of(spec.table)
    if log in store.names():
        store.register(engine, log)
    else:
        engine.create(log, sql.empty_log(spec))
    engine.view(sql.STANDING, sql.standing(spec))


def _read(engine: Engine, store: Store, file: RecordFile, today: date, folder: Path) -> RecordsRead:
    try:
        return read(
            engine,
            file.path,
            file.table,
            folder,
            given=file.columns,
            date_order=file.date_order,
            currency=file.currency,
            usual_currency=_usual_currency(engine, store),
            may_only_change=engine.count(sql.STANDING) > 0,
            zone=Zone(file.timezone),
            today=today,
        )
    except InputError as error:
        # the file may lie under a name of ours: say the one that the person knows
        raise InputError(str(error).replace(str(file.path), file.name)) from error


def _usual_currency(engine: Engine, store: Store) -> str:
    """Give the currency of the orders."""
    if "transactions" not in store.names():
        return NO_CURRENCY
    store.register(engine, "transactions")
    found = engine.query("SELECT currency FROM transactions LIMIT 1")["currency"].to_pylist()
    return str(found[0]) if found else NO_CURRENCY


def _keys(spec: Spec, wanted: Sequence[str], found: RecordsRead) -> list[str]:
    """Settle by which parts records are found."""
    for key in wanted:
        if key not in spec.keys:
            raise InputError(f"{spec.table} cannot be matched by {key!r}: {', '.join(spec.keys)}")
        if key not in found.columns:
            raise InputError(f"no column is {key!r}, by which records are to be matched")
    there = [key for key in spec.keys if key in found.columns]
    return list(dict.fromkeys(wanted)) or there[:1] or [spec.key]


def _meet(
    engine: Engine, spec: Spec, keys: Sequence[str], found: RecordsRead, policy: Policy
) -> None:
    """Find the record of each row; leave out what cannot be told; make `compared_records`."""
    if spec.is_named_by_content and len(engine.query(sql.unnamed(spec))):
        engine.create("named_rows", sql.named_by_content(spec))
        engine.drop(ROWS)
        engine.view(ROWS, "SELECT * FROM named_rows")
    engine.create(sql.LEFT_OUT, sql.NOTHING_LEFT_OUT)
    engine.create(sql.AIMED, sql.aimed(spec, keys))
    _leave_out(engine, sql.unaimed(keys))
    engine.create("several", sql.several())
    if engine.count("several"):
        _leave_out(engine, sql.contradictions(spec))
    engine.view(sql.INCOMING, sql.incoming(spec))
    engine.create(sql.COMPARED, sql.compared(spec, found.mapped, policy))
    engine.drop(sql.AIMED)
    _leave_out(engine, sql.incomplete(spec))


def _leave_out(engine: Engine, rows: str) -> None:
    engine.create("more_left_out", rows)
    engine.connection.execute(f"INSERT INTO {sql.LEFT_OUT} SELECT * FROM more_left_out")
    engine.drop("more_left_out")


def _loaded(
    engine: Engine,
    file: RecordFile,
    found: RecordsRead,
    digest: str,
    rejected: dict[str, int],
    keys: list[str],
) -> Loaded:
    return Loaded(
        batch="",
        file=file.name,
        table=file.table,
        digest=digest,
        at="",
        rows_read=found.rows_read,
        rejected=rejected,
        columns=found.columns,
        keys=keys,
        policy=file.policy,
        currency=found.currency,
        notes=[{"code": note.code, "values": _named(note.values, file)} for note in found.notes],
        **engine.query(sql.counts()).to_pylist()[0],
    )


def _named(values: dict[str, object], file: RecordFile) -> dict[str, object]:
    """Give values that JSON can hold, with the file under the name that people know."""
    plain: dict[str, object] = {
        k: v if isinstance(v, int | str) else str(v) for k, v in values.items()
    }
    return plain | ({"file": file.name} if "file" in plain else {})


def _refresh(store: Store, spec: Spec) -> None:
    """Make the table from its log where it is older."""
    if not _is_stale(store, spec):
        return
    with spilling_engine() as engine:
        _standing(engine, store, spec)
        store.write(spec.table, engine.reader(sql.table(spec)))


def _is_stale(store: Store, spec: Spec) -> bool:
    names, log = store.names(), sql.log_of(spec.table)
    if spec.table not in names or log not in names:
        return True
    return store.versions(spec.table)[-1].at < store.versions(log)[-1].at
