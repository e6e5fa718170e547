"""What people do with playbooks; each checks the permission, changes and records at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.models import Action, Kind
from kizuna.web.act.actions.models import State as ActionState
from kizuna.web.act.messages.services import cancel
from kizuna.web.act.playbooks import enrolling
from kizuna.web.act.playbooks.checking import check
from kizuna.web.act.playbooks.enrolling import Entered
from kizuna.web.act.playbooks.leaving import withdraw
from kizuna.web.act.playbooks.models import OPEN, Enrolment, Playbook, Rehearsal, State, Version
from kizuna.web.act.playbooks.plan import Said, named

MOST_WEEKS = 104
COSTS = ("cost_per_unit", "cost_per_minute")


class ChangedMeanwhileError(Exception):
    """Someone has changed the draft since it was read; nothing is written."""


class NameTakenError(Exception):
    """Another action has this name."""


NotPossibleError = actions.NotPossibleError


class FaultyError(Exception):
    """The playbook has errors, or warnings that nobody has read; it does not go live."""


def make(
    *, actor: Person, said: Said, request: HttpRequest | None = None, **about: Any
) -> Playbook:
    """Write a playbook down, with an action of its own; nothing is done before it goes live."""
    _must(actor)
    name = str(said.get("name", "")).strip()
    with transaction.atomic():
        _free(name)
        action = actions.draft(
            actor=actor,
            name=name,
            kind=Kind.PLAYBOOK,
            purpose=str(said.get("purpose", "")),
            request=request,
            **about,
        )
        made = Playbook.objects.create(action=action, draft=named(said), changed_by=actor)
        _record(actor, "made", made, request, after={"name": name})
    return made


def change(
    *, actor: Person, pk: int, edits: int, said: Said, request: HttpRequest | None = None
) -> Playbook:
    """Write over the draft as it was read; who is on the way keeps the version of her own."""
    _must(actor)
    with transaction.atomic():
        found = _locked(pk)
        if found.edits != edits:
            raise ChangedMeanwhileError
        before, name = found.draft, str(said.get("name", "")).strip() or found.action.name
        if name != found.action.name:
            _free(name)
        actions.change(
            actor=actor,
            action=found.action,
            name=name,
            purpose=str(said.get("purpose", "")),
            request=request,
        )
        found.draft, found.edits = named({**said, "name": name}), edits + 1
        found.changed_at, found.changed_by = timezone.now(), actor
        found.save(update_fields=["draft", "edits", "changed_at", "changed_by"])
        _record(actor, "changed", found, request, before=before, after=found.draft)
    return found


def go_live(
    *,
    actor: Person,
    pk: int,
    edits: int,
    read: bool = False,
    request: HttpRequest | None = None,
) -> Playbook:
    """Let customers enter by the draft as it is: a version is made of it, and never changes.

    `read`: whether the warnings were read. Whoever is on the way by a former version finishes it.
    """
    from kizuna.web.act.playbooks.warnings import warnings

    _must(actor)
    with transaction.atomic():
        found = _locked(pk)
        if found.edits != edits:
            raise ChangedMeanwhileError
        wrong = [one for one in check(found.draft) if one.is_error]
        if wrong or (not read and warnings(found)):
            raise FaultyError
        number = found.versions.count() + 1
        found.live = Version.objects.create(
            playbook=found, number=number, said=found.draft, by=actor
        )
        found.save(update_fields=["live"])
        if found.action.state in (ActionState.DRAFT, ActionState.DRY_RUN):
            actions.go_live(actor=actor, action=found.action, request=request)
        elif found.action.state == ActionState.PAUSED:
            actions.resume(actor=actor, action=found.action, request=request)
        _record(actor, "went_live", found, request, after={"version": number})
    return found


def pause(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Let nobody enter, and nobody go on, for a while."""
    _must(actor)
    with transaction.atomic():
        found = _locked(pk)
        actions.pause(actor=actor, action=found.action, request=request)
        _record(actor, "paused", found, request)


