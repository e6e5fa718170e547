"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RevenueConfig(AppConfig):
    """Recurring revenue."""

    name = "kizuna.web.know.revenue"
    label = "revenue"
    navigation = [(_("Revenue"), "revenue:revenue", "up", "viewer", "", 15)]
