"""Django's name for this app."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from kizuna.web.ui.navigation import Entry


class UiConfig(AppConfig):
    """Templates and static files."""

    name = "kizuna.web.ui"
    label = "ui"
    navigation: ClassVar = [Entry(_("Components"), "style", "palette", "owner", "person", 900)]
