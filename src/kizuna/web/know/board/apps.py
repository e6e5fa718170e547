"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig


class BoardConfig(AppConfig):
    """Value board."""

    name = "kizuna.web.know.board"
    label = "board"
