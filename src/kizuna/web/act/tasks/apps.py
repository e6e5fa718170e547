"""Django's name for this app."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TasksConfig(AppConfig):
    """Tasks."""

    name = "kizuna.web.act.tasks"
    label = "tasks"
    navigation: ClassVar = [
        (_("Tasks"), "tasks:queue", "check", "viewer", "today", 5),
        (_("Working time"), "tasks:time", "clock", "member", "person", 30),
    ]

    def ready(self) -> None:
        """Join the page of a customer and My day."""
        from kizuna.web.act.tasks import beside
        from kizuna.web.know.customers.panels import FIRST
        from kizuna.web.know.day.sections import SECTIONS

        FIRST.append(beside.panel)
        SECTIONS.append(beside.section)
