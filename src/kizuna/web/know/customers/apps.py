"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    """Customers."""

    name = "kizuna.web.know.customers"
    label = "customers"
    navigation = [(_("Customers"), "customers:list", "people", "viewer", "", 20)]

    def ready(self) -> None:
        """Follow what is published, and who turns up between."""
        from kizuna.web.capture.events.loop import DRAINED
        from kizuna.web.jobs.services import listen
        from kizuna.web.know.customers.mirroring import mirror
        from kizuna.web.know.customers.welcome import welcome
        from kizuna.web.know.publications.hooks import PUBLISHED_HOOKS

        PUBLISHED_HOOKS.append(mirror)
        listen(DRAINED, welcome)
