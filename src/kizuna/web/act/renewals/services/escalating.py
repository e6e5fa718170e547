"""What managers are to look at: a person and the data far apart, or nobody who says anything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction

from kizuna.web.accounts.services import audit
from kizuna.web.act.renewals.models import Escalation, Ladder, Renewal, State, Why
from kizuna.web.act.tasks.services import withdraw

EXACT = 1e-9


def apart(renewal: Renewal, difference: float) -> bool:
    """Tell whether a person and the data are further apart than is left alone."""
    if renewal.said is None or renewal.likelihood is None:
        return False
    return abs(renewal.said - renewal.likelihood) > difference + EXACT


def look_again(renewals: Iterable[Renewal], now: datetime) -> None:
    """Escalate what is apart now, and take back what agrees again."""
    usual = Ladder.objects.filter(pk=Ladder.THE_ONE).first()
    for renewal in renewals:
        if renewal.said is None:
            continue
        ladder = renewal.ladder or usual
        is_apart = ladder is not None and apart(renewal, ladder.difference)
        waiting = renewal.escalations.filter(why=Why.DISAGREEMENT, ended_at=None)
        if is_apart and not waiting.exists() and not _was_answered(renewal):
            _open(renewal, Why.DISAGREEMENT, now)
        elif not is_apart:
            waiting.update(ended_at=now)


def silences(today: date, now: datetime, ladders: Sequence[Ladder]) -> int:
    """Escalate renewals on some ladders of which nobody has spoken in time; give how many."""
    late = Renewal.objects.filter(state=State.OPEN, say_by__lt=today, ladder__in=ladders)
    waiting = Escalation.objects.filter(why=Why.SILENCE, ended_at=None).values("renewal")
    return sum(_open(renewal, Why.SILENCE, now) for renewal in late.exclude(pk__in=waiting))


def close(renewal: Renewal, now: datetime) -> None:
    """End what waits for a renewal that has come to its end: escalations and open tasks."""
    renewal.escalations.filter(ended_at=None).update(ended_at=now)
    tasks = renewal.steps.exclude(task=None).values_list("task", flat=True)
    withdraw(task_ids=tasks, at=now, why=str(renewal))


def _was_answered(renewal: Renewal) -> bool:
    """Whether a manager has looked at the same two words already."""
    return bool(
        renewal.escalations.filter(
            why=Why.DISAGREEMENT, said=renewal.said, model=renewal.likelihood
        )
        .exclude(ended_by=None)
        .exists()
    )


def _open(renewal: Renewal, why: Why, now: datetime) -> bool:
    try:
        with transaction.atomic():
            Escalation.objects.create(
                renewal=renewal,
                why=why,
                said=renewal.said,
                model=renewal.likelihood,
                opened_at=now,
            )
    except IntegrityError:
        return False
    audit(
        actor=None,
        action="act.renewal.escalated",
        target=f"customer {renewal.customer_id}",
        after={"renewal": renewal.pk, "why": why, "said": renewal.said, "data": renewal.likelihood},
    )
    return True
