"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JourneyConfig(AppConfig):
    """The journey of customers, and personas."""

    name = "kizuna.web.know.journey"
    label = "journey"
    navigation = [(_("Journey"), "journey:map", "journey", "viewer", "experience", 27)]

    def ready(self) -> None:
        """Give each run touchpoints and personas, and keep which personas it found."""
        from kizuna.web.know.journey.personas import give_personas, keep_personas
        from kizuna.web.know.journey.services import give_touchpoints
        from kizuna.web.know.publications.hooks import GIVEN_HOOKS, PUBLISHED_HOOKS

        GIVEN_HOOKS += [give_touchpoints, give_personas]
        PUBLISHED_HOOKS.append(keep_personas)
