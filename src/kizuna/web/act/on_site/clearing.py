"""Forget what is old of showings; the numbers of a message stay what they were.

Of a message that has ended every showing goes. Of one that goes on those stay that still decide:
who closed it or answered is not shown it again, and a cap counts for its days. Of these the browser
goes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from kizuna.web.act.actions.models import State
from kizuna.web.act.on_site.models import MOST_DAYS, Hit, HitKind, Message, Showing
from kizuna.web.capture.privacy.periods import Clearing, in_parts


def _hits(before: datetime) -> QuerySet[Hit]:
    return Hit.objects.filter(at__lt=before).select_related("showing")


def _showings(before: datetime) -> QuerySet[Showing]:
    counted = min(before, timezone.now() - timedelta(days=MOST_DAYS))
    is_over = Q(message__action__state=State.CONCLUDED)
    decides_nothing = Q(ended_at=None, let_at__lt=counted)
    told_since = Hit.objects.filter(at__gte=before).values("showing")
    old = Showing.objects.filter(is_over | decides_nothing, let_at__lt=before)
    return old.exclude(pk__in=told_since)


def _browsers(before: datetime) -> QuerySet[Showing]:
    return Showing.objects.filter(let_at__lt=before).exclude(agent="")


def _count(before: datetime) -> int:
    return _hits(before).count() + _showings(before).count()


def _clear(before: datetime) -> int:
    gone = in_parts(_hits(before), _forget_hits)
    _browsers(before).update(agent="")
    return gone + in_parts(_showings(before), _forget_showings)


def _forget_hits(part: Sequence[Hit]) -> None:
    """Count hits into their messages, and let go of them."""
    kinds = {HitKind.CLICKED: "past_followed", HitKind.CLOSED: "past_closed"}
    by_people = Counter(
        (one.showing.message_id, kinds[HitKind(one.kind)])
        for one in part
        if one.kind in kinds and not one.why
    )
    raw = Counter(
        (one.showing.message_id, "past_raw_followed") for one in part if one.kind == HitKind.CLICKED
    )
    _add(by_people + raw)
    Hit.objects.filter(pk__in=[one.pk for one in part]).delete()


def _forget_showings(part: Sequence[Showing]) -> None:
    _add(Counter((one.message_id, "past_shown") for one in part if one.shown_at is not None))
    Showing.objects.filter(pk__in=[one.pk for one in part]).delete()


def _add(numbers: Counter[tuple[int, str]]) -> None:
    for (pk, name), many in numbers.items():
        Message.objects.filter(pk=pk).update(**{name: F(name) + many})


ON_SITE = Clearing(_count, _clear)
