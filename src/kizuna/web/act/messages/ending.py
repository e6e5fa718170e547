"""What became of messages: sent, held, dropped, refused, uncertain, or to be tried again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from django.db import transaction
from django.db.models import QuerySet

from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.deeds import record_deeds
from kizuna.web.act.actions.models import Kind
from kizuna.web.act.gate.asking import Decision
from kizuna.web.act.gate.models import Cause
from kizuna.web.act.messages import gating, patience
from kizuna.web.act.messages.channels import Fate, Outcome, is_safe
from kizuna.web.act.messages.models import Bounce, BounceKind, OutboxMessage, Setup, State
from kizuna.web.act.messages.preparing import NotNow, Ready

SOON = timedelta(minutes=10)
"""When a message is looked at again that is held by something which time does not end."""
KNOWN_FOR = timedelta(hours=20)
"""How long the other side knows a message by its key, at least."""
DEEDS = {"email": Kind.MAIL, "line": Kind.LINE, "sms": Kind.SMS, "webhook": Kind.WEBHOOK}
type Called = tuple[Ready, Outcome]


def mine(message: OutboxMessage) -> QuerySet[OutboxMessage]:
    """Give the row of a message while nobody else has taken it."""
    return OutboxMessage.objects.filter(pk=message.pk, claim=message.claim)


def still(messages: Sequence[OutboxMessage], *states: State) -> set[int]:
    """Give those of some messages that nobody else has taken, locked until the transaction ends."""
    found = OutboxMessage.objects.filter(
        pk__in=[m.pk for m in messages], claim__in={m.claim for m in messages}, state__in=states
    )
    return set(found.select_for_update(of=("self",)).values_list("pk", flat=True))


def leave(left: NotNow, now: datetime) -> None:
    """Keep a message that has no letter: held, or dropped for good."""
    if left.stops:
        _stop(left)
    said = {"reason": left.reason, "detail": left.detail, "claim": ""}
    taken = mine(left.message).filter(state=State.TAKEN)
    if left.is_held:
        taken.update(state=State.HELD, due_at=left.until or now + SOON, **said)
    elif taken.update(state=State.DROPPED, due_at=None, ended_at=now, **said):
        gating.withdraw(left.message)


def _stop(left: NotNow) -> None:
    """Stop a whole sending, and say why."""
    try:
        actions.pause(actor=None, action=left.message.action, why=f"{{{{ {left.detail} }}}}?")
    except actions.NotPossibleError:
        return


def not_let_through(found: Sequence[tuple[Ready, Decision]], now: datetime) -> None:
    """Keep what the gate said no to, within the transaction in which it did."""
    for decision in {one for _ready, one in found}:
        said = {"reason": decision.reason, "detail": "", "claim": "", "handed_at": None}
        said |= {"address": ""}
        these = [one.message.pk for one, other in found if other == decision]
        rows = OutboxMessage.objects.filter(pk__in=these)
        if decision.outcome == gating.HELD:
            due = max(decision.until or now + SOON, now + timedelta(seconds=1))
            rows.update(state=State.HELD, due_at=due, **said)
        else:
            rows.update(state=State.DROPPED, due_at=None, ended_at=now, **said)


def record(called: Sequence[Called], now: datetime, chance: Random) -> None:
    """Write down what became of each letter, all at once."""
    if not called:
        return
    with transaction.atomic():
        _sent([(one.message, found) for one, found in called if found.fate == Fate.SENT], now)
        for one, outcome in called:
            if outcome.fate != Fate.SENT:
                _record(one, outcome, now, chance)
        _mind_channels(called, now)


def _record(one: Ready, outcome: Outcome, now: datetime, chance: Random) -> None:
    message = one.message
    if outcome.fate == Fate.REFUSED:
        _refused(one, outcome, now)
    elif outcome.fate == Fate.UNCERTAIN and not _may_repeat(message, now):
        uncertain(message, outcome.reason, outcome.detail, now)
    else:
        _again(message, outcome, now, chance)


def _may_repeat(message: OutboxMessage, now: datetime) -> bool:
    return is_safe(message.channel) and now - message.asked_at < KNOWN_FOR


def _sent(called: Sequence[tuple[OutboxMessage, Outcome]], now: datetime) -> None:
    """Count messages as sent, with what was done, its cost among it.

    Who was slow may still say what became of a message that was given up as uncertain.
    """
    here = still([message for message, _found in called], State.HANDED, State.UNCERTAIN)
    told = {"reason": "", "detail": "", "due_at": None, "ended_at": now}
    for reference in {found.reference for _message, found in called}:
        these = [m.pk for m, found in called if found.reference == reference and m.pk in here]
        rows = OutboxMessage.objects.filter(pk__in=these)
        rows.update(state=State.SENT, reference=reference, **told)
    _done([message for message, _found in called if message.pk in here], now)


def uncertain(message: OutboxMessage, reason: str, detail: str, now: datetime) -> None:
    """Leave a message that may have arrived: shown, counted, and never sent again by itself."""
    handed = mine(message).filter(state=State.HANDED)
    told = {"reason": reason, "detail": detail[:300], "due_at": None, "ended_at": now}
    if handed.update(state=State.UNCERTAIN, **told):
        _done([message], now)


def _done(messages: Sequence[OutboxMessage], now: datetime) -> None:
    for channel in {message.channel for message in messages}:
        done = (
            (f"message:{m.key}"[:500], m.action, m.customer_id, m.handed_at or now)
            for m in messages
            if m.channel == channel
        )
        record_deeds(done=done, kind=DEEDS[channel])


def _refused(one: Ready, outcome: Outcome, now: datetime) -> None:
    message = one.message
    told = {"reason": outcome.reason, "detail": outcome.detail[:300]}
    if (
        not mine(message)
        .filter(state=State.HANDED)
        .update(state=State.REFUSED, due_at=None, ended_at=now, claim="", **told)
    ):
        return
    gating.take_back(message)
    gating.withdraw(message)
    if outcome.bounced:
        _bounced(one, outcome, now)


def _bounced(one: Ready, outcome: Outcome, now: datetime) -> None:
    message = one.message
    Bounce.objects.get_or_create(
        key=f"refused:{message.pk}",
        defaults={
            "message": message,
            "customer_id": one.customer_id,
            "channel": message.channel,
            "kind": BounceKind.HARD,
            "status": outcome.detail.partition(" ")[0][:20],
            "said": outcome.detail[:500],
            "at": now,
        },
    )
    gating.suppress(one.customer_id, message.channel, Cause.BOUNCE, outcome.detail[:300])


def _again(message: OutboxMessage, outcome: Outcome, now: datetime, chance: Random) -> None:
    """Line a message up again; what was the channel's fault counts not as its try."""
    tries = message.tries + (0 if outcome.down else 1)
    quiet = patience.quiet_for(1, outcome.wait)
    wait = quiet if outcome.down else patience.again_in(tries, outcome.wait, chance)
    told = {"reason": outcome.reason, "detail": outcome.detail[:300], "claim": ""}
    handed = mine(message).filter(state=State.HANDED)
    if wait is None:
        changed = handed.update(state=State.REFUSED, due_at=None, ended_at=now, tries=tries, **told)
    else:
        changed = handed.update(state=State.WAITING, due_at=now + wait, tries=tries, **told)
    if changed:
        gating.take_back(message)
    if changed and wait is None:
        gating.withdraw(message)


def _mind_channels(called: Sequence[Called], now: datetime) -> None:
    """Leave a channel alone that does not work, and trust one again that does."""
    for channel in {one.message.channel for one, _outcome in called}:
        said = [outcome for one, outcome in called if one.message.channel == channel]
        down = [outcome for outcome in said if outcome.down]
        if len(down) == len(said):
            _leave_alone(channel, down[-1], now)
        else:
            recovered = Setup.objects.filter(channel=channel).exclude(silences=0)
            recovered.update(silences=0, paused_until=None, trouble="")


def is_down(called: Sequence[Called]) -> bool:
    """Whether nothing went through, and none of it was the letters' fault."""
    return bool(called) and all(outcome.down for _one, outcome in called)


def _leave_alone(channel: str, outcome: Outcome, now: datetime) -> None:
    found, _made = Setup.objects.get_or_create(channel=channel, defaults={"changed_at": now})
    silences = min(found.silences + 1, 100)
    Setup.objects.filter(pk=found.pk).update(
        silences=silences,
        paused_until=now + patience.quiet_for(silences, outcome.wait),
        trouble=f"{outcome.reason}: {outcome.detail}"[:200],
    )
