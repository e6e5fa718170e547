"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    """Imports."""

    name = "kizuna.web.capture.imports"
    label = "imports"
    navigation = [(_("Imports"), "imports:list", "import", "member", "data", 10)]
