"""What is costly to make and the same for all: made by whoever needs it first, kept for the rest.

What depends on the code is kept for the processes of one test run alone; what has a key that
names all it depends on is kept from run to run.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

RUN = "KIZUNA_TEST_RUN"
"""Names the test run to every process of it, those of pytest-xdist and those started by tests."""
KEPT_SECONDS = 24 * 60 * 60.0


def begin_run() -> None:
    """Name this run, unless the process is part of one; whoever named it cleans up behind it."""
    if RUN not in os.environ:
        os.environ[RUN] = f"{os.getpid()}-{uuid4().hex[:8]}"
        _named.append(os.environ[RUN])


def end_run() -> None:
    """Let go of what was made for this run, where this process began it."""
    while _named:
        shutil.rmtree(_place(_named.pop()), ignore_errors=True)


def in_this_run(name: str, make: Callable[[Path], None]) -> Path:
    """Give what `make` left in the folder handed to it, by whichever process of the run."""
    begin_run()
    return made_at(_place(os.environ[RUN]) / name, make)


def own_folder(name: str) -> Path:
    """Make a folder for this process alone, which goes with the run."""
    begin_run()
    place = _place(os.environ[RUN])
    place.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=place))


def from_run_to_run(name: str, key: str, make: Callable[[Path], None]) -> Path:
    """The same, kept until nobody used it for a day."""
    place = Path(tempfile.gettempdir()) / f"kizuna-{name}-{os.geteuid()}-{key}"
    made = made_at(place, make)
    os.utime(made)
    _tidy(place.parent, f"kizuna-{name}-{os.geteuid()}-*")
    return made


def made_at(place: Path, make: Callable[[Path], None]) -> Path:
    """Make a folder unless it is there whole; of two processes at once the second waits."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{place}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            part = Path(tempfile.mkdtemp(prefix=f"{place.name}.part-", dir=place.parent))
            make(part)
            part.rename(place)
    return place


def _place(run: str) -> Path:
    return Path(tempfile.gettempdir()) / f"kizuna-run-{os.geteuid()}-{run}"


def _tidy(folder: Path, pattern: str) -> None:
    """Let go of what other states of the code had made, once nobody uses it any more."""
    for old in folder.glob(pattern):
        if old.is_dir() and time.time() - old.stat().st_mtime > KEPT_SECONDS:  # noqa: TID251
            shutil.rmtree(old, ignore_errors=True)


_named: list[str] = []
