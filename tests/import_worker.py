"""A worker that stops at a point of an import, so that it can be killed there."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kizuna.web.loading import load as load_django

MAPPING = {"columns": {"customer": "customer_id", "date": "date", "amount": "amount"}}


def ask(table: str) -> None:
    """Bring a file into an installation, to be loaded without asking."""
    from kizuna.web.capture.imports import services

    path = Path(os.environ["KIZUNA_HOME"]) / "f.csv"
    rows = "".join(f"C{n % 700},2026-01-{n % 28 + 1:02},{n + 1}\n" for n in range(3_000))
    path.write_text("customer_id,date,amount\n" + rows)
    mapping: dict[str, Any] = MAPPING
    if table == "events":
        columns = {"customer_id": "customer_id", "happened_at": "date", "name": "amount"}
        mapping = {"columns": columns}
    services.bring(actor=None, path=path, name="f.csv", table=table, mapping=mapping, at_once=True)


def work(point: str, fault: str) -> None:
    """Work as `kizuna work` does, up to the point."""
    from kizuna.jobs import load, records
    from kizuna.pipeline.store import Store
    from kizuna.web.capture.imports import loads, tasks
    from kizuna.web.jobs import worker

    stops: dict[str, tuple[Any, str, bool]] = {
        "reading": (loads, "check", True),
        "before the log": (Store, "append", True),
        "after the log": (Store, "append", False),
        "before the table": (Store, "write", True),
        "after the table": (Store, "write", False),
        "before it is said": (tasks, "_finish", True),
    }
    if point:
        place, name, before = stops[point]
        setattr(place, name, stopping(getattr(place, name), before))
    if fault:
        load.batches = lambda store: ()
        records.batches = lambda store, table: ()
    worker.run()


def stopping(function: Callable[..., Any], before: bool) -> Callable[..., Any]:
    """Give a function that says where it is, and waits there to be killed."""
    mark = Path(os.environ["KIZUNA_HOME"]) / "here"

    def stopped(*args: Any, **said: Any) -> Any:
        result = None if before else function(*args, **said)
        mark.touch()
        time.sleep(120)
        return function(*args, **said) if before else result

    return stopped


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "job_settings"
    load_django()
    if len(sys.argv) > 3:
        ask(sys.argv[3])
    work(sys.argv[1], sys.argv[2])
