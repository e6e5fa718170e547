"""Forget what is old of messages: fetches, and to which address they went with what.

A message itself stays, empty: its key keeps it from being sent twice, and numbers stay what they
were.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from kizuna.web.act.messages.models import ENDED, Bounce, Hit, OutboxMessage, Returned
from kizuna.web.capture.privacy.periods import Clearing, in_parts

EMPTY = {"address": "", "values": {}, "detail": "", "reference": ""}


def _old(before: datetime) -> QuerySet[OutboxMessage]:
    """Give messages that ended and still say something."""
    ended = OutboxMessage.objects.filter(state__in=ENDED, ended_at__lt=before)
    return ended.exclude(**EMPTY)


def _count(before: datetime) -> int:
    beside = (Bounce.objects.filter(at__lt=before), Returned.objects.filter(at__lt=before))
    return _old(before).count() + sum(rows.count() for rows in beside)


def _clear(before: datetime) -> int:
    gone = in_parts(_old(before), _empty)
    bounces = in_parts(Bounce.objects.filter(at__lt=before), _delete)
    return gone + bounces + in_parts(Returned.objects.filter(at__lt=before), _delete)


def _empty(part: Sequence[OutboxMessage]) -> None:
    OutboxMessage.objects.filter(pk__in=[one.pk for one in part]).update(**EMPTY)


def _delete(part: Sequence[Bounce | Returned | Hit]) -> None:
    for model in {type(one) for one in part}:
        model._default_manager.filter(pk__in=[one.pk for one in part]).delete()


def _hits(before: datetime) -> QuerySet[Hit]:
    return Hit.objects.filter(at__lt=before)


def _count_hits(before: datetime) -> int:
    return _hits(before).count()


def _clear_hits(before: datetime) -> int:
    return in_parts(_hits(before), _delete)


MESSAGES = Clearing(_count, _clear)
HITS = Clearing(_count_hits, _clear_hits)
