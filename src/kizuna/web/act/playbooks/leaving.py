"""Who leaves early: what still waits to be sent to them is not sent."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from kizuna.web.act.actions.models import Action
from kizuna.web.act.messages.models import LINED_UP, OutboxMessage
from kizuna.web.act.messages.services import cancel

A_PART = 500


def withdraw(*, action: Action, customer_ids: Collection[str], at: datetime) -> int:
    """Drop the messages of an action that wait for some customers; give how many."""
    ids, dropped = sorted(customer_ids), 0
    waiting = OutboxMessage.objects.filter(action=action, state__in=LINED_UP)
    for start in range(0, len(ids), A_PART):
        mine = waiting.filter(customer_id__in=ids[start : start + A_PART])
        for one in mine.values_list("customer_id", flat=True).distinct():
            dropped += cancel(action=action, customer_id=one, at=at)
    return dropped
