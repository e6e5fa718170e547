"""Django's name for this app."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AlertsConfig(AppConfig):
    """Alerts."""

    name = "kizuna.web.know.alerts"
    label = "alerts"
    navigation: ClassVar = [(_("Alerts"), "alerts:inbox", "bell", "viewer", "today", 6)]

    def ready(self) -> None:
        """Look at what is published, and tell of what is due."""
        from kizuna.web.capture.events.loop import DRAINED
        from kizuna.web.jobs import schedules
        from kizuna.web.jobs.services import listen
        from kizuna.web.know.alerts import tasks
        from kizuna.web.know.alerts.live import touched
        from kizuna.web.know.publications.hooks import PUBLISHED_HOOKS

        PUBLISHED_HOOKS.append(published)
        listen(DRAINED, touched)
        schedules.declare(
            name="alerts.send",
            task=tasks.send,
            every=timedelta(minutes=1),
            title=_("Tell of alerts"),
        )


def published(publication: object) -> None:
    """Have the rules evaluated: a publication does not wait for them."""
    from kizuna.web.know.alerts.tasks import after_publication

    after_publication.enqueue(publication.pk)  # type: ignore[attr-defined]
