"""Django's name for this app."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IdentitiesConfig(AppConfig):
    """Who customers are."""

    name = "kizuna.web.capture.identities"
    label = "identities"
    navigation = [(_("Duplicates"), "identities:queue", "people", "viewer", "data", 30)]

    def ready(self) -> None:
        """Follow what messages say, and plan to look for duplicates."""
        from kizuna.web.capture.identities import tasks
        from kizuna.web.jobs import schedules
        from kizuna.web.jobs.services import listen

        listen("events_drained", drained)
        schedules.declare(
            name="identities.catch_up",
            task=tasks.catch_up,
            every=timedelta(hours=1),
            title=_("Connect keys that a fault left out"),
        )

        schedules.declare(
            name="identities.find_duplicates",
            task=tasks.find_duplicates,
            at=time(2, 40),
            title=_("Look for duplicate customers"),
        )


def drained(batch: Any) -> None:
    """Follow what the messages of a batch say of who is who."""
    from kizuna.web.capture.identities.services.observing import observe

    if batch.links or batch.traits:
        observe(links=batch.links, traits=batch.traits)
