"""Deciding by a result: the action follows at once, and what was known then is kept."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.models import Action
from kizuna.web.act.actions.services import NotPossibleError
from kizuna.web.measure.results.models import Decision, Verb
from kizuna.web.measure.results.queries import Row

__all__ = ["NotPossibleError", "decide", "export", "raised"]

MOST: Final = 0.5
FIRST: Final = 0.2
KEPT: Final = (
    *("verdict", "horizon_days", "arm", "treated", "control", "effect", "effect_low"),
    *("effect_high", "total", "total_low", "total_high", "unit_cost", "level"),
)
"""What is kept of the result that a decision was made by."""


def raised(holdout: float) -> float:
    """Give the next larger share to hold out: twice as many, a fifth at least, half at most."""
    return min(max(2.0 * holdout, FIRST), MOST)


def decide(
    *,
    actor: Person,
    action: Action,
    verb: str,
    reason: str,
    row: Row | None = None,
    as_of: Any = None,
    request: HttpRequest | None = None,
) -> Decision:
    """Do what was decided, and write it into the log with what the result said.

    Raises
    ------
    NotPossibleError
        When the action is not in a state in which this can be done.

    """
    if not actor.may(Role.MANAGER):
        raise PermissionDenied
    said = {name: row[name] for name in KEPT} if row else {}
    with transaction.atomic():
        _follow(actor, action, verb, reason, request)
        made: Decision = Decision.objects.create(
            action=action, verb=verb, reason=reason, said=said, as_of=as_of, person=actor
        )
        audit(
            actor=actor,
            action="measure.result.decided",
            target=str(action),
            after={"verb": verb, "reason": reason, "verdict": said.get("verdict")},
            request=request,
        )
    return made


def export(
    *, actor: Person, what: str, experiment_id: str = "", request: HttpRequest | None = None
) -> None:
    """Record that somebody takes results, or the customers behind one, out of the application."""
    least = Role.MEMBER if experiment_id else Role.VIEWER
    if not actor.may(least):
        raise PermissionDenied
    target = f"action {experiment_id}" if experiment_id else "results"
    audit(actor=actor, action=f"measure.{what}.exported", target=target, request=request)


def _follow(
    actor: Person, action: Action, verb: str, reason: str, request: HttpRequest | None
) -> None:
    told: dict[str, Any] = {"actor": actor, "action": action, "why": reason, "request": request}
    if verb == Verb.RAISE:
        if action.holdout >= MOST:
            raise NotPossibleError
        actions.set_holdout(holdout=raised(action.holdout), **told)
    elif verb == Verb.STOP:
        actions.pause(**told)
    elif verb == Verb.CONCLUDE:
        actions.conclude(**told)
