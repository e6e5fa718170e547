"""Forget ways through playbooks that ended before the period; the numbers of a page stay.

Of a playbook that is concluded all go. Of one that goes on the last of each customer stays, for it
says whether and when she may enter again; what was done at each step goes of it too, for what has
ended does no step again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, F, OuterRef, QuerySet

from kizuna.web.act.actions.models import State as ActionState
from kizuna.web.act.playbooks.models import Effect, Enrolment, Went
from kizuna.web.capture.privacy.periods import Clearing, in_parts


def _over(before: datetime) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(ended_at__lt=before)


def _enrolments(before: datetime) -> QuerySet[Enrolment]:
    """Give those that decide nothing any more."""
    later = Enrolment.objects.filter(
        playbook=OuterRef("playbook"),
        customer_id=OuterRef("customer_id"),
        number__gt=OuterRef("number"),
    )
    concluded = _over(before).filter(playbook__action__state=ActionState.CONCLUDED)
    return concluded | _over(before).filter(Exists(later))


def _effects(before: datetime) -> QuerySet[Effect]:
    return Effect.objects.filter(enrolment__ended_at__lt=before)


def _count(before: datetime) -> int:
    return _effects(before).count() + _enrolments(before).count()


def _clear(before: datetime) -> int:
    gone = in_parts(_effects(before), _forget_effects)
    return gone + in_parts(_enrolments(before), _forget)


def _forget_effects(part: Sequence[Effect]) -> None:
    Effect.objects.filter(pk__in=[one.pk for one in part]).delete()


def _forget(part: Sequence[Enrolment]) -> None:
    """Count how they ended, and let go of them."""
    for (playbook, state), many in Counter((one.playbook_id, one.state) for one in part).items():
        Went.objects.get_or_create(playbook_id=playbook, state=state)
        Went.objects.filter(playbook=playbook, state=state).update(many=F("many") + many)
    Enrolment.objects.filter(pk__in=[one.pk for one in part]).delete()


ENROLMENTS = Clearing(_count, _clear)
