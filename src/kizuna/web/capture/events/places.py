"""Where the drain works."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from kizuna.pipeline.store import Store


def store() -> Store:
    """Give the store of this installation."""
    return Store(Path(settings.KIZUNA_HOME) / "store")


def log_path() -> Path:
    """Give the file in which the drain remembers."""
    return Path(settings.KIZUNA_HOME) / "drain.sqlite3"
