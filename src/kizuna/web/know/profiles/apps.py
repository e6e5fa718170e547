"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from kizuna.web.ui.navigation import Entry


class ProfilesConfig(AppConfig):
    """What people know of customers."""

    name = "kizuna.web.know.profiles"
    label = "profiles"
    navigation = [
        Entry(_("Fields and tags"), "profiles:fields", "tag", "manager", "settings", 30),
    ]
