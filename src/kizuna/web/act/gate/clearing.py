"""Forget decisions after the period that somebody set; those that a cap counts stay as long."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Max, QuerySet
from django.utils import timezone

from kizuna.web.act.gate.models import Cap, Entry
from kizuna.web.capture.privacy.periods import Clearing, in_parts


def _old(before: datetime) -> QuerySet[Entry]:
    days = Cap.objects.aggregate(longest=Max("days"))["longest"] or 0
    counted_from = timezone.now() - timedelta(days=days)
    old = Entry.objects.filter(at__lt=before, is_open=False)
    return old.exclude(is_counted=True, at__gte=counted_from)


def _count(before: datetime) -> int:
    return _old(before).count()


def _clear(before: datetime) -> int:
    return in_parts(
        _old(before), lambda part: Entry.objects.filter(pk__in=[one.pk for one in part]).delete()
    )


DECISIONS = Clearing(_count, _clear, usual=24)
