"""PostgreSQL's own tools, for backups: `pg_dump` and `pg_restore` of the server's version or later.

The password goes by the environment: what stands on a command line is everyone's to read.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from kizuna.pipeline.errors import InputError

VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "options": "PGOPTIONS",
}


def is_postgres(url: str) -> bool:
    """Whether an address of a database is PostgreSQL's."""
    return url.partition(":")[0] in {"postgres", "postgresql", "pgsql"}


def dump(url: str, path: Path) -> None:
    """Write one consistent state of a database, while others go on reading and writing."""
    _run("pg_dump", url, ["--format=custom", "--no-owner", "--no-acl", f"--file={path}"])


def restore(url: str, path: Path) -> None:
    """Put a dump in place of what a database holds: all of it, or nothing."""
    options = ["--clean", "--if-exists", "--no-owner", "--no-acl", "--single-transaction"]
    name = conninfo_to_dict(_plain(url)).get("dbname", "")
    _run("pg_restore", url, [*options, f"--dbname={name}", str(path)])


def _run(tool: str, url: str, arguments: list[str]) -> None:
    command = shutil.which(tool)
    if command is None:
        raise InputError(f"{tool} is not there: install PostgreSQL's client tools")
    environment = os.environ | _variables(url)
    done = subprocess.run([command, *arguments], env=environment, capture_output=True, text=True)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it gave no reason"]
        raise InputError(f"{tool}: {lines[0]}")


def _variables(url: str) -> dict[str, str]:
    said = conninfo_to_dict(_plain(url))
    return {VARIABLES[name]: str(value) for name, value in said.items() if name in VARIABLES}


def _plain(url: str) -> str:
    return "postgresql:" + url.partition(":")[2]
