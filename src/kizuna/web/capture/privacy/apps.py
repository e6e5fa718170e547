"""Django's name for this app."""

from __future__ import annotations

from datetime import time

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from kizuna.web.ui.navigation import Entry


class PrivacyConfig(AppConfig):
    """Requests of customers about their own data."""

    name = "kizuna.web.capture.privacy"
    label = "privacy"
    navigation = [
        Entry(_("Privacy requests"), "privacy:list", "key", "manager", "settings", 40),
        Entry(_("Retention periods"), "privacy:retention", "dot", "manager", "settings", 41),
    ]

    def ready(self) -> None:
        """See to it each night that whoever was erased stays erased."""
        from kizuna.web.capture.privacy import tasks
        from kizuna.web.jobs import schedules
        from kizuna.web.jobs.services import listen

        schedules.declare(
            name="privacy.keep_erased",
            task=tasks.keep_erased,
            at=time(2, 40),
            title=_("Erase again whoever a file brought back"),
        )
        schedules.declare(
            name="privacy.retain",
            task=tasks.retain,
            at=time(2, 20),
            title=_("Let go of what is older than its period"),
        )
        listen("transactions_changed", look_for_the_erased)


def look_for_the_erased(**said: object) -> None:
    """Look whether a file brought somebody back, where anybody was erased at all."""
    from kizuna.jobs.tombstones import Tombstones
    from kizuna.web.capture.privacy import queries, tasks

    if Tombstones(queries.home()).known():
        tasks.keep_erased.enqueue()
