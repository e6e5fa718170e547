"""Django's name for this app."""

from __future__ import annotations

from datetime import time, timedelta
from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    """Surveys."""

    name = "kizuna.web.act.surveys"
    label = "surveys"
    navigation: ClassVar = [(_("Surveys"), "surveys:list", "voice", "viewer", "act", 40)]

    def ready(self) -> None:
        """Begin and close waves by the clock; give each run whom surveys asked."""
        from kizuna.web.act.actions.audiences import PAGES
        from kizuna.web.act.surveys import pages, panel, tasks
        from kizuna.web.act.surveys.clearing import ANSWERS
        from kizuna.web.act.surveys.giving import give_surveys
        from kizuna.web.capture.privacy.models import Held
        from kizuna.web.capture.privacy.periods import BESIDE
        from kizuna.web.jobs import schedules
        from kizuna.web.know.customers.panels import LATER
        from kizuna.web.know.publications.hooks import GIVEN_HOOKS

        PAGES.append(pages.page_of)
        BESIDE[Held.RESPONSES] = ANSWERS
        GIVEN_HOOKS.append(give_surveys)
        LATER.append(panel.asked)
        schedules.declare(
            name="surveys.begin",
            task=tasks.begin_waves,
            at=time(9),
            title=_("Begin the waves of surveys that are due"),
        )
        schedules.declare(
            name="surveys.tell",
            task=tasks.tell_answers,
            every=timedelta(minutes=15),
            title=_("Bring answers to surveys into the tables"),
        )
