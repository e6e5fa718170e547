"""Django's name for this app."""

from __future__ import annotations

from datetime import time, timedelta
from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    """Events."""

    name = "kizuna.web.capture.events"
    label = "events"
    navigation: ClassVar = [(_("Events"), "events:list", "dot", "member", "data", 12)]

    def ready(self) -> None:
        """Plan to keep the tables tidy, and to bring orders by events among the others."""
        from kizuna.web.capture.events import tasks
        from kizuna.web.jobs import schedules

        schedules.declare(
            name="events.join_files",
            task=tasks.join_files,
            every=timedelta(minutes=2),
            title=_("Join the small files of events"),
        )
        schedules.declare(
            name="events.sort_files",
            task=tasks.sort_files,
            at=time(3, 10),
            title=_("Lay the events of each customer together"),
        )
        schedules.declare(
            name="events.book_orders",
            task=tasks.book_orders,
            every=timedelta(hours=1),
            title=_("Bring orders by events among the others"),
        )
