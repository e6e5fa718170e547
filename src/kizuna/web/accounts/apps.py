"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People and roles."""

    name = "kizuna.web.accounts"
    label = "accounts"
