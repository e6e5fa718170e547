"""Django's name for this app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SegmentsConfig(AppConfig):
    """Segments."""

    name = "kizuna.web.know.segments"
    label = "segments"
    navigation = [(_("Segments"), "segments:list", "tag", "viewer", "", 21)]

    def ready(self) -> None:
        """Rebuild the segments after each publication; give each run the stages that people set."""
        from kizuna.web.know.publications.hooks import GIVEN_HOOKS, PUBLISHED_HOOKS
        from kizuna.web.know.segments.stages import give_stages
        from kizuna.web.know.segments.tasks import after_publication

        PUBLISHED_HOOKS.append(after_publication)
        GIVEN_HOOKS.append(give_stages)
