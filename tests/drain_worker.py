"""The drain in a process of its own, to be killed; with a fault on purpose where one is named."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kizuna.jobs import drain as job
from kizuna.jobs.drain_log import DrainLog
from kizuna.pipeline.store import Store
from kizuna.web.capture.inbox import inbox_at

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def work(home: Path, place: Path | str, fault: str) -> None:
    """Drain until killed, as the loop beside the worker does."""
    inbox, store, log = inbox_at(place), Store(home / "store"), DrainLog(home / "drain.sqlite3")
    make = job._make

    def settled_too_early(
        tables: Any, memory: Any, number: int, entries: Sequence[Any], clock: Any
    ) -> Any:
        inbox.settle(number)
        time.sleep(0.3)
        return make(tables, memory, number, entries, clock)

    if fault == "early":
        job._make = settled_too_early
    with job.draining(store) as alone:
        assert alone
        job.resume(store, inbox, log, lambda: NOW)
        while True:
            job.drain(store, inbox, log, lambda: NOW)
            time.sleep(0.02)


if __name__ == "__main__":
    home, place, fault = sys.argv[1:]
    work(Path(home), place if "://" in place else Path(place), fault)
