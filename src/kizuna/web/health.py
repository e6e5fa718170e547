"""Whether the application lives, and whether it is ready to answer."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kizuna.web.accounts.permissions import public
from kizuna.web.jobs import queries

_log = logging.getLogger("kizuna.health")


@public
@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Say that the process answers; it touches nothing else."""
    return JsonResponse({"status": "live"})


@public
@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Say whether pages can be answered, with each check by name; 503 where they cannot.

    Without a worker pages can be answered, and say so themselves: that alone is no 503.
    """
    checks = {name: _passes(check) for name, check in CHECKS.items()}
    passed = all(checks.values())
    words = {name: "ok" if ok else "failed" for name, ok in checks.items()}
    words["worker"] = "ok" if _passes(worker_is_seen) else "not seen"
    return JsonResponse(
        {"status": "ready" if passed else "not ready", "checks": words},
        status=200 if passed else 503,
    )


def database_answers() -> bool:
    """Whether a query comes back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def migrations_are_applied() -> bool:
    """Whether the database has the shape that this version expects."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def data_folder_is_writable() -> bool:
    """Whether a file can be written in the data folder: a full disk cannot take one."""
    with tempfile.TemporaryFile(dir=Path(settings.KIZUNA_HOME)) as file:
        file.write(b"\0" * 4096)
        file.flush()
    return True


def worker_is_seen() -> bool:
    """Whether a worker gave a sign of life lately."""
    return queries.silence(now=timezone.now()) is None


CHECKS: Final[dict[str, Callable[[], bool]]] = {
    "database": database_answers,
    "migrations": migrations_are_applied,
    "data_folder": data_folder_is_writable,
}


def _passes(check: Callable[[], bool]) -> bool:
    """Run a check; whatever goes wrong in it is a failure, never an error page."""
    try:
        return check()
    except Exception:
        _log.exception("a check of readiness failed", extra={"fields": {"check": check.__name__}})
        return False
