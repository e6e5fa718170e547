"""Django's name for this app."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from kizuna.web.ui.navigation import Entry


class CampaignsConfig(AppConfig):
    """Campaigns."""

    name = "kizuna.web.act.campaigns"
    label = "campaigns"
    navigation: ClassVar = [Entry(_("Campaigns"), "campaigns:list", "people", "viewer", "act", 35)]

    def ready(self) -> None:
        """Say of actions how many they reach, and take the next steps now and then."""
        from kizuna.web.act.actions.audiences import AUDIENCES, PAGES
        from kizuna.web.act.campaigns import queries, tasks
        from kizuna.web.act.campaigns.clearing import ENROLLED
        from kizuna.web.capture.privacy.models import Held
        from kizuna.web.capture.privacy.periods import clears
        from kizuna.web.jobs import schedules

        AUDIENCES.append(queries.audience_of)
        PAGES.append(queries.page_of)
        clears(Held.ENROLMENTS, ENROLLED)
        schedules.declare(
            name="campaigns.advance",
            task=tasks.advance,
            every=timedelta(minutes=5),
            title=_("Take the next steps of campaigns"),
        )
