"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig


class ListsConfig(AppConfig):
    """Saved views and bulk actions."""

    name = "kizuna.web.know.lists"
    label = "lists"
