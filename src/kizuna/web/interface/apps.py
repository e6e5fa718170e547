"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig


class InterfaceConfig(AppConfig):
    """The ground of the programming interface."""

    name = "kizuna.web.interface"
    label = "interface"
