"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RetentionConfig(AppConfig):
    """Retention and revenue."""

    name = "kizuna.web.know.retention"
    label = "retention"
    navigation = [(_("Retention"), "retention:kept", "retention", "viewer", "", 16)]

    def ready(self) -> None:
        """Give each run the rates of contacts that people set, and keep what it forecast."""
        from kizuna.web.know.publications.hooks import GIVEN_HOOKS, PUBLISHED_HOOKS
        from kizuna.web.know.retention.giving import give_rates, keep_forecasts

        GIVEN_HOOKS.append(give_rates)
        PUBLISHED_HOOKS.append(keep_forecasts)
