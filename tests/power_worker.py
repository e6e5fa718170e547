"""Takes messages in and drains them, and says on stdout which are acknowledged; for a trace.

With a fault on purpose where one is named: an inbox that does not sync, or tables that do not.
"""

from __future__ import annotations

import json
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from drain_room import track
from kizuna.jobs.drain import drain, draining, resume
from kizuna.jobs.drain_log import DrainLog
from kizuna.pipeline import disk
from kizuna.pipeline.store import Store
from kizuna.web.capture.inbox import Arrival
from kizuna.web.capture.inbox.sqlite import SQLiteInbox

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
A_BODY = 5
DRAINED = 4
"""Every so many bodies the inbox is drained."""
JOINED = 12
"""Every so many bodies the small files are joined."""


def work(home: Path, bodies: int, fault: str) -> None:
    """Take so many bodies in."""
    store = Store(home / "store")
    with (
        closing(SQLiteInbox(home / "inbox.sqlite3")) as inbox,
        closing(DrainLog(home / "drain.sqlite3")) as log,
        draining(store),
    ):
        if fault == "inbox":
            inbox._connection.execute("PRAGMA synchronous=OFF")
        if fault == "tables":
            disk.keep = lambda table, after: None
        resume(store, inbox, log, lambda: NOW)
        for number in range(bodies):
            names = [f"{number}-{n}" for n in range(A_BODY)]
            said = [track(name) | {"properties": {"x": "y" * 700}} for name in names]
            body = json.dumps({"batch": [*said, {"type": "identify", "messageId": number}]})
            inbox.append([Arrival(NOW, 1, "/v1/batch", body.encode())])
            sys.stdout.write(" ".join(names) + "\n")
            sys.stdout.flush()
            if number % DRAINED == DRAINED - 1:
                drain(store, inbox, log, lambda: NOW)
            if number % JOINED == JOINED - 1:
                store.compact("received_events")


if __name__ == "__main__":
    work(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
