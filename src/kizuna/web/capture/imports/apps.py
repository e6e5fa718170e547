"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Imports."""

    name = "kizuna.web.capture.imports"
    label = "imports"
