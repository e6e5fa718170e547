"""Duplicates: keep what the rules found, let people say that two are not the same, switch rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.capture.identities.models import State, Suspicion, Switch
from kizuna.web.capture.identities.rules import RULES

A_PART = 500


def suspect(*, pairs: Iterable[tuple[str, str, Sequence[str]]]) -> int:
    """Keep pairs that may be one customer, in order; what was decided before stays decided."""
    found = {tuple(sorted((one, other))): list(rules) for one, other, rules in pairs}
    at = timezone.now()  # of all: those found together stay in their order
    with transaction.atomic():
        rows = [
            Suspicion(first_id=a, second_id=b, rules=r, found_at=at) for (a, b), r in found.items()
        ]
        Suspicion.objects.bulk_create(
            rows,
            A_PART,
            update_conflicts=True,
            update_fields=["rules"],
            unique_fields=["first_id", "second_id"],
        )
    return len(rows)


def forget_others(*, pairs: Iterable[tuple[str, str]]) -> None:
    """Take pairs out of the queue that no rule finds any more; what people decided is kept."""
    kept = {tuple(sorted(pair)) for pair in pairs}
    by_machine = Suspicion.objects.filter(state=State.OPEN)
    gone = [
        pk
        for pk, first, second, rules in by_machine.values_list(
            "pk", "first_id", "second_id", "rules"
        )
        if (first, second) not in kept and "alias" not in rules
    ]
    for at in range(0, len(gone), A_PART):
        Suspicion.objects.filter(pk__in=gone[at : at + A_PART]).delete()


def keep_apart(*, actor: Person, suspicion_id: int, request: HttpRequest | None = None) -> None:
    """Say that two customers are not the same: they are not suggested again."""
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        found = Suspicion.objects.select_for_update().get(pk=suspicion_id)
        if found.state != State.OPEN:
            return
        found.state, found.decided_at, found.decided_by = State.APART, timezone.now(), actor
        found.save(update_fields=["state", "decided_at", "decided_by"])
        audit(
            actor=actor,
            action="capture.duplicate.kept_apart",
            target=f"customer {found.first_id}",
            after={"other": found.second_id, "rules": found.rules},
            request=request,
        )


def look(*, actor: Person) -> None:
    """Have the rules look for duplicates now."""
    from kizuna.web.capture.identities.tasks import find_duplicates

    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        find_duplicates.enqueue()
        audit(actor=actor, action="capture.duplicates.looked_for", target="customers")


def switch(*, actor: Person, rule: str, is_on: bool, request: HttpRequest | None = None) -> None:
    """Have a rule followed, or not; what it connected before stays."""
    if not actor.may(Role.MANAGER):
        raise PermissionDenied
    if rule not in RULES:
        raise KeyError(rule)
    with transaction.atomic():
        before = Switch.objects.filter(pk=rule, is_on=False).exists()
        Switch.objects.update_or_create(rule=rule, defaults={"is_on": is_on})
        audit(
            actor=actor,
            action="capture.identity_rule.switched",
            target=f"rule {rule}",
            before={"on": not before},
            after={"on": is_on},
            request=request,
        )
