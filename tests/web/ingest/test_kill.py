"""The server and the database killed under load: what was acknowledged is there, and once.

Each promise has a twin: the same rounds with a fault put in on purpose, which they must find.
"""

from __future__ import annotations

import http.client
import json
import os
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from threading import Thread

import pytest

from database_servers import Postgres, postgres_server
from event_server import SERVER_KEY, EventServer, basic, event_server, make_keys
from kizuna.web.capture.inbox import inbox_at
from kizuna.web.capture.inbox.postgres import PostgresInbox
from kizuna.web.capture.inbox.sqlite import SQLiteInbox
from web_postgres import INSTALLED

SOAK = os.environ.get("KIZUNA_HYPOTHESIS") == "soak"  # as `make soak` does
ROUNDS = {"sqlite": 1000 if SOAK else 2, "postgresql": 300 if SOAK else 2}
SERVER_ROUNDS = 300 if SOAK else 1
A_SERIES = 50
"""Rounds after which the inbox is looked through and emptied, so that it stays small."""
WORKER = str(Path(__file__).parents[2] / "event_worker.py")

pytestmark = pytest.mark.slow


class Load:
    """Clients that send events, each once, and remember which were acknowledged."""

    def __init__(self, server: EventServer, key: str, seed: int) -> None:
        self.server, self.key, self.chance = server, key, Random(seed)
        self.acknowledged: list[str] = []
        self.going, self.round = True, 0

    @contextmanager
    def pressing(self, clients: int = 12) -> Iterator[None]:
        """Send until the end of the block."""
        self.going, self.round = True, self.round + 1
        threads = [Thread(target=self._client, args=(self.round, n)) for n in range(clients)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.going = False
            for thread in threads:
                thread.join()

    def _client(self, round_: int, client: int) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)) as line:
            for n in range(1_000_000):
                if not self.going or not self._send(line, f"{round_}-{client}-{n}", n % 5):
                    return

    def _send(self, line: http.client.HTTPConnection, name: str, batch: int) -> bool:
        names = [f"{name}-{n}" for n in range(20)] if batch == 0 else [name]
        messages = [{"messageId": n, "userId": "u", "event": "Seen"} for n in names]
        path, body = ("/v1/track", messages[0]) if batch else ("/v1/batch", {"batch": messages})
        try:
            headers = {"Authorization": basic(self.key), "Content-Type": "application/json"}
            line.request("POST", path, json.dumps(body), headers)
            answer = line.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return False
        if answer.status == 200:
            self.acknowledged += names
        return True


def kept_in(place: Path | str, *, emptied: bool = False) -> Counter[str]:
    """Count each message of the inbox."""
    found, number = Counter[str](), 0
    with closing(inbox_at(place)) as inbox:
        while entries := inbox.claim(number := number + 1, 10_000):
            for entry in entries:
                body = json.loads(entry.body)
                found.update(m["messageId"] for m in body.get("batch", [body]))
        if emptied:
            for done in range(1, number):
                inbox.settle(done)
    return found


def killed_in_rounds(server: EventServer, load: Load, rounds: int) -> None:
    for _round in range(rounds):
        before = len(load.acknowledged)
        with load.pressing():
            time.sleep(0.1)
            while len(load.acknowledged) == before:
                time.sleep(0.01)
            time.sleep(load.chance.random() * 0.3)
            server.kill()
        server.begin()


def killed_in_series(load: Load, place: Path | str, rounds: int) -> Counter[str]:
    """Kill the server so many times; count what was acknowledged, lost and kept twice."""
    counted = Counter[str](acknowledged=0, lost=0, twice=0)
    for start in range(0, rounds, A_SERIES):
        killed_in_rounds(load.server, load, min(A_SERIES, rounds - start))
        found = kept_in(place, emptied=True)
        counted["acknowledged"] += len(load.acknowledged)
        counted["lost"] += sum(name not in found for name in load.acknowledged)
        counted["twice"] += sum(times > 1 for times in found.values())
        load.acknowledged.clear()
    sys.stdout.write(f"{rounds} rounds: {dict(counted)}\n")
    return counted


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Postgres | None]:
    """A server of the test's own, or none for a file."""
    if request.param == "sqlite":
        yield None
    else:
        with postgres_server(INSTALLED) as server:
            yield server


