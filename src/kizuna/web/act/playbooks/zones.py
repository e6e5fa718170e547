"""Where a customer lives, as far as hours go."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings


def zone_of(customer_id: str) -> ZoneInfo:
    """Give the time zone of a customer; that of the organisation where nothing says more."""
    return ZoneInfo(settings.TIME_ZONE)
