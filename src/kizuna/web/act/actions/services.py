"""What people do with actions; each checks, changes and records at once. Programs place and record.

draft → dry run → live → concluded; a live action may be paused. Shares are kept in versions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.actions.control import programme
from kizuna.web.act.actions.deeds import record_deed
from kizuna.web.act.actions.models import Action, Decided, Programme, Share, State
from kizuna.web.act.actions.placing import Placement, place

__all__ = [
    "AlreadyChangedError",
    "NotPossibleError",
    "Placement",
    "change",
    "conclude",
    "draft",
    "dry_run",
    "go_live",
    "pause",
    "place",
    "record_deed",
    "resume",
    "set_holdout",
    "set_programme",
]

OF_ACTION = (
    *("name", "kind", "owner", "purpose", "is_optional", "cost_per_unit", "cost_per_minute"),
    *("horizon_days", "unit", "always_on", "planned_units", "worth"),
)
FIXED_ONCE_LIVE = ("kind", "is_optional", "unit", "always_on", "planned_units")
"""What an experiment rests on, and is not changed once it has begun."""
OF_PROGRAMME = ("is_on", "share", "months")
BEFORE = (State.DRAFT, State.DRY_RUN)
RUNNING = (State.LIVE, State.PAUSED)


class NotPossibleError(Exception):
    """Raised where an action is not in a state in which this can be done."""


class AlreadyChangedError(Exception):
    """Raised where somebody has changed it since it was read; nothing is written."""


def draft(
    *,
    actor: Person | None,
    name: str,
    kind: str,
    holdout: float = 0.10,
    arms: list[list[Any]] | None = None,
    request: HttpRequest | None = None,
    **said: Any,
) -> Action:
    """Write down an action; nothing is done before it goes live. No actor: the system itself."""
    _must(actor)
    is_optional = said.get("is_optional", True)
    share = holdout if is_optional else 0.0
    values = {name: said[name] for name in OF_ACTION if name in said}
    with transaction.atomic():
        owner = values.pop("owner", actor)
        made: Action = Action.objects.create(
            name=name, kind=kind, owner=owner, holdout=share, arms=arms or [], made_by=actor,
            **values,
        )  # fmt: skip
        _keep_shares(made, "", actor)
        _record(made, "drafted", "", _kept(made), actor, request)
    return made


def change(
    *,
    actor: Person | None,
    action: Action,
    edition: int | None = None,
    why: str = "",
    request: HttpRequest | None = None,
    **said: Any,
) -> Action:
    """Change an action; what its experiment rests on only before it goes live."""
    _must(actor)
    with transaction.atomic():
        found = _locked(action)
        if edition is not None and found.edition != edition:
            raise AlreadyChangedError
        before, after = _kept(found), {name: said[name] for name in OF_ACTION if name in said}
        changed = {name: v for name, v in after.items() if getattr(found, name) != v}
        if found.state not in BEFORE and set(changed) & set(FIXED_ONCE_LIVE):
            raise NotPossibleError
        if not changed:
            return found
        for name, value in changed.items():
            setattr(found, name, value)
        if not found.is_optional and found.holdout:
            found.holdout, found.version = 0.0, found.version + 1
            _keep_shares(found, why, actor)
        found.edition += 1
        found.save()
        told = {name: v for name, v in _kept(found).items() if before[name] != v}
        _record(found, "changed", why, told, actor, request, before=before)
    return found


def set_holdout(
    *,
    actor: Person | None,
    action: Action,
    holdout: float,
    arms: list[list[Any]] | None = None,
    why: str = "",
    request: HttpRequest | None = None,
) -> Action:
    """Change the shares for those who become eligible from now on; all who are placed stay."""
    _must(actor)
    with transaction.atomic():
        found = _locked(action)
        if found.state == State.CONCLUDED or (holdout and not found.is_optional):
            raise NotPossibleError
        before = {"holdout": found.holdout, "arms": found.arms}
        found.holdout, found.version = holdout, found.version + 1
        found.arms = found.arms if arms is None else arms
        found.edition += 1
        found.save(update_fields=["holdout", "version", "arms", "edition"])
        _keep_shares(found, why, actor)
        told = {"holdout": holdout, "arms": found.arms}
        _record(found, "shares_set", why, told, actor, request, before=before)
    return found


def dry_run(
    *, actor: Person | None, action: Action, why: str = "", request: HttpRequest | None = None
) -> Action:
    """Let it look without touch: who would be eligible, and nothing is done."""
    return _to(State.DRY_RUN, (State.DRAFT,), actor, action, why, request)


def go_live(
    *, actor: Person | None, action: Action, why: str = "", request: HttpRequest | None = None
) -> Action:
    """Begin: from now on who becomes eligible is placed, and the treated are treated."""
    programme()
    return _to(State.LIVE, BEFORE, actor, action, why, request)


def pause(
    *, actor: Person | None, action: Action, why: str = "", request: HttpRequest | None = None
) -> Action:
    """Do nothing for a while; who is placed stays so."""
    return _to(State.PAUSED, (State.LIVE,), actor, action, why, request)


def resume(
    *, actor: Person | None, action: Action, why: str = "", request: HttpRequest | None = None
) -> Action:
    """Go on after a pause."""
    return _to(State.LIVE, (State.PAUSED,), actor, action, why, request)


def conclude(
    *, actor: Person | None, action: Action, why: str = "", request: HttpRequest | None = None
) -> Action:
    """End for good: nobody becomes eligible any more, and the result matures."""
    return _to(State.CONCLUDED, RUNNING, actor, action, why, request)


def set_programme(
    *,
    actor: Person,
    said: Mapping[str, Any],
    version: int,
    request: HttpRequest | None = None,
) -> Programme:
    """Say how many customers nothing optional reaches, and when others take their turn."""
    _must(actor)
    programme()
    with transaction.atomic():
        found = Programme.objects.select_for_update().get(pk=Programme.THE_ONE)
        if found.version != version:
            raise AlreadyChangedError
        before = {name: getattr(found, name) for name in OF_PROGRAMME}
        for name in OF_PROGRAMME:
            setattr(found, name, said[name])
        found.version, found.changed_at, found.changed_by = version + 1, timezone.now(), actor
        found.save()
        after = {name: getattr(found, name) for name in OF_PROGRAMME}
        audit(
            actor=actor, action="act.global_control.changed", target="global control",
            before=before, after=after, request=request,
        )  # fmt: skip
    return found


def _to(
    state: State,
    allowed: tuple[State, ...],
    actor: Person | None,
    action: Action,
    why: str,
    request: HttpRequest | None,
) -> Action:
    _must(actor)
    with transaction.atomic():
        found = _locked(action)
        if found.state not in allowed:
            raise NotPossibleError
        before, today = found.state, timezone.localdate()
        found.state, found.edition = state, found.edition + 1
        if state == State.LIVE:
            found.started_on = found.started_on or today
        if state == State.CONCLUDED:
            found.ended_on = max(today, found.started_on or today)
        found.save(update_fields=["state", "edition", "started_on", "ended_on"])
        told = {"state": state.value}
        _record(found, state.value, why, told, actor, request, before={"state": before})
    for name in ("state", "edition", "started_on", "ended_on"):
        setattr(action, name, getattr(found, name))
    return found


def _must(actor: Person | None) -> None:
    if actor is not None and not actor.may(Role.MANAGER):
        raise PermissionDenied


def _locked(action: Action) -> Action:
    found: Action = Action.objects.select_for_update(no_key=True).get(pk=action.pk)
    return found


def _keep_shares(action: Action, why: str, actor: Person | None) -> None:
    Share(
        action=action, version=action.version, holdout=action.holdout, arms=action.arms,
        why=why, set_by=actor,
    ).save()  # fmt: skip


def _kept(action: Action) -> dict[str, Any]:
    names = (*OF_ACTION, "holdout")
    return {n: str(v) if isinstance(v := getattr(action, n), Person) else v for n in names}


def _record(
    action: Action,
    verb: str,
    why: str,
    said: dict[str, Any],
    actor: Person | None,
    request: HttpRequest | None,
    before: dict[str, Any] | None = None,
) -> None:
    Decided(action=action, verb=verb, why=why, said=said, person=actor).save()
    audit(
        actor=actor, action=f"act.action.{verb}", target=str(action),
        before=before, after=said | ({"why": why} if why else {}), request=request,
    )  # fmt: skip
