"""Django's name for this app."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IngestConfig(AppConfig):
    """Taking events in."""

    name = "kizuna.web.capture.ingest"
    label = "ingest"
    navigation: ClassVar = [(_("Write keys"), "ingest:keys", "key", "manager", "data", 14)]
