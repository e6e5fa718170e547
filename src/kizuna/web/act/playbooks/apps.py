"""Django's name for this app."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

HAPPENED = "happened"
"""Announced by other apps with `event` and `customer_id`: playbooks may start or end by it."""


class PlaybooksConfig(AppConfig):
    """Playbooks."""

    name = "kizuna.web.act.playbooks"
    label = "playbooks"
    navigation: ClassVar = [(_("Playbooks"), "playbooks:list", "journey", "viewer", "act", 20)]

    def ready(self) -> None:
        """Listen to what starts and ends playbooks, and register the kinds of steps."""
        from kizuna.web.act.actions.audiences import PAGES
        from kizuna.web.act.playbooks import (
            kinds,
            kinds_beside,
            kinds_escalating,
            looking,
            pages,
            panel,
        )
        from kizuna.web.act.playbooks.clearing import ENROLMENTS
        from kizuna.web.act.surveys.hooks import LOW_ANSWER_HOOKS
        from kizuna.web.act.webhooks.topics import TOPICS, Topic
        from kizuna.web.capture.events.loop import DRAINED
        from kizuna.web.capture.privacy.models import Held
        from kizuna.web.capture.privacy.periods import clears
        from kizuna.web.jobs.services import listen
        from kizuna.web.know.customers.panels import LATER
        from kizuna.web.know.lists.offers import OFFERS, Offer
        from kizuna.web.know.publications.hooks import PUBLISHED_HOOKS

        PAGES.append(pages.page_of)
        clears(Held.ENROLMENTS, ENROLMENTS)
        kinds.ready()
        kinds_beside.ready()
        kinds_escalating.ready()
        TOPICS[kinds.TOPIC] = Topic(kinds.TOPIC, _("A step of a playbook calls"))
        listen(DRAINED, looking.heard)
        listen(HAPPENED, looking.happened)
        LOW_ANSWER_HOOKS.append(looking.answered_low)
        PUBLISHED_HOOKS.append(published)
        LATER.append(panel.of_customer)
        OFFERS.append(Offer(_("Put into a playbook…"), "playbooks:choose"))


def published(publication: object) -> None:
    """Have the triggers evaluated: a publication does not wait for them."""
    from kizuna.web.act.playbooks.tasks import after_publication

    after_publication.enqueue(publication.pk)  # type: ignore[attr-defined]
