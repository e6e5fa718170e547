"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Background work."""

    name = "kizuna.web.jobs"
    label = "jobs"
