"""Django's name for this app."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DayConfig(AppConfig):
    """My day."""

    name = "kizuna.web.know.day"
    label = "day"
    navigation: ClassVar = [(_("My day"), "day:day", "clock", "viewer", "today", 4)]
