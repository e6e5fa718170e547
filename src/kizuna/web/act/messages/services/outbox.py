"""Line messages up, once each; and what a person decides on those that are uncertain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.actions.models import Action, Deed
from kizuna.web.act.actions.whose import batches, customers_of
from kizuna.web.act.messages import addressing, gating
from kizuna.web.act.messages.models import (
    LINED_UP,
    Channel,
    OutboxMessage,
    State,
    Template,
    TemplateVersion,
    Text,
)
from kizuna.web.act.messages.variables import facts_of
from kizuna.web.act.messages.windows import Hours, opens, zones_of


class NotWrittenError(Exception):
    """Raised for a template without words, or one that is retired."""


class NotUncertainError(Exception):
    """Raised where a message is not uncertain, or not any more."""


def enqueue(
    *,
    action: Action,
    customer_id: str,
    step: str,
    template: Template,
    at: datetime,
    language: str | None = None,
    not_before: datetime | None = None,
    values: Mapping[str, Any] | None = None,
    channel: str | None = None,
    recipient: str = "",
    priority: int = 0,
    hours: Hours | None = None,
) -> OutboxMessage:
    """Line a message up, in the caller's transaction; asked again, the first is given.

    The gate decides when it is sent. `values` fill `{{ value.… }}`; `recipient` is the role of a
    person at the customer; without `channel` the first is taken on which she is reached; `hours`
    are minutes of the recipient's day between which it may go.

    Raises
    ------
    NotWrittenError
        When the template has no words.

    """
    key = key_of(action, customer_id, step)
    found = OutboxMessage.objects.filter(key=key).first()
    if found is not None:
        return found
    enqueue_many(
        action=action, customer_ids=[customer_id], step=step, template=template, at=at,
        language=language, not_before=not_before, values=values, channel=channel,
        recipient=recipient, priority=priority, hours=hours,
    )  # fmt: skip
    return OutboxMessage.objects.get(key=key)


def enqueue_many(
    *,
    action: Action,
    customer_ids: Sequence[str],
    step: str,
    template: Template,
    at: datetime,
    language: str | None = None,
    not_before: datetime | Mapping[str, datetime] | None = None,
    values: Mapping[str, Any] | None = None,
    channel: str | None = None,
    recipient: str = "",
    priority: int = 0,
    hours: Hours | None = None,
) -> int:
    """Line the same message up for many customers; those who have it keep it. Give how many."""
    from kizuna.web.act.messages.tasks import send

    version, channels = latest_words(template, channel)
    lined_up = 0
    for some in batches(dict.fromkeys(customer_ids)):
        ways, zones = ways_of(some, channels, recipient), zones_of(some) if hours else {}
        rows = [
            OutboxMessage(
                key=key_of(action, one, step), action=action, customer_id=one, step=step,
                version=version, channel=ways[one], language=language or "", recipient=recipient,
                values=dict(values or {}), priority=priority, asked_at=at,
                open_from=hours[0] if hours else None, open_until=hours[1] if hours else None,
                due_at=_within(hours, max(at, _moment(not_before, one) or at), zones.get(one)),
            )
            for one in some
        ]  # fmt: skip
        with transaction.atomic():
            OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)
            send.enqueue()
        lined_up += len(rows)
    return lined_up


def key_of(action: Action, customer_id: str, step: str) -> str:
    """Name a message: once an action, customer and step."""
    return f"{action.pk}:{customer_id}:{step}"


def cancel(*, action: Action, customer_id: str | None = None, at: datetime) -> int:
    """Drop what waits, of an action or of one customer in it; give how many messages."""
    waiting = OutboxMessage.objects.filter(action=action, state__in=LINED_UP)
    if customer_id is not None:
        waiting = waiting.filter(customer_id=customer_id)
    return sum(_cancelled(some, at) for some in batches(waiting.values_list("pk", flat=True)))


def _cancelled(some: Sequence[int], at: datetime) -> int:
    """Drop those of some messages that wait still."""
    with transaction.atomic():
        lined_up = OutboxMessage.objects.filter(pk__in=some, state__in=LINED_UP)
        gone = list(lined_up.select_for_update(of=("self",)))
        rows = OutboxMessage.objects.filter(pk__in=[one.pk for one in gone])
        rows.update(state=State.DROPPED, reason="cancelled", due_at=None, ended_at=at)
        gating.withdraw(*gone)
    return len(gone)


def settle(
    *, actor: Person, pk: int, arrived: bool, request: HttpRequest | None = None
) -> OutboxMessage:
    """Say of an uncertain message whether it arrived; one that did not is sent again.

    Raises
    ------
    NotUncertainError
        When there is nothing to settle.

    """
    from kizuna.web.act.messages.tasks import send

    if not actor.may(Role.MANAGER):
        raise PermissionDenied
    now = timezone.now()
    with transaction.atomic():
        rows = OutboxMessage.objects.filter(pk=pk, state=State.UNCERTAIN)
        found = rows.select_related("action").first()
        if found is None:
            raise NotUncertainError
        if arrived:
            rows.update(state=State.SENT, reason="", claim="")
        else:
            rows.update(
                state=State.WAITING, reason="", claim="", tries=0, due_at=now, ended_at=None
            )
            gating.take_back(found)
            Deed.objects.filter(key=f"message:{found.key}"[:500]).delete()
            send.enqueue()
        audit(
            actor=actor, action="act.message.settled", target=str(found), request=request,
            after={"arrived": arrived},
        )  # fmt: skip
    return found


def latest_words(template: Template, channel: str | None) -> tuple[TemplateVersion, list[str]]:
    """Give the latest words of a template, and the channels that they are for, in order."""
    found = TemplateVersion.objects.filter(template=template, number=template.version).first()
    if found is None or template.retired_at is not None:
        raise NotWrittenError(str(template))
    there = set(Text.objects.filter(version=found).values_list("channel", flat=True))
    channels = [one for one in Channel.values if one in there and channel in (None, one)]
    if not channels:
        raise NotWrittenError(str(template))
    return found, channels


def ways_of(customer_ids: Sequence[str], channels: Sequence[str], recipient: str) -> dict[str, str]:
    """Choose for each customer the first channel on which she is reached."""
    if len(channels) == 1:
        return dict.fromkeys(customer_ids, channels[0])
    whose = customers_of(customer_ids)
    mine = list(dict.fromkeys(whose.values()))
    facts, people = facts_of(mine), addressing.contacts_of(mine, [recipient])
    handles = {one: addressing.handles_of(mine, one) for one in channels}
    found = {}
    for one in customer_ids:
        fact, person = facts[whose[one]], people.get((whose[one], recipient))
        reached = (c for c in channels if addressing.address_of(c, fact, person, handles[c]))
        found[one] = next(reached, channels[0])
    return found


def _within(hours: Hours | None, at: datetime, zone: ZoneInfo | None) -> datetime:
    return opens(at, hours, zone) if hours and zone else at


def _moment(said: datetime | Mapping[str, datetime] | None, one: str) -> datetime | None:
    return said.get(one) if isinstance(said, Mapping) else said
