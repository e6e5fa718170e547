"""Forget answers after their period, and whom a wave asked once all its answers are old.

A wave goes as a whole, so that its response rate is never that of a part; how many were asked and
answered is counted into it first. Whoever was asked so lately that no survey may ask again stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from kizuna.web.act.surveys import queries
from kizuna.web.act.surveys.models import Answer, Ask, Standing, Wave
from kizuna.web.capture.privacy.periods import Clearing, in_parts

NUMBERS = {Standing.SENT: "past_sent", Standing.NOT_ASKED: "past_not_asked"}


def _answers(before: datetime) -> QuerySet[Answer]:
    """Give the old answers of waves that go on being shown; the others go with their wave."""
    old = Answer.objects.filter(changed_at__lt=before)
    return old.exclude(ask__wave__in=_waves(before))


def _asks(before: datetime) -> QuerySet[Ask]:
    return Ask.objects.filter(wave__in=_waves(before))


def _waves(before: datetime) -> list[int]:
    """Give the waves that closed before, and that no answer has reached since."""
    paced_from = timezone.now() - timedelta(days=queries.pace())
    newer = Answer.objects.filter(changed_at__gte=before).values("ask__wave")
    old = Wave.objects.filter(closes_at__lt=min(before, paced_from)).exclude(pk__in=newer)
    still = old.filter(Exists(Ask.objects.filter(wave=OuterRef("pk"))))
    return list(still.values_list("pk", flat=True))


def _count(before: datetime) -> int:
    return _answers(before).count() + _asks(before).count()


def _clear(before: datetime) -> int:
    gone = in_parts(_answers(before), _forget_answers)
    return gone + in_parts(_asks(before), _forget)


def _forget_answers(part: Sequence[Answer]) -> None:
    Answer.objects.filter(pk__in=[one.pk for one in part]).delete()


def _forget(part: Sequence[Ask]) -> None:
    """Count them into their wave, and let go of them and their answers."""
    ids = [one.pk for one in part]
    counted = Counter(
        (one.wave_id, NUMBERS[Standing(one.state)]) for one in part if one.state in NUMBERS
    )
    answered = Answer.objects.filter(ask__in=ids).values_list("ask__wave", flat=True)
    counted += Counter((wave, "past_answered") for wave in answered)
    for (wave, name), many in counted.items():
        Wave.objects.filter(pk=wave).update(**{name: F(name) + many})
    Ask.objects.filter(pk__in=ids).delete()


ANSWERS = Clearing(_count, _clear)
