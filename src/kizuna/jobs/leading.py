"""Of several processes of one installation one leads; when it dies, another takes over."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def leading(folder: Path, lock: str) -> Iterator[bool]:
    """Let one process at a time through; False where another is. A lock dies with its holder.

    Args:
        folder: of the installation; it is made if it is not there.
        lock: name of the file by which the processes know of each other.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / lock).open("w") as file:
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield True
            return
        yield False
