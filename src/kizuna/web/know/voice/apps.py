"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VoiceConfig(AppConfig):
    """Voice of the customer."""

    name = "kizuna.web.know.voice"
    label = "voice"
    navigation = [(_("Voice"), "voice:themes", "voice", "viewer", "experience", 26)]

    def ready(self) -> None:
        """Give each run what people confirmed, the register, and the company's own dictionary."""
        from kizuna.web.know.publications.hooks import GIVEN_HOOKS
        from kizuna.web.know.voice.giving import give_voice

        GIVEN_HOOKS.append(give_voice)
