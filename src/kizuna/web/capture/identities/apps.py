"""Django's name for this app."""

from __future__ import annotations

from datetime import time

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IdentitiesConfig(AppConfig):
    """Who customers are."""

    name = "kizuna.web.capture.identities"
    label = "identities"
    navigation = [(_("Duplicates"), "identities:queue", "people", "viewer", "data", 30)]

    def ready(self) -> None:
        """Plan to look for duplicates."""
        from kizuna.web.capture.identities import tasks
        from kizuna.web.jobs import schedules

        schedules.declare(
            name="identities.find_duplicates",
            task=tasks.find_duplicates,
            at=time(2, 40),
            title=_("Look for duplicate customers"),
        )
