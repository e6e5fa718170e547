"""Forget who was on which step of a campaign that ended before the period: nobody enters again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from kizuna.web.act.campaigns.models import Enrolled, Phase
from kizuna.web.capture.privacy.periods import Clearing, in_parts


def _old(before: datetime) -> QuerySet[Enrolled]:
    return Enrolled.objects.filter(
        campaign__phase=Phase.DONE, campaign__ended_at__lt=before, wake_at=None
    )


def _count(before: datetime) -> int:
    return _old(before).count()


def _clear(before: datetime) -> int:
    return in_parts(_old(before), _forget)


def _forget(part: Sequence[Enrolled]) -> None:
    Enrolled.objects.filter(pk__in=[one.pk for one in part]).delete()


ENROLLED = Clearing(_count, _clear)
