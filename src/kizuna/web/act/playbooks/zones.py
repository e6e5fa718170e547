"""Where a customer lives, as far as hours go."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings

from kizuna.web.act.gate.models import Recipient


def zone_of(customer_id: str) -> ZoneInfo:
    """Give the time zone of a customer; that of the organisation where nothing says more."""
    known = Recipient.objects.filter(pk=customer_id).exclude(zone="")
    return ZoneInfo(known.values_list("zone", flat=True).first() or settings.TIME_ZONE)
