"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from kizuna.web.ui.navigation import Entry


class AccountsConfig(AppConfig):
    """People and roles."""

    name = "kizuna.web.accounts"
    label = "accounts"
    navigation = [
        Entry(
            _("Organisation"),
            "accounts:organisation",
            "settings",
            role="manager",
            group="settings",
            order=5,
        ),
        Entry(_("People"), "accounts:people", "people", role="manager", group="settings", order=10),
        Entry(_("Audit log"), "accounts:audit", "log", role="manager", group="settings", order=20),
        Entry(_("Your profile"), "accounts:profile", "person", group="person", order=10),
    ]
