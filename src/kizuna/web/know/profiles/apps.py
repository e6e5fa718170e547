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

    def ready(self) -> None:
        """Give each run what people know."""
        from kizuna.web.know.profiles.giving import give_contacts
        from kizuna.web.know.publications.hooks import GIVEN_HOOKS

        GIVEN_HOOKS.append(give_contacts)
