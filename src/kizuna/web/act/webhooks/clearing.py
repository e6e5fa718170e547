"""Forget what is old: messages hold what was said of customers."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from kizuna.web.act.webhooks.models import Delivery, Message, State

KEPT = timedelta(days=30)
AT_ONCE = 500


def clear_away() -> int:
    """Delete messages older than 30 days that wait nowhere, with their log; give how many."""
    old = Message.objects.filter(at__lt=timezone.now() - KEPT)
    waiting = Delivery.objects.filter(state=State.WAITING, endpoint__stopped="")
    gone = 0
    while keys := list(
        old.exclude(pk__in=waiting.values("message")).values_list("pk", flat=True)[:AT_ONCE]
    ):
        Message.objects.filter(pk__in=keys).delete()
        gone += len(keys)
    return gone
