"""Django's name for this app."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExperienceConfig(AppConfig):
    """What experience is worth."""

    name = "kizuna.web.measure.experience"
    label = "experience"
    navigation: ClassVar = [
        (_("What experience is worth"), "experience:worth", "effort", "viewer", "act", 91)
    ]
