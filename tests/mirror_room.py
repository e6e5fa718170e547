"""The program of a process that writes the mirror beside: `python mirror_room.py make|mirror …`.

`slow` takes its time between the renames of the exchange, `killed` dies after the first of them,
and `bare`, on purpose, makes the exchange without a transaction.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from types import SimpleNamespace
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "kizuna.web.settings"
from kizuna.web.loading import load

load()

from django.db import connection  # noqa: E402

from kizuna.web.know.customers import beside, mirroring  # noqa: E402
from kizuna.web.know.customers.models import CustomerFact  # noqa: E402
from kizuna.web.know.publications.models import Publication  # noqa: E402

PAUSE = 0.2


def main(*modes: str) -> None:
    """Do what the words say."""
    if "make" in modes:
        versions = json.loads(os.environ["KIZUNA_TEST_VERSIONS"])
        Publication.objects.create(versions=versions)
    CustomerFact.objects.update(fingerprint=1)
    mirroring.MANY = mirroring.SHARE = 0
    with ExitStack() as stack:
        if "bare" in modes:
            beside.transaction = SimpleNamespace(atomic=nullcontext)  # type: ignore[assignment]
        if {"slow", "killed"} & set(modes):
            stack.enter_context(connection.execute_wrapper(_between(killed="killed" in modes)))
        mirroring.mirror(Publication.objects.latest("pk"))


def _between(*, killed: bool) -> Callable[..., Any]:
    def run(execute: Callable[..., Any], sql: str, *given: Any) -> Any:
        done = execute(sql, *given)
        if sql.startswith("ALTER TABLE") and "RENAME TO" in sql:
            if killed:
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(PAUSE)
        return done

    return run


if __name__ == "__main__":
    main(*sys.argv[1:])