def resume(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Go on after a pause."""
    _must(actor)
    with transaction.atomic():
        found = _locked(pk)
        actions.resume(actor=actor, action=found.action, request=request)
        _record(actor, "resumed", found, request)


def conclude(*, actor: Person, pk: int, request: HttpRequest | None = None) -> int:
    """End it for good; who is on the way is taken out. Give how many were."""
    _must(actor)
    with transaction.atomic():
        found = _locked(pk)
        actions.conclude(actor=actor, action=found.action, request=request)
        ended = _stop(Enrolment.objects.filter(playbook=found, state__in=OPEN))
        cancel(action=found.action, at=timezone.now())
        _record(actor, "concluded", found, request, after={"taken_out": ended})
    return ended


def enrol(
    *,
    actor: Person,
    pk: int,
    customer_ids: Collection[str],
    request: HttpRequest | None = None,
) -> Entered:
    """Have customers enter by hand; chance places them as it does all others."""
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        found = Playbook.objects.get(pk=pk)
        entered = enrolling.enter(
            playbook=found, customer_ids=customer_ids, reason="by hand", at=timezone.now()
        )
        said = {"asked": len(customer_ids), "entered": entered.going, "held": entered.held_out}
        _record(actor, "enrolled", found, request, after=said)
    return entered


def stop(*, actor: Person, pk: int, enrolment: int, request: HttpRequest | None = None) -> None:
    """Take a customer out."""
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        found = Playbook.objects.get(pk=pk)
        mine = Enrolment.objects.filter(playbook=found, pk=enrolment, state__in=OPEN)
        who = mine.values_list("customer_id", flat=True).first()
        if who and _stop(mine):
            withdraw(action=found.action, customer_ids=[who], at=timezone.now())
            _record(actor, "customer_taken_out", found, request, after={"customer": who})


def try_again(*, actor: Person, pk: int, request: HttpRequest | None = None) -> int:
    """Have all who are stuck try their step once more; give how many."""
    _must(actor)
    now = timezone.now()
    with transaction.atomic():
        found = _locked(pk)
        stuck = Enrolment.objects.filter(playbook=found, state=State.STUCK)
        many = stuck.update(state=State.GOING, wake_at=now, tries=0, problem="")
        _record(actor, "tried_again", found, request, after={"customers": many})
    return many


def rehearse(
    *, actor: Person, pk: int, weeks: int = 26, request: HttpRequest | None = None
) -> Rehearsal:
    """Ask what the draft would have done; nobody is told of anything."""
    from kizuna.web.act.playbooks.tasks import rehearse as task

    _must(actor)
    with transaction.atomic():
        found = _locked(pk)
        made = Rehearsal.objects.create(
            playbook=found,
            said=found.draft,
            edits=found.edits,
            weeks=min(max(weeks, 4), MOST_WEEKS),
            asked_by=actor,
        )
        if found.action.state == ActionState.DRAFT:
            actions.dry_run(actor=actor, action=found.action, request=request)
        task.enqueue(made.pk)
        _record(actor, "tried", found, request, after={"weeks": made.weeks})
    return made


def remove(*, actor: Person, pk: int, request: HttpRequest | None = None) -> bool:
    """Forget a playbook that nobody ever entered; one that has been live is kept."""
    _must(actor)
    with transaction.atomic():
        found = _locked(pk)
        if found.live_id or found.enrolments.exists():
            return False
        _record(actor, "removed", found, request, before={"name": found.action.name})
        found.delete()
    return True


def _stop(open_ones: Any) -> int:
    now = timezone.now()
    return int(open_ones.update(state=State.STOPPED, wake_at=None, ended_at=now, moved_at=now))


def _free(name: str) -> None:
    if Action.objects.filter(name=name).exists():
        raise NameTakenError(name)


def _must(actor: Person) -> None:
    if not actor.may(Role.MANAGER):
        raise PermissionDenied


def _locked(pk: int) -> Playbook:
    found = Playbook.objects.select_for_update(of=("self",)).select_related("action", "live")
    return found.get(pk=pk)


def _record(
    actor: Person, verb: str, found: Playbook, request: HttpRequest | None, **said: Any
) -> None:
    audit(actor=actor, action=f"act.playbook.{verb}", target=str(found), request=request, **said)
