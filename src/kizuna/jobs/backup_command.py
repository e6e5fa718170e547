"""What `kizuna backup` and `kizuna restore` do, and the sentences that they print."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from kizuna.jobs import backup as job
from kizuna.jobs import restore as back
from kizuna.pipeline.errors import InputError


def take(home: Path, folder: Path, url: str, now: datetime, keep: int | None) -> list[str]:
    """Take a backup; say where it lies and what it holds."""
    if folder.resolve() == home.resolve() or home.resolve() in folder.resolve().parents:
        raise InputError(f"{folder}: a backup inside of the data folder goes down with it")
    made = job.backup(home, folder, at=now, database_url=url)
    gone = job.prune(folder, keep) if keep else []
    return [
        f"{made.path}: {made.files:,} files, {made.size / 1e6:,.1f} MB, {made.seconds:.1f} s.",
        f"It holds everything that was acknowledged before {_moment(made.state_at)}.",
        *(f"Deleted {path.name}." for path in gone),
    ]


def checked(archive: Path) -> str:
    """Compare an archive with its checksums; say whose state it is."""
    said = _there(archive, back.check)
    at = _moment(datetime.fromisoformat(said["state_at"]))
    return f"{archive}: whole, {len(said['files']):,} files, the state of {at}."


def put_back(archive: Path, home: Path, url: str, now: datetime) -> list[str]:
    """Restore; say what is back, how long it took and what is lost."""
    found = _there(archive, lambda path: back.restore(path, home, database_url=url))
    lost = _span((now - found.state_at).total_seconds())
    lines = [
        f"Restored {found.files:,} files in {found.seconds:.1f} s (RTO).",
        f"The state is of {_moment(found.state_at)}: what came in the {lost} since is lost (RPO).",
    ]
    if found.former:
        lines.append(f"What was there lies in {found.former}; delete it when you need it no more.")
    return lines


def _there[T](archive: Path, then: Callable[[Path], T]) -> T:
    if not archive.is_file():
        raise InputError(f"{archive}: there is no such archive")
    return then(archive)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _span(seconds: float) -> str:
    minutes, rest = divmod(int(max(seconds, 0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min {rest} s"