def url_of(database: Postgres | None) -> str:
    return database.url.replace("reader:secret", "postgres") if database else ""


def test_a_killed_server_loses_nothing_it_acknowledged(
    tmp_path: Path, database: Postgres | None
) -> None:
    more = {"DATABASE_URL": url_of(database)} if database else {}
    rounds = ROUNDS["postgresql" if database else "sqlite"]
    [key] = make_keys(tmp_path, SERVER_KEY, **more)
    with event_server(tmp_path, WORKER, **more) as server:
        place = url_of(database) or tmp_path / "inbox.sqlite3"
        counted = killed_in_series(Load(server, key, seed=11), place, rounds)
    assert counted["acknowledged"] > 10 * rounds
    assert (counted["lost"], counted["twice"]) == (0, 0)


def test_the_rounds_find_an_answer_before_the_commit(tmp_path: Path) -> None:
    [key] = make_keys(tmp_path, SERVER_KEY)
    with event_server(tmp_path, WORKER, "--fault", "early") as server:
        load, lost = Load(server, key, seed=11), False
        for _try in range(20):
            killed_in_rounds(server, load, 1)
            found = kept_in(tmp_path / "inbox.sqlite3")
            if lost := any(name not in found for name in load.acknowledged):
                break
    assert lost


def test_a_killed_database_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    with postgres_server(INSTALLED) as database:
        url = url_of(database)
        [key] = make_keys(tmp_path, SERVER_KEY, DATABASE_URL=url)
        with event_server(tmp_path, WORKER, DATABASE_URL=url) as server:
            load, taken = Load(server, key, seed=5), 0
            for _round in range(SERVER_ROUNDS):
                with load.pressing(clients=4):
                    time.sleep(0.3)
                    database.kill()
                    taken += taken_until_refused(server, key)
                    database.begin()
                    assert until_taken(server, key)
        found = kept_in(url)
    said = f"{len(load.acknowledged)} acknowledged, {taken} probes taken after the kill"
    sys.stdout.write(f"{SERVER_ROUNDS} rounds: {said}\n")
    assert len(load.acknowledged) > 10 * SERVER_ROUNDS
    assert [name for name in load.acknowledged if found[name] != 1] == []
    assert found["probe"] >= taken + SERVER_ROUNDS


def taken_until_refused(server: EventServer, key: str) -> int:
    """Send until it is refused for now; give how many were taken.

    The children of a killed PostgreSQL end when they next wait: one that is in a commit ends it.
    """
    for taken in range(100):
        status, headers, said = server.post("/v1/track", b'{"messageId": "probe"}', key)
        if (status, headers.get("retry-after")) == (503, "5"):
            return taken
        assert status == 200, (status, headers, said)
        time.sleep(0.02)
    raise AssertionError("taken for two seconds after the kill")


def until_taken(server: EventServer, key: str) -> bool:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if server.post("/v1/track", b'{"messageId": "probe"}', key)[0] == 200:
            return True
        time.sleep(0.1)
    return False


def test_each_commit_is_synced(tmp_path: Path) -> None:
    inbox = SQLiteInbox(tmp_path / "inbox.sqlite3")
    [level], [mode] = (
        inbox._connection.execute(f"PRAGMA {name}").fetchone()
        for name in ("synchronous", "journal_mode")
    )
    assert (level, mode) == (2, "wal")
    inbox.close()
    with postgres_server() as database:
        server = PostgresInbox(url_of(database))
        [found] = server._connected().execute("SHOW synchronous_commit").fetchone() or ("",)
        assert found == "on"
        server.close()


def test_an_inbox_that_cannot_keep_is_told_and_works_again_by_itself(tmp_path: Path) -> None:
    [key] = make_keys(tmp_path, SERVER_KEY)
    with event_server(tmp_path, WORKER) as server:
        assert server.post("/v1/track", b"{}", key)[0] == 200
        with closing(sqlite3.connect(tmp_path / "inbox.sqlite3")) as holder:
            holder.execute("ALTER TABLE inbox RENAME TO away")
            status, headers, _said = server.post("/v1/track", b"{}", key)
            assert (status, headers["retry-after"]) == (503, "5")
            assert server.get("/health/ready")[0] == 503
            holder.execute("ALTER TABLE away RENAME TO inbox")
        assert server.post("/v1/track", b"{}", key)[0] == 200
        assert server.get("/health/ready")[0] == 200
