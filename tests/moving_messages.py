"""A process that takes messages in and drains them into the tables, for backups to be taken of.

It says on stdout the number of messages that are on the disk, with the moment of the machine's
clock that never goes back. Inbox and drain are those of the application.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from kizuna.jobs.drain import drain, draining, resume
from kizuna.jobs.drain_log import DrainLog
from kizuna.pipeline.store import Store
from kizuna.web.capture.inbox import Arrival, inbox_at

BATCH = 20
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def main(home: Path) -> None:
    """Go on until killed, or until nobody reads any more."""
    store, number = Store(home / "store"), 0
    inbox, log = inbox_at(home / "inbox.sqlite3"), DrainLog(home / "drain.sqlite3")
    with draining(store):
        while os.getppid() != 1:
            inbox.append([Arrival(NOW, 1, "/v1/batch", body(number))])
            number += BATCH
            sys.stdout.write(f"{number} {time.monotonic()}\n")
            sys.stdout.flush()
            drain(store, inbox, log, lambda: NOW)


def body(number: int) -> bytes:
    """Write a batch of messages, each named by its number."""
    said = [
        {"type": "track", "userId": "u", "event": "Seen", "messageId": str(number + at)}
        for at in range(BATCH)
    ]
    return json.dumps({"batch": said}).encode()


def gathered(home: Path) -> list[int]:
    """Drain what is in the inbox, as the worker does after a start; give the numbers there are."""
    store = Store(home / "store")
    with (
        closing(inbox_at(home / "inbox.sqlite3")) as inbox,
        closing(DrainLog(home / "drain.sqlite3")) as log,
    ):
        resume(store, inbox, log, lambda: NOW)
        while drain(store, inbox, log, lambda: NOW):
            pass
    return sorted(int(name) for name in store.read("received_events")["message_id"].to_pylist())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
