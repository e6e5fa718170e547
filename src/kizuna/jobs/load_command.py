"""What `kizuna import` and `kizuna imports` do: the load job on a data folder, told in lines."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from kizuna.jobs import load as job
from kizuna.jobs.load import Loaded, OrderFile, Progress
from kizuna.pipeline.capture.dates import DateOrder
from kizuna.pipeline.capture.notes import TEXTS
from kizuna.pipeline.capture.reasons import REASONS
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.store import Store


def store_of(home: Path) -> Store:
    """Give the tables of a data folder."""
    return Store(home / "store")


def checked_path(path: Path) -> Path:
    """Give a path that is a file."""
    if not path.exists():
        raise InputError(f"{path}: there is no such file")
    if path.is_dir():
        raise InputError(f"{path} is a directory: name the files in it, e.g. {path}/*.csv")
    return path


def order_file(
    path: Path,
    columns: Mapping[str, str | None],
    date_order: DateOrder | None,
    currency: str | None,
    timezone: str,
) -> OrderFile:
    """Check that a file is there, and say how to read it."""
    said = {part: column for part, column in columns.items() if column}
    return OrderFile(
        path=checked_path(path),
        name=path.name,
        columns=said,
        date_order=date_order,
        currency=currency,
        timezone=timezone,
    )


def bring_in(
    home: Path, file: OrderFile, now: datetime, dry_run: bool, on_progress: Progress
) -> str:
    """Import a file, or only count, and tell what came of it."""
    store, today = store_of(home), now.astimezone(ZoneInfo(file.timezone)).date()
    if dry_run:
        return told(job.check(store, file, today=today, on_progress=on_progress))
    batch = secrets.token_hex(6)
    return told(job.load(store, file, batch=batch, at=now, today=today, on_progress=on_progress))


def take_out(home: Path, batch: str) -> bool:
    """Undo an import of orders if it is there; tell whether."""
    store = store_of(home)
    if batch not in {found.batch for found in job.batches(store)}:
        return False
    job.undo(store, batch)
    return True


def listed(home: Path) -> Iterator[tuple[str, str]]:
    """Give when each import was, and its line."""
    for found in job.batches(store_of(home)):
        yield found.at, f"{found.batch}  {found.at[:16]}  {found.file}  orders: {_counted(found)}"


def told(loaded: Loaded) -> str:
    """Tell what an import did, or would do."""
    head = f"{loaded.file}: {_counted(loaded)}"
    head += f"; import {loaded.batch}" if loaded.batch else "; nothing is changed: dry run"
    return "\n".join([head, *(f"  {line}" for line in _remarks(loaded))])


def _counted(loaded: Loaded) -> str:
    return (
        f"{loaded.new:,} new, {loaded.changed:,} changed, {loaded.unchanged:,} unchanged, "
        f"{loaded.errors:,} rows left out"
    )


def _remarks(loaded: Loaded) -> Iterator[str]:
    for reason, rows in loaded.rejected.items():
        yield f"{rows:,} rows: {REASONS[reason]}"
    if loaded.alike:
        yield f"{loaded.alike:,} new orders equal others in customer, day and amount"
    if loaded.waiting:
        yield f"{loaded.waiting:,} returns wait for a purchase that no import has brought"
    for note in loaded.notes:
        yield TEXTS[note["code"]].format(**note["values"])
