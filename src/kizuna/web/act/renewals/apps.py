"""Django's name for this app."""

from __future__ import annotations

from datetime import time
from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RenewalsConfig(AppConfig):
    """Renewals."""

    name = "kizuna.web.act.renewals"
    label = "renewals"
    navigation: ClassVar = [(_("Renewals"), "renewals:list", "retention", "viewer", "act", 50)]

    def ready(self) -> None:
        """Follow publications, climb each morning, join a customer's page and My day."""
        from kizuna.web.act.renewals import beside, tasks
        from kizuna.web.jobs import schedules
        from kizuna.web.know.customers.panels import FIRST
        from kizuna.web.know.day.sections import SECTIONS
        from kizuna.web.know.publications.hooks import PUBLISHED_HOOKS

        PUBLISHED_HOOKS.append(published)
        FIRST.append(beside.panel)
        SECTIONS.append(beside.section)
        schedules.declare(
            name="renewals.climb",
            task=tasks.climb,
            at=time(6),
            title=_("Take the steps before renewals"),
        )


def published(publication: object) -> None:
    """Have renewals follow a publication, which does not wait for them."""
    from kizuna.web.act.renewals.tasks import follow

    follow.enqueue()
