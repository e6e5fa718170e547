"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScenariosConfig(AppConfig):
    """What-if scenarios."""

    name = "kizuna.web.know.scenarios"
    label = "scenarios"
    navigation = [(_("What-if"), "scenarios:what_if", "scenario", "viewer", "", 30)]
