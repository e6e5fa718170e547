"""Django's name for this app."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InteractionsConfig(AppConfig):
    """Contacts with customers from other programs and mailboxes."""

    name = "kizuna.web.capture.interactions"
    label = "interactions"
    navigation: ClassVar = [
        (_("Contact sources"), "interactions:list", "mail", "manager", "data", 13)
    ]

    def ready(self) -> None:
        """Look into the mailboxes now and then."""
        from kizuna.web.capture.interactions import tasks
        from kizuna.web.jobs import schedules

        schedules.declare(
            name="interactions.read_mail",
            task=tasks.read_all,
            every=timedelta(minutes=2),
            title=_("Look for new mail"),
        )
