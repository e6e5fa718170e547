"""Django's name for this app."""

from __future__ import annotations

from datetime import time, timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    """Imports."""

    name = "kizuna.web.capture.imports"
    label = "imports"
    navigation = [(_("Imports"), "imports:list", "import", "member", "data", 10)]

    def ready(self) -> None:
        """Plan to look for imports from elsewhere, and to clear away."""
        from kizuna.web.capture.imports import tasks
        from kizuna.web.jobs import schedules

        schedules.declare(
            name="imports.notice_others",
            task=tasks.notice_others,
            every=timedelta(minutes=10),
            title=_("Look for imports from elsewhere"),
        )
        schedules.declare(
            name="imports.sweep_uploads",
            task=tasks.sweep_uploads,
            at=time(3, 50),
            title=_("Clear away unfinished uploads"),
        )
