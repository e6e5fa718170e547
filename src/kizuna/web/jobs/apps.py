"""Django's name for this app."""

from __future__ import annotations

from datetime import time
from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    """Background work."""

    name = "kizuna.web.jobs"
    label = "jobs"
    navigation: ClassVar = [(_("Background work"), "jobs:list", "jobs", "member", "data", 80)]

    def ready(self) -> None:
        """Plan the housekeeping."""
        from kizuna.web.jobs import schedules, upkeep

        schedules.declare(
            name="jobs.clear_away",
            task=upkeep.clear_away,
            at=time(3, 40),
            title=_("Clear away old jobs"),
        )
        schedules.declare(
            name="accounts.clear_sessions",
            task=upkeep.clear_sessions,
            at=time(3, 50),
            title=_("Clear away sessions that have ended"),
        )
        schedules.declare(
            name="interface.forget_answers",
            task=upkeep.forget_answers,
            at=time(3, 55),
            title=_("Forget answers of the programming interface"),
        )
