"""An inbox, a store and a drain in a folder, and bodies to send to them."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from kizuna.jobs.drain import Batch, drain, draining, resume
from kizuna.jobs.drain_log import DrainLog
from kizuna.pipeline.store import Store
from kizuna.web.capture.inbox import Arrival, inbox_at

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def now() -> datetime:
    return NOW + timedelta(seconds=1)


class Drain:
    """All that the drain works on; opened anew it goes on where it was."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.store = folder, Store(folder / "store")
        self.inbox = inbox_at(folder / "inbox.sqlite3")
        self.log = DrainLog(folder / "drain.sqlite3")
        with draining(self.store) as alone:
            assert alone
            self.resumed = resume(self.store, self.inbox, self.log, now)

    def send(self, *messages: Any, path: str = "/v1/batch", at: datetime = NOW) -> None:
        """Put one batch into the inbox."""
        self.inbox.append([Arrival(at, 1, path, json.dumps({"batch": messages}).encode())])

    def run(self) -> list[Batch]:
        """Drain until the inbox is empty."""
        batches = []
        while batch := drain(self.store, self.inbox, self.log, now):
            batches.append(batch)
        return batches

    def close(self) -> None:
        self.inbox.close()
        self.log.close()

    def rows(self, name: str) -> list[dict[str, Any]]:
        if name not in self.store.names():
            return []
        found: list[dict[str, Any]] = self.store.read(name).to_pylist()
        return found

    def accepted(self) -> Counter[str]:
        return Counter(row["message_id"] for row in self.rows("received_events"))


def track(name: str, user: str = "u1", **more: Any) -> dict[str, Any]:
    return {"type": "track", "userId": user, "event": "Seen", "messageId": name, **more}


def spoiled(message: dict[str, Any], chance: Random) -> Any:
    """Break a message in one of many ways."""
    ways: list[Any] = [
        None,
        7,
        "text",
        [],
        {},
        {**message, "type": "shout"},
        {**message, "userId": None},
        {**message, "userId": {"id": 1}},
        {**message, "event": None},
        {**message, "event": "x" * 400},
        {**message, "messageId": "x" * 101},
        {**message, "timestamp": "yesterday"},
        {**message, "timestamp": 2**31},
        {**message, "timestamp": "9999-12-31T23:59:59Z"},
        {**message, "properties": "none"},
        {**message, "context": 5},
        {**message, "userId": "a\0b"},
        {**message, "event": "Order Completed"},
        {**message, "properties": {"x": float("nan")}},
        {**message, "properties": {"x": "\ud800"}},
        {**message, "properties": {"x": "y" * 600_000}},
    ]
    weights = [1] * (len(ways) - 1) + [0.01]
    return chance.choices(ways, weights)[0]
