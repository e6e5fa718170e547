"""Rows that migrations make, made again after a test with real transactions emptied every table."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import Any

from django.apps import AppConfig, apps
from django.db import connections
from django.db.models.signals import post_migrate

PURPOSES = "kizuna.web.capture.consents.migrations.0003_usual_purposes"


def keep() -> None:
    """Make them whenever Django has emptied the tables, which it tells as if it had migrated."""
    post_migrate.connect(_make, dispatch_uid="usual rows of the tests")


def _make(sender: AppConfig, using: str, **_told: Any) -> None:
    if sender.label == "consents":
        make_purposes = import_module(PURPOSES).make
        make_purposes(apps, SimpleNamespace(connection=connections[using]))
