"""Django's name for this app."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NextBestConfig(AppConfig):
    """Next best action."""

    name = "kizuna.web.measure.next_best"
    label = "next_best"
    navigation: ClassVar = [(_("Next best action"), "next_best:list", "right", "viewer", "act", 5)]

    def ready(self) -> None:
        """Give each run what is on offer; show on a customer's page what is proposed."""
        from kizuna.web.jobs.services import listen
        from kizuna.web.know.customers.panels import FIRST
        from kizuna.web.know.publications.hooks import GIVEN_HOOKS
        from kizuna.web.know.segments.services import FOUND
        from kizuna.web.measure.next_best.giving import give_offers
        from kizuna.web.measure.next_best.panel import proposal
        from kizuna.web.measure.next_best.services import segments_found

        GIVEN_HOOKS.append(give_offers)
        listen(FOUND, segments_found)
        FIRST.append(proposal)
