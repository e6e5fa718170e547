"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig


class PublicationsConfig(AppConfig):
    """Pipeline runs."""

    name = "kizuna.web.know.publications"
    label = "publications"
