"""What people say of renewals: how likely they are, what became of them, what a manager answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.renewals.models import (
    Escalation,
    Judgement,
    LossReason,
    Renewal,
    State,
    Why,
)
from kizuna.web.act.renewals.services.climbing import ask_again
from kizuna.web.act.renewals.services.escalating import close, look_again
from kizuna.web.act.tasks.days import day_of

BY_HAND = (State.RENEWED, State.LOST)


class NotOpenError(Exception):
    """Raised where a renewal has come to its end."""


class NoEscalationError(Exception):
    """Raised where there is no such escalation."""


class NoReasonError(Exception):
    """Raised where a loss is written down without a reason."""


def judge(
    *,
    actor: Person,
    renewal_id: int,
    likelihood: float,
    committed: bool = False,
    text: str = "",
    at: datetime | None = None,
    request: HttpRequest | None = None,
) -> Judgement:
    """Say how likely a renewal is; each word is kept, with what the data said then."""
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    now = at or timezone.now()
    with transaction.atomic():
        renewal = _open(renewal_id)
        made = Judgement(
            renewal=renewal,
            person=actor,
            at=now,
            likelihood=likelihood,
            committed=committed,
            text=text,
            model=renewal.likelihood,
            source=renewal.source,
        )
        made.save()
        renewal.said, renewal.committed, renewal.said_on = likelihood, committed, day_of(now)
        ask_again(renewal)
        renewal.save(update_fields=["said", "committed", "said_on", "say_by"])
        renewal.escalations.filter(why=Why.SILENCE, ended_at=None).update(ended_at=now)
        look_again([renewal], now)
        _record(actor, "judged", renewal, request, likelihood=likelihood, committed=committed)
    return made


def settle(
    *,
    actor: Person,
    renewal_id: int,
    state: str,
    reason: LossReason | None = None,
    text: str = "",
    request: HttpRequest | None = None,
) -> Renewal:
    """Say what became of a renewal, and of one that was lost why; the data corrects it.

    Raises
    ------
    NoReasonError
        When a loss has no reason.

    """
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    if State(state) not in BY_HAND:
        raise ValueError(state)
    if state == State.LOST and reason is None:
        raise NoReasonError
    with transaction.atomic():
        renewal = Renewal.objects.select_for_update().get(pk=renewal_id)
        if renewal.state not in (State.OPEN, state):
            raise NotOpenError
        if renewal.state == State.OPEN:
            renewal.state, renewal.settled_at = State(state), timezone.now()
            renewal.settled_by, renewal.say_by = actor, None
        renewal.reason = reason if state == State.LOST else None
        renewal.reason_text = text
        renewal.save()
        close(renewal, timezone.now())
        said = {"state": state, "reason": reason and reason.name, "text": text}
        _record(actor, "settled", renewal, request, **said)
    return renewal


def answer(
    *, actor: Person, escalation_id: int, text: str, request: HttpRequest | None = None
) -> Escalation:
    """Say, as a manager, what follows from an escalation; a second answer changes nothing."""
    if not actor.may(Role.MANAGER):
        raise PermissionDenied
    with transaction.atomic():
        found = Escalation.objects.select_for_update().filter(pk=escalation_id).first()
        if found is None:
            raise NoEscalationError
        if found.ended_at is None:
            found.ended_at, found.ended_by, found.text = timezone.now(), actor, text
            found.save(update_fields=["ended_at", "ended_by", "text"])
            _record(actor, "answered", found.renewal, request, why=found.why, text=text)
    return found


def _open(renewal_id: int) -> Renewal:
    renewal = Renewal.objects.select_for_update().get(pk=renewal_id)
    if renewal.state != State.OPEN:
        raise NotOpenError
    return renewal


def _record(
    actor: Person, verb: str, renewal: Renewal, request: HttpRequest | None, **said: Any
) -> None:
    audit(
        actor=actor,
        action=f"act.renewal.{verb}",
        target=f"customer {renewal.customer_id}",
        after={"renewal": renewal.pk, **said},
        request=request,
    )
