"""Django's name for this app."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResultsConfig(AppConfig):
    """Results."""

    name = "kizuna.web.measure.results"
    label = "results"
    navigation: ClassVar = [(_("Results"), "results:list", "check", "viewer", "act", 90)]
