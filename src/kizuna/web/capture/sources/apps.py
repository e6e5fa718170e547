"""Django's name for this app."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SourcesConfig(AppConfig):
    """Databases to read from."""

    name = "kizuna.web.capture.sources"
    label = "sources"
    navigation: ClassVar = [(_("Databases"), "sources:list", "database", "manager", "data", 12)]

    def ready(self) -> None:
        """Look now and then what is due."""
        from kizuna.web.capture.sources import tasks
        from kizuna.web.jobs import schedules

        schedules.declare(
            name="sources.read_due",
            task=tasks.read_due,
            every=timedelta(minutes=5),
            title=_("Read what is due from databases"),
        )
