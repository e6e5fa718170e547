"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EffortConfig(AppConfig):
    """Effort and service levels."""

    name = "kizuna.web.know.effort"
    label = "effort"
    navigation = [
        (_("Effort"), "effort:effort", "effort", "viewer", "experience", 24),
        (_("Service levels"), "effort:service", "check", "viewer", "experience", 25),
    ]

    def ready(self) -> None:
        """Give each run the calendars and promises that people set."""
        from kizuna.web.know.effort.giving import give_service
        from kizuna.web.know.publications.hooks import GIVEN_HOOKS

        GIVEN_HOOKS.append(give_service)
