"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig


class RowsConfig(AppConfig):
    """Rows behind numbers."""

    name = "kizuna.web.know.rows"
    label = "rows"
