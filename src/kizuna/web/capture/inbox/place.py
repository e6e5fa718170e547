"""Where the inbox of an installation is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connections

from kizuna.web.capture.inbox.entries import Inbox
from kizuna.web.capture.inbox.postgres import PostgresInbox
from kizuna.web.capture.inbox.sqlite import SQLiteInbox

FILE: Final = "inbox.sqlite3"


def open_inbox() -> Inbox:
    """Open the inbox of this installation: beside its records, in PostgreSQL or in a file."""
    default = connections["default"]
    if default.vendor == "postgresql":
        given = default.get_connection_params()
        names = {"host", "port", "user", "password", "dbname", "sslmode", "sslrootcert"}
        return PostgresInbox(**{name: given[name] for name in names if name in given})
    return SQLiteInbox(Path(settings.KIZUNA_HOME) / FILE)


def inbox_at(place: Path | str) -> Inbox:
    """Open the inbox in a file, or at the address of a database."""
    return PostgresInbox(place) if isinstance(place, str) else SQLiteInbox(place)
