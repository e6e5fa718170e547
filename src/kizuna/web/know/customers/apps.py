"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Customers."""

    name = "kizuna.web.know.customers"
    label = "customers"
