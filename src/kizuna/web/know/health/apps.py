"""Django's name for this app."""

from __future__ import annotations

from datetime import time
from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HealthConfig(AppConfig):
    """Health of customers."""

    name = "kizuna.web.know.health"
    label = "health"
    navigation: ClassVar = [(_("Health"), "health:portfolio", "health", "viewer", "", 22)]

    def ready(self) -> None:
        """Give each run the terms that people set, and keep what each publication told."""
        from kizuna.web.jobs import schedules
        from kizuna.web.know.health.giving import give_health, keep_health
        from kizuna.web.know.health.tasks import follow_overrides
        from kizuna.web.know.publications.hooks import GIVEN_HOOKS, PUBLISHED_HOOKS

        GIVEN_HOOKS.append(give_health)
        PUBLISHED_HOOKS.append(keep_health)
        schedules.declare(
            name="health.overrides",
            task=follow_overrides,
            at=time(0, 10),
            title=_("End health that was set by hand"),
        )
