"""A process that takes messages in and moves them into a table, for backups to be taken of.

It says on stdout the number of each message that is on the disk, with the moment of
the machine's clock that never goes back. Messages lie in
`inbox.sqlite3` until they are in the table `messages`; the number of the batch goes with both.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from pathlib import Path

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake

APP = "messages"
BATCH = 20


def main(home: Path) -> None:
    """Go on until killed, or until nobody reads any more."""
    inbox = opened(home)
    table, number, batch = home / "store" / "messages", 0, 0
    while True:
        rows = [(number + at, f"message {number + at}") for at in range(BATCH)]
        with inbox:
            inbox.executemany("INSERT INTO inbox (id, body) VALUES (?, ?)", rows)
        number += BATCH
        sys.stdout.write(f"{number} {time.monotonic()}\n")
        sys.stdout.flush()
        batch += 1
        with inbox:
            inbox.execute("UPDATE inbox SET batch = ? WHERE batch IS NULL", [batch])
        settle(inbox, table, batch)
        if os.getppid() == 1:
            return


def opened(home: Path) -> sqlite3.Connection:
    """Open the inbox."""
    inbox = sqlite3.connect(home / "inbox.sqlite3")
    inbox.execute("PRAGMA journal_mode = WAL")
    inbox.execute("PRAGMA synchronous = FULL")
    inbox.execute("CREATE TABLE IF NOT EXISTS inbox (id INTEGER, body TEXT, batch INTEGER)")
    return inbox


def settle(inbox: sqlite3.Connection, table: Path, batch: int) -> None:
    """Write a batch into the table unless it is there, then delete it."""
    query = "SELECT id, body FROM inbox WHERE batch = ?"
    rows = inbox.execute(query, [batch]).fetchall()
    if rows and not is_there(table, batch):
        data = pa.table({"id": [r[0] for r in rows], "body": [r[1] for r in rows]})
        said = CommitProperties(app_transactions=[Transaction(APP, batch)])
        write_deltalake(table, data, mode="append", commit_properties=said)
    with inbox:
        inbox.execute("DELETE FROM inbox WHERE batch = ?", [batch])


def is_there(table: Path, batch: int) -> bool:
    """Whether the table has a batch already."""
    if not DeltaTable.is_deltatable(str(table)):
        return False
    return (DeltaTable(table).transaction_version(APP) or 0) >= batch


def gathered(home: Path) -> list[int]:
    """Move what is in the inbox, as a drain does after a start; give the numbers in the table."""
    inbox, table = opened(home), home / "store" / "messages"
    query = "SELECT DISTINCT batch FROM inbox WHERE batch IS NOT NULL ORDER BY batch"
    for (batch,) in inbox.execute(query).fetchall():
        settle(inbox, table, batch)
    waiting = [number for (number,) in inbox.execute("SELECT id FROM inbox").fetchall()]
    inbox.close()
    moved = DeltaTable(table).to_pyarrow_table()["id"].to_pylist()
    # what waits under no number goes under a new one, and whose id is there is no news
    return sorted(moved + [number for number in waiting if number not in set(moved)])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
