"""What `kizuna import --table` does: the records job on a data folder, told in lines."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from kizuna.jobs import records as job
from kizuna.jobs.load import Progress
from kizuna.jobs.load_command import checked_path, store_of
from kizuna.jobs.records import Loaded, RecordFile
from kizuna.pipeline.capture.dates import DateOrder
from kizuna.pipeline.capture.notes import TEXTS
from kizuna.pipeline.capture.standard.reasons import REASONS, Policy
from kizuna.pipeline.capture.standard.specs import SPECS
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.store import Store


def record_file(
    path: Path,
    table: str,
    columns: Sequence[str],
    *,
    keys: Sequence[str] = (),
    policy: Policy = "overwrite",
    date_order: DateOrder | None = None,
    currency: str | None = None,
    timezone: str = "UTC",
) -> RecordFile:
    """Check that a file is there, and say how to read it; `columns` are written part=column."""
    return RecordFile(
        path=checked_path(path),
        name=path.name,
        table=table,
        columns=parts_of(columns),
        keys=tuple(keys),
        policy=policy,
        date_order=date_order,
        currency=currency,
        timezone=timezone,
    )


def parts_of(columns: Sequence[str]) -> Mapping[str, str]:
    """Read part=column; part==value gives every row the value."""
    pairs = [column.partition("=") for column in columns]
    for part, sign, _ in pairs:
        if not (part and sign):
            raise InputError(f"--column {part!r}: write part=column, or part==value for all rows")
    return {part.strip(): column.strip() for part, _, column in pairs}


def bring_in(
    home: Path, file: RecordFile, now: datetime, dry_run: bool, on_progress: Progress
) -> str:
    """Import a file, or only count, and tell what came of it."""
    store, today = store_of(home), now.astimezone(ZoneInfo(file.timezone)).date()
    if dry_run:
        return told(job.check(store, file, today=today, on_progress=on_progress))
    batch = secrets.token_hex(6)
    return told(job.load(store, file, batch=batch, at=now, today=today, on_progress=on_progress))


def take_out(store: Store, batch: str) -> bool:
    """Undo an import if one of the tables has it; tell whether."""
    for table in SPECS:
        if batch in {found.batch for found in job.batches(store, table)}:
            job.undo(store, table, batch)
            return True
    return False


def listed(store: Store) -> Iterator[tuple[str, str]]:
    """Give when each import was, and its line."""
    for table in SPECS:
        for found in job.batches(store, table):
            line = f"{found.batch}  {found.at[:16]}  {found.file}  {table}: {_counted(found)}"
            yield found.at, line


def told(loaded: Loaded) -> str:
    """Tell what an import did, or would do."""
    head = f"{loaded.file}: {loaded.table}: {_counted(loaded)}"
    head += f"; import {loaded.batch}" if loaded.batch else "; nothing is changed: dry run"
    return "\n".join([head, *(f"  {line}" for line in _remarks(loaded))])


def _counted(loaded: Loaded) -> str:
    return (
        f"{loaded.new:,} new, {loaded.changed:,} changed, {loaded.unchanged:,} unchanged, "
        f"{loaded.conflicts:,} conflicts, {loaded.errors:,} rows left out"
    )


def _remarks(loaded: Loaded) -> Iterator[str]:
    for reason, rows in loaded.rejected.items():
        yield f"{rows:,} rows: {REASONS[reason]}"
    for note in loaded.notes:
        yield TEXTS[note["code"]].format(**note["values"])
