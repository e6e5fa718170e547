"""Where connections lead, and where readings keep their rows: settings of the operator."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings

from kizuna.pipeline.capture.databases.addresses import Address
from kizuna.pipeline.capture.databases.doors import Doors
from kizuna.pipeline.capture.databases.reading import Database
from kizuna.pipeline.capture.databases.selections import Selection
from kizuna.web.accounts.secrecy import reveal
from kizuna.web.capture.sources.models import Connection, Fetch, Source


def doors() -> Doors:
    """Give what the operator allows to be reached."""
    folder = Path(settings.IMPORT_FOLDER) if settings.IMPORT_FOLDER else None
    return Doors(tuple(settings.DATABASE_HOSTS), folder)


def database_of(connection: Connection) -> Database:
    """Give the database of a connection, with its password."""
    hidden = connection.hidden_password
    address = Address(
        kind=connection.kind,  # type: ignore[arg-type]  # the database holds it to the choices
        database=connection.database,
        host=connection.host,
        port=connection.port or 0,
        user=connection.user,
        password=reveal(hidden) if hidden else "",
        security=connection.security,  # type: ignore[arg-type]
    )
    return Database(address, doors())


def selection_of(source: Source) -> Selection:
    """Give what a source reads."""
    table = tuple(filter(None, (source.schema, source.table)))
    return Selection(table, source.query, tuple(source.key), source.since)


def folder_of(fetch: Fetch) -> Path:
    """Give the folder in which a reading keeps its rows until they are brought in."""
    return Path(settings.KIZUNA_HOME) / "uploads" / "sources" / str(fetch.pk)


def forget(fetch: Fetch) -> None:
    """Delete what a reading kept."""
    shutil.rmtree(folder_of(fetch), ignore_errors=True)
