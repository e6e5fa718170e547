"""What keeps an installation from writing or reading, told from the errors that it causes."""

from __future__ import annotations

import errno
from enum import StrEnum
from typing import Final

from django.db import Error as DatabaseTrouble


class Trouble(StrEnum):
    """Why the installation cannot do what was asked just now; nothing of it was done."""

    FULL = "full"
    READ_ONLY = "read_only"
    BUSY = "busy"
    AWAY = "away"


OF_SYSTEM: Final = {
    errno.ENOSPC: Trouble.FULL,
    errno.EDQUOT: Trouble.FULL,
    errno.EFBIG: Trouble.FULL,
    errno.EROFS: Trouble.READ_ONLY,
}
OF_POSTGRESQL: Final = {
    "53100": Trouble.FULL,
    "25006": Trouble.READ_ONLY,
    "53300": Trouble.BUSY,
    "55P03": Trouble.BUSY,
    "57P01": Trouble.AWAY,
    "57P02": Trouble.AWAY,
    "57P03": Trouble.AWAY,
}
IN_WORDS: Final = {
    "database or disk is full": Trouble.FULL,
    "no space left on device": Trouble.FULL,
    "readonly database": Trouble.READ_ONLY,
    "read-only file system": Trouble.READ_ONLY,
    "database is locked": Trouble.BUSY,
    "unable to open database file": Trouble.AWAY,
    "connection failed": Trouble.AWAY,
    "server closed the connection": Trouble.AWAY,
    "the connection is closed": Trouble.AWAY,
}


def trouble_of(error: BaseException | None) -> Trouble | None:
    """Tell which trouble an error, or one of those behind it, speaks of; none: a fault of ours."""
    while error is not None:
        if found := _named(error):
            return found
        error = error.__cause__ or error.__context__
    return None


def _named(error: BaseException) -> Trouble | None:
    if isinstance(error, OSError) and error.errno in OF_SYSTEM:
        return OF_SYSTEM[error.errno]
    if state := OF_POSTGRESQL.get(getattr(error, "sqlstate", None) or ""):
        return state
    # libraries in other languages give no number, only the system's own words
    if not isinstance(error, DatabaseTrouble | OSError):
        return None
    said = str(error).lower()
    return next((trouble for words, trouble in IN_WORDS.items() if words in said), None)
