"""Django's name for this app."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from kizuna.web.ui.navigation import Entry


class MessagesConfig(AppConfig):
    """Messages to customers."""

    name = "kizuna.web.act.messages"
    label = "act_messages"
    navigation: ClassVar = [
        Entry(_("Messages to customers"), "messages:outbox", "mail", "viewer", "act", 40),
    ]

    def ready(self) -> None:
        """Look now and then whether a message was forgotten; take what mailboxes bring back."""
        from kizuna.web.act.messages import panel, tasks
        from kizuna.web.act.messages.clearing import HITS, MESSAGES
        from kizuna.web.act.messages.services.returns import take
        from kizuna.web.capture.interactions.hooks import RETURNS
        from kizuna.web.capture.privacy.models import Held
        from kizuna.web.capture.privacy.periods import CLEARINGS
        from kizuna.web.jobs import schedules
        from kizuna.web.know.customers.panels import LATER

        LATER.append(panel.messages)
        RETURNS.append(take)
        CLEARINGS.update({Held.MESSAGES: MESSAGES, Held.HITS: HITS})
        schedules.declare(
            name="messages.send",
            task=tasks.send,
            every=timedelta(minutes=5),
            title=_("Send messages that are due"),
        )
