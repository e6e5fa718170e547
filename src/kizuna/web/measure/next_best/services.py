"""Offering actions, setting limits, and opening tasks of what is proposed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.actions.models import Action
from kizuna.web.act.tasks.models import USUAL_MINUTES, State
from kizuna.web.act.tasks.services import open_task
from kizuna.web.know.publications.services import refresh
from kizuna.web.know.segments.models import Segment
from kizuna.web.measure.next_best import queries
from kizuna.web.measure.next_best.models import Limits, Offer

MOST_AT_ONCE: Final = 200


def offer(
    *,
    actor: Person,
    action: Action,
    segment: Segment | None = None,
    capacity: int | None = None,
    minutes: float = 0.0,
    request: HttpRequest | None = None,
) -> Offer:
    """Let an action be chosen from the next computation on."""
    _must(actor, Role.MANAGER)
    values = {"segment": segment, "capacity": capacity, "minutes": minutes, "offered_by": actor}
    with transaction.atomic():
        made, _made = Offer.objects.update_or_create(action=action, defaults=values)
        told = {"capacity": capacity, "minutes": minutes}
        told |= {"segment": segment.pk if segment else None}
        _record(actor, "offered", action, told, request)
        refresh(actor=actor)
    return made


def withdraw(*, actor: Person, found: Offer, request: HttpRequest | None = None) -> None:
    """Propose an action no more."""
    _must(actor, Role.MANAGER)
    with transaction.atomic():
        action = found.action
        found.delete()
        _record(actor, "withdrawn", action, {}, request)
        refresh(actor=actor)


def set_limits(
    *, actor: Person, budget: int | None, explored: float, request: HttpRequest | None = None
) -> Limits:
    """Say how much may be spent on what is chosen, and what chance's share is."""
    _must(actor, Role.MANAGER)
    with transaction.atomic():
        kept = queries.limits()
        before = {"budget": kept.budget, "explored": kept.explored}
        kept.budget, kept.explored, kept.changed_at = budget, explored, timezone.now()
        kept.save()
        after = {"budget": budget, "explored": explored}
        audit(
            actor=actor,
            action="measure.choice.limited",
            target="limits of what is chosen",
            before=before,
            after=after,
            request=request,
        )
        refresh(actor=actor)
    return kept


def hand_out(
    *, actor: Person, found: Offer, many: int, request: HttpRequest | None = None
) -> tuple[int, int]:
    """Open a task for each of those who come first; give how many, and whom chance held out.

    Whoever has the task of this action already, or had it, gets no second one.
    """
    _must(actor, Role.MEMBER)
    action, now = found.action, timezone.now()
    opened = held = 0
    for customer in queries.first(action, min(many, MOST_AT_ONCE)):
        task = open_task(
            key=f"next-best:{action.pk}:{customer}",
            customer_id=customer,
            title=action.name,
            body=action.purpose,
            action=action,
            at=now,
            planned_minutes=round(found.minutes) or USUAL_MINUTES,
        )
        if task.pk and task.opened_at == now:
            opened, held = opened + (task.state == State.OPEN), held + (task.state == State.HELD)
    with transaction.atomic():
        _record(actor, "handed_out", action, {"opened": opened, "held_out": held}, request)
    return opened, held


def segments_found(*, segments: Sequence[int]) -> None:
    """Choose anew where an action is on offer to customers who were not known at the last run."""
    if Offer.objects.filter(segment__in=segments).exists():
        refresh(actor=None)


def _must(actor: Person, least: Role) -> None:
    if not actor.may(least):
        raise PermissionDenied(_("You may not do this."))


def _record(
    actor: Person, what: str, action: Action, told: dict[str, Any], request: HttpRequest | None
) -> None:
    audit(
        actor=actor,
        action=f"measure.choice.{what}",
        target=str(action),
        after=told,
        request=request,
    )
