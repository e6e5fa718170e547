"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PublicationsConfig(AppConfig):
    """Pipeline runs."""

    name = "kizuna.web.know.publications"
    label = "publications"
    navigation = [(_("Pipeline"), "publications:runs", "runs", "viewer", "data", 20)]

    def ready(self) -> None:
        """Refresh what is known whenever orders have changed."""
        from kizuna.web.jobs.services import listen

        listen("transactions_changed", orders_changed)


def orders_changed(**said: object) -> None:
    """Ask for a run; what exactly has changed makes no difference to it."""
    from kizuna.web.know.publications.services import refresh

    refresh(actor=None)
