"""Django's name for this app."""

from __future__ import annotations

from datetime import time
from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GateConfig(AppConfig):
    """The contact gate."""

    name = "kizuna.web.act.gate"
    label = "gate"
    navigation: ClassVar = [(_("Contact gate"), "gate:log", "gate", "member", "act", 80)]

    def ready(self) -> None:
        """Show a customer's page what was sent and what was not, and clear away what is old."""
        from kizuna.web.act.gate import panel, tasks
        from kizuna.web.act.gate.clearing import DECISIONS
        from kizuna.web.capture.privacy.models import Held
        from kizuna.web.capture.privacy.periods import CLEARINGS
        from kizuna.web.jobs import schedules
        from kizuna.web.know.customers.panels import LATER

        LATER.append(panel.contacts)
        CLEARINGS[Held.DECISIONS] = DECISIONS
        schedules.declare(
            name="gate.clear_away",
            task=tasks.clear_away,
            at=time(3, 40),
            title=_("Clear away old decisions of the contact gate"),
        )
