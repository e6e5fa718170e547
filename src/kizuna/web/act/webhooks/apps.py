"""Django's name for this app."""

from __future__ import annotations

from datetime import time, timedelta
from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    """Programs that are told."""

    name = "kizuna.web.act.webhooks"
    label = "webhooks"
    navigation: ClassVar = [(_("Webhooks"), "webhooks:list", "export", "manager", "data", 60)]

    def ready(self) -> None:
        """Listen to what is told, and look now and then whether a delivery was forgotten."""
        from kizuna.web.act.webhooks import happenings, tasks
        from kizuna.web.jobs import schedules
        from kizuna.web.jobs.services import listen
        from kizuna.web.know.alerts.raising import RAISED
        from kizuna.web.know.publications.hooks import PUBLISHED_HOOKS

        listen("import_finished", happenings.import_finished)
        listen(RAISED, happenings.alert_raised)
        PUBLISHED_HOOKS.append(happenings.published)
        schedules.declare(
            name="webhooks.send",
            task=tasks.send,
            every=timedelta(minutes=15),
            title=_("Send webhooks that are due"),
        )
        schedules.declare(
            name="webhooks.clear_away",
            task=tasks.clear_away,
            at=time(3, 30),
            title=_("Clear away old webhooks"),
        )
