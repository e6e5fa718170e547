"""Merge two customers, and undo it: the tables stay as they are, only the map says otherwise."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.capture.identities.models import Merge, State, Suspicion
from kizuna.web.capture.identities.rules import BY_HAND
from kizuna.web.capture.identities.services import links


class NotPossibleError(Exception):
    """Raised where two customers cannot be merged: one of them has been merged meanwhile."""


def merge(
    *,
    actor: Person,
    survivor_id: str,
    loser_id: str,
    reason: str = "",
    request: HttpRequest | None = None,
) -> Merge:
    """Let one customer be part of another; figures follow with the next computation."""
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        links.lock()
        if links.roots_of([survivor_id, loser_id]) or survivor_id == loser_id:
            raise NotPossibleError
        made = Merge.objects.create(
            survivor_id=survivor_id, loser_id=loser_id, reason=reason, merged_by=actor
        )
        links.put(key=loser_id, into=survivor_id, rule=BY_HAND, merge=made)
        _decide(made, State.MERGED, actor)
        _record(actor, "merged", made, request)
        map_changed()
    return made


def undo(*, actor: Person, merge_id: int, request: HttpRequest | None = None) -> Merge:
    """Let two merged customers be two again, whatever was merged before or since."""
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        links.lock()
        made = Merge.objects.select_for_update().get(pk=merge_id)
        if made.undone_at is not None:
            return made
        links.take_out(key=made.loser_id)
        made.undone_at, made.undone_by = timezone.now(), actor
        made.save(update_fields=["undone_at", "undone_by"])
        _decide(made, State.OPEN, None)
        _record(actor, "merge_undone", made, request)
        map_changed()
    return made


def map_changed(*, figures: bool = True) -> None:
    """Have the map written, in the transaction of the caller."""
    from kizuna.web.capture.identities.tasks import write_map

    write_map.enqueue(figures=figures)


def _decide(made: Merge, state: State, actor: Person | None) -> None:
    pair = sorted((made.survivor_id, made.loser_id))
    moment = None if actor is None else timezone.now()
    found = Suspicion.objects.filter(first_id=pair[0], second_id=pair[1])
    found.update(state=state, decided_at=moment, decided_by=actor)


def _record(actor: Person, verb: str, made: Merge, request: HttpRequest | None) -> None:
    said = {"merge": made.pk, "survivor": made.survivor_id, "merged": made.loser_id}
    audit(
        actor=actor,
        action=f"capture.customer.{verb}",
        target=f"customer {made.survivor_id}",
        before=said if verb == "merge_undone" else None,
        after=None if verb == "merge_undone" else said | {"reason": made.reason},
        request=request,
    )
