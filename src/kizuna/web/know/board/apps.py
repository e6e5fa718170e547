"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BoardConfig(AppConfig):
    """Value board."""

    name = "kizuna.web.know.board"
    label = "board"
    navigation = [(_("Value"), "board:board", "board", "viewer", "", 10)]
