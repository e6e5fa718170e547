"""What people do with campaigns; the action behind each is its experiment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.models import Kind, State
from kizuna.web.act.campaigns import tasks
from kizuna.web.act.campaigns.models import Campaign, Phase, Step
from kizuna.web.act.messages.models import Template
from kizuna.web.know.segments.models import Segment

ARMS = ("a", "b")


class NotPossibleError(Exception):
    """Raised where a campaign is not in a state in which this can be done."""


class AlreadyChangedError(Exception):
    """Raised where somebody has changed it since it was read; nothing is written."""


@dataclass(frozen=True, slots=True)
class Message:
    """A step: its template, after how many hours, and another template to try beside it."""

    template: Template
    wait_hours: int = 0
    beside: Template | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A campaign as a person wrote it."""

    name: str
    purpose: str
    steps: Sequence[Message]
    segment: Segment | None = None
    starts_at: datetime | None = None
    hours: tuple[int, int] = (10 * 60, 19 * 60)
    holdout: float = 0.1
    horizon_days: int = 90
    cost_per_unit: float = 0.0
    worth: float | None = None
    stops_on_order: bool = False

    @property
    def arms(self) -> list[list[Any]]:
        """Two arms where anything is tried beside something else."""
        return [[arm, 1 / len(ARMS)] for arm in ARMS] if any(s.beside for s in self.steps) else []


def draft(*, actor: Person, said: Said, request: HttpRequest | None = None) -> Campaign:
    """Write a campaign down; nothing is sent before it is started."""
    _must(actor)
    with transaction.atomic():
        action = actions.draft(
            actor=actor, kind=Kind.CAMPAIGN, holdout=said.holdout, arms=said.arms,
            always_on=False, request=request, **_of_action(said),
        )  # fmt: skip
        made = Campaign.objects.create(action=action, **_of_campaign(said))
        _write_steps(made, said)
        _record(actor, "drafted", made, request)
    tasks.look.enqueue(made.pk)
    return made


def change(
    *,
    actor: Person,
    campaign: Campaign,
    said: Said,
    edition: int | None = None,
    request: HttpRequest | None = None,
) -> Campaign:
    """Change a campaign that has not begun."""
    _must(actor)
    with transaction.atomic():
        found = _locked(campaign)
        if found.phase != Phase.WRITTEN:
            raise NotPossibleError
        if edition is not None and edition != found.edition:
            raise AlreadyChangedError
        actions.change(actor=actor, action=found.action, request=request, **_of_action(said))
        if (found.action.holdout, found.action.arms) != (said.holdout, said.arms):
            actions.set_holdout(
                actor=actor, action=found.action, holdout=said.holdout, arms=said.arms,
                request=request,
            )  # fmt: skip
        values = _of_campaign(said) | {"edition": found.edition + 1, "looked_at": None}
        Campaign.objects.filter(pk=found.pk).update(**values)
        found.steps.all().delete()
        _write_steps(found, said)
        _record(actor, "changed", found, request)
    tasks.look.enqueue(found.pk)
    return found


def start(*, actor: Person, campaign: Campaign, request: HttpRequest | None = None) -> Campaign:
    """Begin: the audience is gathered and placed by chance, and the treated are written to."""
    _must(actor)
    with transaction.atomic():
        found = _locked(campaign)
        steps = list(found.steps.select_related("template"))
        if found.phase != Phase.WRITTEN or not steps or any(_is_no_good(s) for s in steps):
            raise NotPossibleError
        planned = found.looked.get("audience")
        if planned:
            actions.change(actor=actor, action=found.action, planned_units=planned)
        actions.go_live(actor=actor, action=found.action, request=request)
        found.phase, found.begun_at = Phase.GATHERING, timezone.now()
        found.save(update_fields=["phase", "begun_at"])
        _record(actor, "started", found, request)
        tasks.go_on.enqueue(found.pk)
    return found


def pause(*, actor: Person, campaign: Campaign, request: HttpRequest | None = None) -> None:
    """Send nothing for a while; what waits in the outbox is held."""
    actions.pause(actor=actor, action=campaign.action, request=request)


def resume(*, actor: Person, campaign: Campaign, request: HttpRequest | None = None) -> None:
    """Go on."""
    with transaction.atomic():
        actions.resume(actor=actor, action=campaign.action, request=request)
        tasks.go_on.enqueue(campaign.pk)


def conclude(*, actor: Person, campaign: Campaign, request: HttpRequest | None = None) -> None:
    """End it for good: what waits is not sent any more."""
    from kizuna.web.act.messages.services import cancel

    now = timezone.now()
    with transaction.atomic():
        actions.conclude(actor=actor, action=campaign.action, request=request)
        found = _locked(campaign)
        found.enrolled.filter(wake_at__isnull=False).update(wake_at=None, ended="concluded")
        found.phase, found.ended_at = Phase.DONE, now
        found.begun_at = found.begun_at or now
        found.save(update_fields=["phase", "ended_at", "begun_at"])
    cancel(action=campaign.action, at=now)


def look_again(*, actor: Person, campaign: Campaign) -> None:
    """Look at the audience once more."""
    _must(actor)
    tasks.look.enqueue(campaign.pk)


def _is_no_good(step: Step) -> bool:
    return step.template.retired_at is not None or not step.template.version


def _of_action(said: Said) -> dict[str, Any]:
    names = ("name", "purpose", "horizon_days", "cost_per_unit", "worth")
    return {name: getattr(said, name) for name in names}


def _of_campaign(said: Said) -> dict[str, Any]:
    first, last = said.hours
    return {
        "segment": said.segment,
        "starts_at": said.starts_at,
        "open_from": first,
        "open_until": last,
        "stops_on_order": said.stops_on_order,
    }


def _write_steps(campaign: Campaign, said: Said) -> None:
    rows = []
    for number, message in enumerate(said.steps, 1):
        wait = 0 if number == 1 else max(message.wait_hours, 1)
        pairs = [("", message.template)]
        pairs += [(ARMS[1], message.beside)] if message.beside else []
        rows += [
            Step(campaign=campaign, number=number, arm=arm, wait_hours=wait, template=template)
            for arm, template in pairs
        ]
    Step.objects.bulk_create(rows)


def _must(actor: Person) -> None:
    if not actor.may(Role.MANAGER):
        raise PermissionDenied


def _locked(campaign: Campaign) -> Campaign:
    found: Campaign = Campaign.objects.select_for_update(of=("self",)).select_related(
        "action"
    ).get(pk=campaign.pk)  # fmt: skip
    return found


def _record(actor: Person, verb: str, found: Campaign, request: HttpRequest | None) -> None:
    audit(
        actor=actor, action=f"act.campaign.{verb}", target=str(found), request=request,
        after={"name": found.action.name, "state": State(found.action.state).value},
    )  # fmt: skip
