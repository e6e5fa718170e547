"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from kizuna.web.ui.navigation import Entry


class NotesConfig(AppConfig):
    """Notes."""

    name = "kizuna.web.know.notes"
    label = "notes"
    navigation = [Entry(_("Mentions of you"), "notes:mentions", "mail", "viewer", "person", 20)]
