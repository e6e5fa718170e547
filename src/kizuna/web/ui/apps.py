"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Templates and static files."""

    name = "kizuna.web.ui"
    label = "ui"
