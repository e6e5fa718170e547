"""Reads: the log of decisions, suppressions, the rules."""

from __future__ import annotations

from django.db.models import QuerySet

from kizuna.web.act.gate.checks import QUIET
from kizuna.web.act.gate.models import Entry, Rules
from kizuna.web.capture.identities.queries import belonging


def of_customer(customer_id: str, many: int) -> list[Entry]:
    """Give the latest decisions about a customer, under whichever key."""
    kept = Entry.objects.filter(belonging(customer_id)).select_related("action")
    return list(kept.order_by("-at", "-pk")[:many])


def latest(many: int) -> QuerySet[Entry]:
    """Give the latest decisions."""
    found: QuerySet[Entry] = Entry.objects.select_related("action").order_by("-at", "-pk")
    return found[:many]


def rules() -> Rules:
    """Give the rules as they are; those that come with Kizuna where nobody set any."""
    return Rules.objects.filter(pk=Rules.THE_ONE).first() or Rules(quiet_channels=list(QUIET))
