"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RetentionConfig(AppConfig):
    """Retention and revenue."""

    name = "kizuna.web.know.retention"
    label = "retention"
    navigation = [(_("Retention"), "retention:kept", "retention", "viewer", "", 16)]
