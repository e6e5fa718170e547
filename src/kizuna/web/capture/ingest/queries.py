"""Reads of write keys."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from kizuna.web.capture.ingest.models import WriteKey


def keys_in_use() -> QuerySet[WriteKey]:
    """Give the keys that open the door, the newest first."""
    return WriteKey.objects.filter(revoked_at=None).order_by("-pk")


def keys_for_page() -> QuerySet[WriteKey]:
    """Give the keys in use with whoever made them."""
    return keys_in_use().select_related("person")


def used_since(keys: set[int], moment: datetime) -> set[int]:
    """Say which of some keys were noted as used since a moment."""
    found = WriteKey.objects.filter(pk__in=keys, used_at__gt=moment)
    return set(found.values_list("pk", flat=True))
