"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsentsConfig(AppConfig):
    """Consent."""

    name = "kizuna.web.capture.consents"
    label = "consents"
    navigation = [(_("Consent"), "consents:purposes", "check", "manager", "data", 45)]
