"""Real PostgreSQL and MariaDB on ports of their own, which tests may kill and start again."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest

from web_installations import free_port
from web_postgres import PATIENCE, _program, _unprivileged, copy_data, new_database

MARIADB = shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
INSTALL = shutil.which("mariadb-install-db")
WHY = "no MariaDB: to enable, as root: apt-get install -y mariadb-server"

requires_mariadb = pytest.mark.skipif(not (MARIADB and INSTALL), reason=WHY)


class Server:
    """A database server of a test, with a database `shop` and a user for it."""

    def __init__(self, folder: Path, command: list[str], url: str) -> None:
        self.folder, self.command, self.url = folder, command, url
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, ready: Callable[[], object]) -> None:
        """Start it and wait until it answers."""
        end = time.monotonic() + PATIENCE
        while True:
            # the children of one that was killed may still hold its memory for a moment
            if self.process is None or self.process.poll() is not None:
                self._run()
            try:
                ready()
                return
            except (psycopg.Error, pymysql.Error):
                assert time.monotonic() < end, (self.folder / "log").read_text()
                time.sleep(0.05)

    def _run(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, cwd=self.folder, **_unprivileged()
            )

    def kill(self) -> None:
        """End it as a machine that loses its power would."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)

    def stop(self) -> None:
        """End it for good."""
        assert self.process
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)


@contextmanager
def _folder() -> Iterator[Path]:
    # not pytest's folder: the name of a socket may have a hundred letters and no more
    folder = Path(tempfile.mkdtemp(prefix="kizuna-db-"))
    if user := _unprivileged():
        os.chown(folder, user["user"], user["group"])
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Postgres(Server):
    """PostgreSQL, asked by its superuser through `admin`."""

    def admin(self, *statements: str) -> None:
        """Run statements as the superuser."""
        with psycopg.connect(self.url.replace("reader:secret", "postgres"), autocommit=True) as c:
            for statement in statements:
                c.execute(statement.encode())

    def begin(self) -> None:
        """Start it, the first time or again."""
        url = self.url.replace("reader:secret", "postgres").replace("/shop", "/postgres")
        self.start(lambda: psycopg.connect(url).close())


class MariaDB(Server):
    """MariaDB, asked by its superuser through `admin`."""

    def admin(self, *statements: str) -> None:
        """Run statements as the superuser."""
        with self._root() as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def begin(self) -> None:
        """Start it, the first time or again."""
        self.start(lambda: self._root().close())

    def _root(self) -> Any:
        # one that fails leaves its socket to whoever collects what is forgotten
        with suppress(OSError), closing(socket.socket(socket.AF_UNIX)) as found:
            found.connect(str(self.folder / "socket"))
            return self._connected()
        raise pymysql.OperationalError("not yet")

    def _connected(self) -> Any:
        return pymysql.connect(
            unix_socket=str(self.folder / "socket"), user="root", autocommit=True, charset="utf8mb4"
        )


@contextmanager
def postgres_server(like: str = "template1") -> Iterator[Postgres]:
    """Run PostgreSQL with a password for its user `reader`, and with a database like another."""
    with _folder() as folder:
        data, port = copy_data(folder), free_port()
        rules = "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        (data / "pg_hba.conf").write_text(rules)
        run = [str(_program("postgres")), "-D", str(data), "-k", str(folder), "-p", str(port)]
        url = f"postgresql://reader:secret@127.0.0.1:{port}/shop"
        server = Postgres(folder, [*run, "-h", "127.0.0.1", "-c", "fsync=off"], url)
        server.begin()
        try:
            new_database(f"postgresql://postgres@127.0.0.1:{port}/postgres", "shop", like)
            server.admin("CREATE ROLE reader LOGIN PASSWORD 'secret'")
            yield server
        finally:
            server.stop()


@contextmanager
def mariadb_server() -> Iterator[MariaDB]:
    """Run MariaDB with a password for its user `reader`."""
    assert MARIADB
    assert INSTALL
    with _folder() as folder:
        data, port = folder / "data", free_port()
        who = pwd.getpwnam("nobody").pw_name if _unprivileged() else None
        options = [f"--datadir={data}", *([f"--user={who}"] if who else [])]
        quiet = ["--skip-test-db", "--auth-root-authentication-method=normal"]
        subprocess.run(
            [INSTALL, "--no-defaults", *options, *quiet], check=True, capture_output=True
        )
        run = [MARIADB, "--no-defaults", f"--datadir={data}", f"--socket={folder / 'socket'}"]
        rest = [f"--port={port}", "--bind-address=127.0.0.1", f"--pid-file={folder / 'pid'}"]
        haste = ["--innodb-flush-log-at-trx-commit=2", "--skip-name-resolve"]
        url = f"mysql://reader:secret@127.0.0.1:{port}/shop"
        server = MariaDB(folder, [*run, *rest, *haste], url)
        server.begin()
        try:
            server.admin(
                "CREATE DATABASE shop CHARACTER SET utf8mb4",
                "CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'secret'",
                "GRANT SELECT ON shop.* TO reader@'127.0.0.1'",
            )
            yield server
        finally:
            server.stop()
