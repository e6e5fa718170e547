"""Bringing in an action that began before it was known here: its register, deeds and dates.

Arms are drawn again from the salt and the shares, and must be those that the register names: so
nobody brings in as chance what somebody chose. The value foretold of a customer on that day is not
known any more; what is foretold today would have seen what the action did. No global control held
anybody back then, so none does here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.jobs.tombstones import Tombstones
from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.actions.models import Action, Assignment, Decided, Deed, State, Unit
from kizuna.web.act.actions.placing import design_of
from kizuna.web.act.actions.services import NotPossibleError
from kizuna.web.act.actions.whose import A_BATCH


class NotByChanceError(ValueError):
    """Raised where the register names an arm in which chance did not put the customer."""


@dataclass(frozen=True, slots=True)
class Was:
    """When a customer became eligible, why, and where she was placed."""

    customer_id: str
    at: datetime
    arm: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """Something that was done to a customer then; its cost is that of the action."""

    key: str
    customer_id: str
    kind: str
    at: datetime
    units: float = 1.0
    minutes: float = 0.0
    discount: int = 0


@dataclass(frozen=True, slots=True)
class Past:
    """The past of an action: what chance was drawn from, its days, who was placed, what was done.

    ended_on : last day on which customers became eligible; None: it goes on.
    """

    salt: str
    started_on: date
    ended_on: date | None
    placed: Sequence[Was]
    done: Sequence[Done] = ()


def bring_in(
    *,
    actor: Person | None,
    action: Action,
    past: Past,
    why: str = "",
    request: HttpRequest | None = None,
) -> Action:
    """Let a draft have begun in the past; all of it at once, or nothing."""
    if actor is not None and not actor.may(Role.MANAGER):
        raise PermissionDenied
    with transaction.atomic():
        found: Action = Action.objects.select_for_update(no_key=True).get(pk=action.pk)
        _check(found, past)
        found.salt, found.edition = past.salt, found.edition + 1
        found.started_on, found.ended_on = past.started_on, past.ended_on
        found.state = State.CONCLUDED if past.ended_on else State.LIVE
        found.save(update_fields=["salt", "edition", "started_on", "ended_on", "state"])
        gone = _gone(past)
        Assignment.objects.bulk_create(_assignments(found, past, gone), batch_size=A_BATCH)
        Deed.objects.bulk_create(_deeds(found, past, gone), batch_size=A_BATCH)
        _record(found, past, why, actor, request)
    return found


def _check(action: Action, past: Past) -> None:
    """Refuse what has begun, what no chance places alone, and days that are not over."""
    ended = past.ended_on or past.started_on
    if action.state != State.DRAFT or not action.is_optional or action.unit != Unit.CUSTOMER:
        raise NotPossibleError
    if not past.started_on <= ended <= timezone.localdate():
        raise NotPossibleError
    last = past.ended_on or timezone.localdate()
    if any(not past.started_on <= timezone.localdate(one.at) <= last for one in past.placed):
        raise NotPossibleError


def _gone(past: Past) -> set[str]:
    """Give those who were erased: nothing of them comes back."""
    asked = {one.customer_id for one in past.placed} | {one.customer_id for one in past.done}
    return Tombstones(Path(settings.KIZUNA_HOME)).among(sorted(asked))


def _assignments(action: Action, past: Past, gone: set[str]) -> Iterator[Assignment]:
    design = design_of(action)
    for one in past.placed:
        if one.customer_id in gone:
            continue
        drawn = design.place(one.customer_id)
        if drawn.arm != one.arm:
            raise NotByChanceError(one.customer_id)
        yield Assignment(
            action=action,
            customer_id=one.customer_id,
            unit_id=one.customer_id,
            version=design.version,
            arm=drawn.arm,
            propensity=drawn.propensity,
            holdout=design.holdout,
            eligible_at=one.at,
            reason=one.reason,
        )


def _deeds(action: Action, past: Past, gone: set[str]) -> Iterator[Deed]:
    for one in past.done:
        if one.customer_id in gone:
            continue
        cost = one.units * action.cost_per_unit + one.minutes * action.cost_per_minute
        yield Deed(
            key=one.key,
            action=action,
            customer_id=one.customer_id,
            kind=one.kind,
            done_at=one.at,
            units=one.units,
            minutes=one.minutes,
            cost=round(cost),
            discount=one.discount,
        )


def _record(
    action: Action, past: Past, why: str, actor: Person | None, request: HttpRequest | None
) -> None:
    told = {"state": str(action.state), "placed": len(past.placed), "done": len(past.done)}
    told |= {"started_on": past.started_on.isoformat()}
    told |= {"ended_on": past.ended_on.isoformat()} if past.ended_on else {}
    Decided(action=action, verb="brought_in", why=why, said=told, person=actor).save()
    audit(
        actor=actor, action="act.action.brought_in", target=str(action),
        after=told | ({"why": why} if why else {}), request=request,
    )  # fmt: skip
