"""Django's name for this app."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SnippetConfig(AppConfig):
    """Sites that carry the script."""

    name = "kizuna.web.capture.snippet"
    label = "snippet"
    navigation: ClassVar = [(_("Web sites"), "snippet:list", "globe", "manager", "data", 16)]
