"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VoiceConfig(AppConfig):
    """Voice of the customer."""

    name = "kizuna.web.know.voice"
    label = "voice"
    navigation = [(_("Voice"), "voice:themes", "voice", "viewer", "experience", 26)]
