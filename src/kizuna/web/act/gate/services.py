"""The gate: decide on a contact; suppress; and what people set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.gate.asking import Contact, Decision
from kizuna.web.act.gate.deciding import channel_of, decide, decide_many, foreseen
from kizuna.web.act.gate.known import QUIET
from kizuna.web.act.gate.models import (
    LONGEST_CAP,
    Cap,
    Cause,
    Entry,
    Outcome,
    Recipient,
    Rules,
    Suppression,
)
from kizuna.web.capture.identities.queries import customer_of

__all__ = [
    "Contact",
    "Decision",
    "decide",
    "decide_many",
    "foreseen",
    "lift",
    "save_rules",
    "suppress",
    "take_back",
    "withdraw",
]

NOT_TAKEN = "not_taken"
KEPT_FOR = timedelta(days=2 * LONGEST_CAP)
OF_RULES = ("quiet_from", "quiet_until", "quiet_weekends", "quiet_holidays", "quiet_channels")


class AlreadyChangedError(Exception):
    """Raised where somebody has changed the rules since they were read; nothing is written."""


def take_back(*, key: str) -> None:
    """Say that a contact which was let through was certainly not made: it counts for no cap.

    It is asked for anew, and decided on as if it never had been.
    """
    let_through = Entry.objects.filter(key=key, outcome=Outcome.SENT)
    let_through.update(outcome=Outcome.HELD, reason=NOT_TAKEN, is_counted=False)


def withdraw(*, keys: Iterable[str]) -> None:
    """Say that what is held will not be asked for again; others need not wait for it."""
    Entry.objects.filter(key__in=list(keys), is_open=True).update(is_open=False)


def suppress(
    *,
    customer_id: str,
    channel: str = "",
    cause: str,
    detail: str = "",
    actor: Person | None = None,
    at: datetime | None = None,
    request: HttpRequest | None = None,
) -> Suppression:
    """Contact a customer no more on a channel, or on all: a bounce, a complaint, or by hand.

    No actor: a program noticed it.
    """
    if actor is not None and not actor.may(Role.MEMBER):
        raise PermissionDenied
    found: dict[str, Any] = {
        "customer_id": customer_of(customer_id),
        "channel": channel_of(channel) if channel else "",
    }
    found |= {"cause": Cause(cause).value, "lifted_at": None}
    told = {"detail": detail, "by": actor, "at": at or timezone.now()}
    with transaction.atomic():
        made, is_new = Suppression.objects.get_or_create(**found, defaults=told)
        if is_new:
            _record(actor, "suppressed", made, request)
    return made


def lift(*, actor: Person, pk: int, request: HttpRequest | None = None) -> Suppression:
    """Contact somebody again; that she was kept from stays on record."""
    if not actor.may(Role.MANAGER):
        raise PermissionDenied
    with transaction.atomic():
        found: Suppression = Suppression.objects.select_for_update().get(pk=pk)
        if found.lifted_at is None:
            found.lifted_at, found.lifted_by = timezone.now(), actor
            found.save(update_fields=["lifted_at", "lifted_by"])
            _record(actor, "suppression_lifted", found, request)
    return found


def set_zone(
    *,
    customer_id: str,
    zone: str,
    actor: Person | None = None,
    request: HttpRequest | None = None,
) -> None:
    """Note where a customer lives, for quiet hours; empty: where the organisation is."""
    if actor is not None and not actor.may(Role.MEMBER):
        raise PermissionDenied
    customer = customer_of(customer_id)
    with transaction.atomic():
        Recipient.objects.update_or_create(pk=customer, defaults={"zone": zone})
        audit(
            actor=actor, action="act.gate.zone_set", target=f"customer {customer}",
            after={"zone": zone}, request=request,
        )  # fmt: skip


def save_rules(
    *,
    actor: Person,
    said: Mapping[str, Any],
    caps: Sequence[Mapping[str, Any]],
    version: int,
    request: HttpRequest | None = None,
) -> Rules:
    """Say when nobody is contacted, and how often anybody is."""
    if not actor.may(Role.MANAGER):
        raise PermissionDenied
    with transaction.atomic():
        found = _rules()
        if found.version != version:
            raise AlreadyChangedError
        before = _kept(found)
        for name in OF_RULES:
            setattr(found, name, said[name])
        found.version, found.changed_at, found.changed_by = version + 1, timezone.now(), actor
        found.save()
        Cap.objects.all().delete()
        Cap.objects.bulk_create(Cap(**cap) for cap in caps)
        audit(
            actor=actor, action="act.gate.changed", target="contact gate",
            before=before, after=_kept(found), request=request,
        )  # fmt: skip
    return found


def clear_away() -> int:
    """Forget decisions that no cap counts any more and nobody looks up."""
    old = Entry.objects.filter(at__lt=timezone.now() - KEPT_FOR)
    return int(old.delete()[0])


def _rules() -> Rules:
    Rules.objects.get_or_create(pk=Rules.THE_ONE, defaults={"quiet_channels": list(QUIET)})
    found: Rules = Rules.objects.select_for_update().get(pk=Rules.THE_ONE)
    return found


def _kept(rules: Rules) -> dict[str, Any]:
    told = {name: getattr(rules, name) for name in OF_RULES}
    caps = Cap.objects.order_by("channel", "scope").values("channel", "scope", "count", "days")
    return told | {"caps": list(caps)}


def _record(
    actor: Person | None, verb: str, made: Suppression, request: HttpRequest | None
) -> None:
    told = {"channel": made.channel, "cause": made.cause, "detail": made.detail}
    audit(
        actor=actor, action=f"act.gate.{verb}", target=f"customer {made.customer_id}",
        after=told, request=request,
    )  # fmt: skip
