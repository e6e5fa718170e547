"""The ladder itself: its rungs, its check-points, its two actions, the reasons for loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.models import Action, Kind, Unit
from kizuna.web.act.actions.models import State as ActionState
from kizuna.web.act.messages.models import Template
from kizuna.web.act.renewals.models import Ladder, LossReason, Rung
from kizuna.web.act.renewals.ready import CHECKPOINTS, REASONS, RUNGS

HORIZON_DAYS = 365
FOR_WHOM = ("name", "products", "segment", "position")


class ChangedMeanwhileError(Exception):
    """Raised where someone has changed the ladder since it was read; nothing is written."""


def set_up(*, actor: Person, request: HttpRequest | None = None) -> Ladder:
    """Make the ladder that comes with Kizuna, switched off; one that is there stays as it is."""
    _must(actor)
    with transaction.atomic():
        there = Ladder.objects.filter(pk=Ladder.THE_ONE).first()
        if there is not None:
            return there
        help_ = _action(actor, _("Renewals: help before the deadline"), Kind.TASK, True)
        duty = _action(actor, _("Renewals: what law or contract asks for"), Kind.NOTICE, False)
        made = Ladder.objects.create(action=help_, duty=duty, checkpoints=list(CHECKPOINTS))
        for days, title, body, is_duty, minutes in RUNGS:
            Rung.objects.create(
                ladder=made,
                days_before=days,
                title=str(title),
                body=str(body),
                is_duty=is_duty,
                planned_minutes=minutes,
            )
        for reason in REASONS:
            LossReason.objects.get_or_create(name=str(reason))
        _record(actor, "set_up", request, after={"rungs": len(RUNGS)})
    return made


def add_ladder(
    *, actor: Person, said: Mapping[str, Any], request: HttpRequest | None = None
) -> Ladder:
    """Make a ladder for some contracts, switched off; it begins as that for all others is now."""
    _must(actor)
    with transaction.atomic():
        usual = _locked(Ladder.THE_ONE)
        last = Ladder.objects.aggregate(pk=Max("pk"))["pk"]
        help_name, duty_name = names_of(said["name"])
        help_ = _action(actor, help_name, Kind.TASK, True)
        duty = _action(actor, duty_name, Kind.NOTICE, False)
        made = Ladder.objects.create(
            pk=last + 1, action=help_, duty=duty, checkpoints=usual.checkpoints,
            difference=usual.difference, **{one: said[one] for one in FOR_WHOM},
        )  # fmt: skip
        for rung in usual.rungs.filter(taken_off_at=None).order_by("pk"):
            rung.pk, rung.ladder = None, made
            rung.save(force_insert=True)
        _record(actor, "added", request, ladder=made, after=_for_whom(made))
    return made


def names_of(name: str) -> tuple[str, str]:
    """Name the two actions of a ladder."""
    named = {"name": name}
    return _("Renewals (%(name)s): help") % named, _("Renewals (%(name)s): duties") % named


def change_ladder(
    *, actor: Person, number: int, said: Mapping[str, Any], request: HttpRequest | None = None
) -> Ladder:
    """Say anew for which contracts a ladder is; those that have taken a step stay on theirs."""
    _must(actor)
    with transaction.atomic():
        found = _locked(number)
        before = _for_whom(found)
        for name in FOR_WHOM:
            setattr(found, name, said[name])
        found.save(update_fields=FOR_WHOM)
        _record(actor, "redirected", request, ladder=found, before=before, after=_for_whom(found))
    return found


def end_ladder(*, actor: Person, number: int, request: HttpRequest | None = None) -> None:
    """End a ladder for good; its contracts go on by the next one that fits."""
    _must(actor)
    with transaction.atomic():
        found = _locked(number)
        if number == Ladder.THE_ONE or found.ended_at is not None:
            return
        for action in (found.action, found.duty):
            if action.state in (ActionState.LIVE, ActionState.PAUSED):
                actions.conclude(actor=actor, action=action, request=request)
        found.ended_at = timezone.now()
        found.save(update_fields=["ended_at"])
        _record(actor, "ended", request, ladder=found)


def _action(actor: Person, name: str, kind: Kind, is_optional: bool) -> Action:
    return actions.draft(
        actor=actor,
        name=name,
        kind=kind,
        is_optional=is_optional,
        unit=Unit.ACCOUNT,
        horizon_days=HORIZON_DAYS,
        purpose=_("Contracts that come due are renewed."),
    )


def switch(
    *,
    actor: Person,
    on: bool,
    number: int = Ladder.THE_ONE,
    request: HttpRequest | None = None,
) -> Ladder:
    """Switch a ladder on or off: both of its actions; who is placed stays so."""
    _must(actor)
    with transaction.atomic():
        ladder = _locked(number)
        for action in (ladder.action, ladder.duty):
            _switch(actor, action, on, request)
        _record(actor, "switched_on" if on else "switched_off", request, ladder=ladder)
    return ladder


def _switch(actor: Person, action: Action, on: bool, request: HttpRequest | None) -> None:
    state = action.state
    said: dict[str, Any] = {"actor": actor, "action": action, "request": request}
    if on and state in (ActionState.DRAFT, ActionState.DRY_RUN):
        actions.go_live(**said)
    elif on and state == ActionState.PAUSED:
        actions.resume(**said)
    elif not on and state == ActionState.LIVE:
        actions.pause(**said)


def change(
    *,
    actor: Person,
    version: int,
    checkpoints: Sequence[int],
    difference: float,
    number: int = Ladder.THE_ONE,
    request: HttpRequest | None = None,
) -> Ladder:
    """Set when people must speak, and how far apart they and the data may be."""
    _must(actor)
    with transaction.atomic():
        ladder = _locked(number)
        if ladder.version != version:
            raise ChangedMeanwhileError
        before = {"checkpoints": ladder.checkpoints, "difference": ladder.difference}
        ladder.checkpoints = sorted(set(checkpoints), reverse=True)
        ladder.difference, ladder.version = difference, version + 1
        ladder.save()
        after = {"checkpoints": ladder.checkpoints, "difference": difference}
        _record(actor, "changed", request, ladder=ladder, before=before, after=after)
    return ladder


def add_rung(
    *,
    actor: Person,
    days_before: int,
    title: str,
    body: str = "",
    is_duty: bool = False,
    planned_minutes: int = 30,
    opens_task: bool = True,
    template: Template | None = None,
    number: int = Ladder.THE_ONE,
    request: HttpRequest | None = None,
) -> Rung:
    """Add a rung; renewals that are past its day take it at once."""
    _must(actor)
    with transaction.atomic():
        made = Rung.objects.create(
            ladder=_locked(number),
            days_before=days_before,
            title=title,
            body=body,
            is_duty=is_duty,
            planned_minutes=planned_minutes,
            opens_task=opens_task,
            template=template,
        )
        _record(actor, "rung_added", request, ladder=made.ladder, after=_kept(made))
    return made


def take_off(*, actor: Person, rung_id: int, request: HttpRequest | None = None) -> Rung | None:
    """Take a rung off its ladder; what it opened stays."""
    _must(actor)
    with transaction.atomic():
        found = Rung.objects.select_for_update().filter(pk=rung_id, taken_off_at=None).first()
        if found is not None:
            found.taken_off_at = timezone.now()
            found.save(update_fields=["taken_off_at"])
            _record(actor, "rung_taken_off", request, ladder=found.ladder, before=_kept(found))
    return found


def add_reason(*, actor: Person, name: str, request: HttpRequest | None = None) -> LossReason:
    """Offer a reason for loss, or offer one again."""
    _must(actor)
    with transaction.atomic():
        made, _new = LossReason.objects.update_or_create(name=name, defaults={"archived_at": None})
        _record(actor, "reason_added", request, after={"name": name})
    return made


def archive_reason(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Offer a reason no more; it stays where it was given."""
    _must(actor)
    with transaction.atomic():
        found = LossReason.objects.select_for_update().filter(pk=pk, archived_at=None).first()
        if found is not None:
            found.archived_at = timezone.now()
            found.save(update_fields=["archived_at"])
            _record(actor, "reason_archived", request, before={"name": found.name})


def _must(actor: Person) -> None:
    if not actor.may(Role.MANAGER):
        raise PermissionDenied


def _locked(number: int) -> Ladder:
    found = Ladder.objects.select_for_update(of=("self",)).select_related("action", "duty")
    return found.get(pk=number)


def _for_whom(ladder: Ladder) -> dict[str, Any]:
    said = {name: getattr(ladder, name) for name in FOR_WHOM if name != "segment"}
    return said | {"segment": ladder.segment_id}


def _kept(rung: Rung) -> dict[str, Any]:
    return {
        "rung": rung.pk,
        "days_before": rung.days_before,
        "title": rung.title,
        "is_duty": rung.is_duty,
        "template": rung.template_id,
    }


def _record(
    actor: Person,
    verb: str,
    request: HttpRequest | None,
    *,
    ladder: Ladder | None = None,
    **said: Any,
) -> None:
    audit(
        actor=actor,
        action=f"act.renewal_ladder.{verb}",
        target=str(ladder) if ladder is not None else "renewal ladder",
        request=request,
        **said,
    )
