"""The gate: decide on a contact; suppress; and what people set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.actions.models import Action
from kizuna.web.act.actions.whose import Who
from kizuna.web.act.gate.asking import Asked, Decision, dropped
from kizuna.web.act.gate.checks import QUIET, is_counted, weigh
from kizuna.web.act.gate.models import (
    LONGEST_CAP,
    Cap,
    Cause,
    Channel,
    Entry,
    Outcome,
    Recipient,
    Rules,
    Suppression,
)
from kizuna.web.capture.consents.queries import erased
from kizuna.web.capture.identities.queries import customer_of

__all__ = ["Decision", "decide", "lift", "save_rules", "suppress", "withdraw"]

KEPT_FOR = timedelta(days=2 * LONGEST_CAP)
SAME_CHANNEL = {"mail": Channel.EMAIL.value, "call": Channel.PHONE.value}
"""Names that kinds of actions have for a channel."""
OF_RULES = ("quiet_from", "quiet_until", "quiet_weekends", "quiet_holidays", "quiet_channels")


class AlreadyChangedError(Exception):
    """Raised where somebody has changed the rules since they were read; nothing is written."""


def decide(
    *,
    key: str,
    customer_id: str,
    channel: str,
    action: Action,
    purpose: str | None = None,
    topic: str | None = None,
    at: datetime,
    priority: int = 0,
) -> Decision:
    """Say whether a contact may be made now, and log it, in the transaction of the caller.

    `key` names the contact: once it was let through, asking again gives the same answer and counts
    nothing twice. `purpose` and `topic` are those of consent; of an offer that is written they
    must be there. Higher `priority` goes first.
    """
    with transaction.atomic():
        asked = _asked(key, customer_id, channel, action, purpose, topic, at, priority)
        if erased([customer_id, *asked.keys]):
            return dropped("erased")  # nothing is written down: nothing is kept of her
        _wait_for(asked)
        before = Entry.objects.filter(key=key).order_by("-pk").first()
        if before is not None and before.outcome == Outcome.SENT:
            return Decision(before.outcome, before.reason)
        asked.action.refresh_from_db(fields=["state", "is_optional"])
        found = weigh(asked)
        _log(asked, found, before)
    return found


def withdraw(*, key: str) -> None:
    """Say that a contact that is held will not be asked for again; others need not wait for it."""
    Entry.objects.filter(key=key, is_open=True).update(is_open=False)


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
        "channel": _channel(channel, none=True),
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


def _asked(
    key: str,
    named: str,
    channel: str,
    action: Action,
    purpose: str | None,
    topic: str | None,
    at: datetime,
    priority: int,
) -> Asked:
    who = Who.of([named])
    customer = who.customers[0]
    return Asked(
        key=key,
        who=who,
        customer_id=customer,
        keys=who.keys_of(customer),
        account_id=who.accounts.get(customer, ""),
        channel=_channel(channel),
        action=action,
        purpose=purpose or "",
        topic=topic or "",
        at=at,
        priority=priority,
    )


def _channel(name: str, none: bool = False) -> str:
    if not name and none:
        return ""
    return Channel(SAME_CHANNEL.get(name, name)).value


def _wait_for(asked: Asked) -> None:
    """Decide on one customer, and on one account, one after the other, so that caps hold."""
    ids = sorted({asked.customer_id, asked.account_id} - {""})
    Recipient.objects.bulk_create([Recipient(pk=one) for one in ids], ignore_conflicts=True)
    list(Recipient.objects.select_for_update().filter(pk__in=ids).order_by("pk"))


def _log(asked: Asked, found: Decision, before: Entry | None) -> None:
    """Write the decision down; one that was made before is counted up."""
    again = before is not None and (before.outcome, before.reason) == (found.outcome, found.reason)
    if before is not None and again:
        before.until, before.at, before.times = found.until, asked.at, before.times + 1
        before.save(update_fields=["until", "at", "times"])
        return
    if before is not None and before.is_open:
        Entry.objects.filter(pk=before.pk).update(is_open=False)
    Entry.objects.create(
        key=asked.key,
        customer_id=asked.customer_id,
        account_id=asked.account_id,
        channel=asked.channel,
        action=asked.action,
        purpose=asked.purpose,
        topic=asked.topic,
        priority=asked.priority,
        outcome=found.outcome,
        reason=found.reason,
        until=found.until,
        is_counted=found.is_sent and is_counted(asked),
        is_open=found.is_held,
        first_at=asked.at,
        at=asked.at,
    )


def _record(
    actor: Person | None, verb: str, made: Suppression, request: HttpRequest | None
) -> None:
    told = {"channel": made.channel, "cause": made.cause, "detail": made.detail}
    audit(
        actor=actor, action=f"act.gate.{verb}", target=f"customer {made.customer_id}",
        after=told, request=request,
    )  # fmt: skip
