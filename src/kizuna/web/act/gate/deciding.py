"""Decide on contacts, many at once or one: the same rules by the same way, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from kizuna.web.act.actions.models import Action
from kizuna.web.act.actions.whose import Who
from kizuna.web.act.gate.asking import Asked, Contact, Decision, dropped
from kizuna.web.act.gate.checks import LASTING, is_counted, weigh
from kizuna.web.act.gate.known import Known
from kizuna.web.act.gate.models import Channel, Entry, Outcome, Recipient
from kizuna.web.capture.consents.queries import erased

SAME_CHANNEL = {"mail": Channel.EMAIL.value, "call": Channel.PHONE.value}
"""Names that kinds of actions have for a channel."""
ERASED = dropped("erased")
"""Nothing is written down of it: nothing is kept of her."""


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

    What the arguments are, `Contact` says.
    """
    one = Contact(key, customer_id, channel, action, purpose, topic, priority)
    return decide_many(contacts=[one], at=at)[0]


def decide_many(*, contacts: Sequence[Contact], at: datetime) -> list[Decision]:
    """Say which of some contacts may be made now, in their order, as if asked one after another.

    A thousand at once is about right: all of their customers are locked until the transaction of
    the caller ends.
    """
    with transaction.atomic():
        asked = _asked(contacts, at)
        gone = _erased(contacts, asked)
        there = {key: one for key, one in asked.items() if key not in gone}
        _wait_for(list(there.values()))
        found = _decided(there)
    return [found.get(one.key, ERASED) for one in contacts]


def foreseen(*, contacts: Sequence[Contact], at: datetime) -> dict[str, Decision]:
    """Say by their keys which contacts would be dropped whenever they are asked for.

    Chance, caps, quiet hours and priority are left out; nothing is logged, stored or locked.
    """
    asked = _asked(contacts, at)
    gone = _erased(contacts, asked)
    found = dict.fromkeys(gone, ERASED)
    for key, one in asked.items():
        said = (check(one) for check in LASTING)
        no = next((answer for answer in said if answer is not None), None)
        if no is not None and key not in gone:
            found[key] = no
    return found


def channel_of(name: str) -> str:
    """Name a channel as the gate does."""
    return Channel(SAME_CHANNEL.get(name, name)).value


def _decided(asked: Mapping[str, Asked]) -> dict[str, Decision]:
    before = {one.key: one for one in Entry.objects.filter(key__in=list(asked)).order_by("pk")}
    through = {key: one for key, one in before.items() if one.outcome == Outcome.SENT}
    new = [one for key, one in asked.items() if key not in through]
    _look_again(new)
    found = weigh(new, new[0].known) if new else {}
    _log(new, found, before)
    return {key: Decision(one.outcome, one.reason) for key, one in through.items()} | found


def _asked(contacts: Sequence[Contact], at: datetime) -> dict[str, Asked]:
    who = Who.of([one.customer_id for one in contacts])
    known, found = Known(who, at), {}
    for one in contacts:
        customer = who.named[one.customer_id]
        found[one.key] = Asked(
            key=one.key,
            customer_id=customer,
            keys=who.keys_of(customer),
            account_id=who.accounts.get(customer, ""),
            channel=channel_of(one.channel),
            action=one.action,
            purpose=one.purpose or "",
            topic=one.topic or "",
            at=at,
            priority=one.priority,
            known=known,
        )
    return found


def _erased(contacts: Sequence[Contact], asked: Mapping[str, Asked]) -> set[str]:
    """Give the keys of contacts with those who were erased, under whichever of their keys."""
    mine = {one.key: {one.customer_id, *asked[one.key].keys} for one in contacts}
    gone = erased(set().union(*mine.values()))
    return {key for key, ids in mine.items() if ids & gone}


def _wait_for(asked: Sequence[Asked]) -> None:
    """Decide on one customer, and on one account, one after the other, so that caps hold."""
    ids = sorted({id for one in asked for id in (one.customer_id, one.account_id)} - {""})
    Recipient.objects.bulk_create([Recipient(pk=one) for one in ids], ignore_conflicts=True)
    locked = Recipient.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    list(locked.values_list("pk", flat=True))


def _look_again(asked: Sequence[Asked]) -> None:
    """Read how the actions stand now, whatever was read of them before."""
    rows = Action.objects.filter(pk__in={one.action.pk for one in asked})
    now = {action.pk: action for action in rows.only("state", "is_optional")}
    for action in {id(one.action): one.action for one in asked}.values():
        action.state, action.is_optional = now[action.pk].state, now[action.pk].is_optional


def _log(
    asked: Sequence[Asked], found: Mapping[str, Decision], before: Mapping[str, Entry]
) -> None:
    """Write the decisions down; one that was made before is counted up."""
    again, new, closed = [], [], []
    for one in asked:
        last, now = before.get(one.key), found[one.key]
        if last is not None and (last.outcome, last.reason) == (now.outcome, now.reason):
            last.until = now.until
            again.append(last)
            continue
        closed += [last.pk] if last is not None and last.is_open else []
        new.append(_entry(one, now))
    if again:
        Entry.objects.bulk_update(again, ["until"])
        at = asked[0].at
        Entry.objects.filter(pk__in=[one.pk for one in again]).update(at=at, times=F("times") + 1)
    if closed:
        Entry.objects.filter(pk__in=closed).update(is_open=False)
    Entry.objects.bulk_create(new)


def _entry(asked: Asked, found: Decision) -> Entry:
    return Entry(
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
