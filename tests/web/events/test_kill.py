"""The drain is killed again and again under load: no message is lost, and none is there twice.

The twin takes a batch out of the inbox before it is in the tables; the same rounds find that.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

import pytest

from drain_room import NOW, track
from job_room import HERE, until
from kizuna.jobs.drain import CONTACTS
from kizuna.jobs.drain_log import EVENTS, WRITER
from kizuna.pipeline.capture.contacts import body_of, contact
from kizuna.pipeline.store import Store
from kizuna.web.capture.inbox import Arrival, inbox_at
from web_postgres import postgres

SOAK = os.environ.get("KIZUNA_HYPOTHESIS") == "soak"
ROUNDS = {"sqlite": 1_000 if SOAK else 3, "postgresql": 300 if SOAK else 3}
A_BODY = 20
TOLD = {"customer_id": "u1", "happened_at": NOW.isoformat(), "channel": "phone"}
"""A contact as programs tell it; one goes with each body of messages."""
PACE = 0.03 if SOAK else 0.01
TIDIED = 50
"""Rounds after which small files are joined while the drain works, as the worker's upkeep does."""

pytestmark = pytest.mark.slow


def start(home: Path, place: Path | str, fault: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(HERE / "drain_worker.py"), str(home), str(place), fault]
    with (home / "log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)


class Load:
    """Puts bodies into the inbox as long as it is asked to, and counts what was kept."""

    def __init__(self, place: Path | str) -> None:
        self.place, self.kept, self.enough = place, 0, threading.Event()

    def run(self) -> None:
        with closing(inbox_at(self.place)) as inbox:
            while not self.enough.wait(PACE):
                names = range(self.kept, self.kept + A_BODY)
                body = json.dumps({"batch": [track(f"m{n}", f"u{n % 50}") for n in names]})
                said = {**TOLD, "interaction_id": f"c{self.kept}"}
                told = body_of([contact(said, source="api", received_at=NOW)])
                both = [("/v1/batch", body.encode()), (CONTACTS, told)]
                inbox.append([Arrival(NOW, 1, path, content) for path, content in both])
                self.kept += A_BODY


@contextmanager
def loaded(place: Path | str) -> Iterator[Load]:
    load = Load(place)
    thread = threading.Thread(target=load.run)
    thread.start()
    try:
        yield load
    finally:
        load.enough.set()
        thread.join()


def accepted(home: Path) -> Counter[str]:
    store = Store(home / "store")
    if "received_events" not in store.names():
        return Counter()
    return Counter(store.read("received_events")["message_id"].to_pylist())


def killed_in_rounds(
    home: Path, place: Path | str, fault: str, rounds: int
) -> tuple[int, Counter[str]]:
    """Kill the drain at random moments of its work; give what was kept and what is there."""
    chance, store = Random(11), Store(home / "store")
    with loaded(place) as load:
        for round_ in range(rounds):
            before = store.batch_of(EVENTS, WRITER)
            worker = start(home, place, fault)
            until(lambda before=before: store.batch_of(EVENTS, WRITER) > before, 20)
            if round_ % TIDIED == 1:
                store.compact(EVENTS)
            time.sleep(chance.random() * 0.3)
            worker.kill()
            worker.wait()
    last = start(home, place, "")
    with closing(inbox_at(place)) as inbox:
        assert until(lambda: inbox.depth() == 0), (home / "log").read_text()
    last.kill()
    last.wait()
    batches = store.batch_of(EVENTS, WRITER)
    sys.stdout.write(f"{rounds} rounds: {load.kept} messages, {batches} batches\n")
    return load.kept, accepted(home)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_killed_drain_loses_nothing_and_brings_nothing_twice(tmp_path: Path, kind: str) -> None:
    if kind == "sqlite":
        kept, found = killed_in_rounds(tmp_path, tmp_path / "inbox.sqlite3", "", ROUNDS[kind])
    else:
        with postgres() as url:
            kept, found = killed_in_rounds(tmp_path, url, "", ROUNDS[kind])
    assert kept > 0
    assert found == Counter(f"m{n}" for n in range(kept))
    told = Store(tmp_path / "store").read("received_interactions")["interaction_id"].to_pylist()
    assert Counter(told) == Counter(f"c{n}" for n in range(0, kept, A_BODY))


def test_the_rounds_find_a_drain_that_lets_go_of_messages_too_early(tmp_path: Path) -> None:
    kept, found = killed_in_rounds(tmp_path, tmp_path / "inbox.sqlite3", "early", 3)
    assert len(found) < kept
