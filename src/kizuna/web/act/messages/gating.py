"""What the outbox asks of the contact gate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kizuna.web.act.gate import services as gate
from kizuna.web.act.gate.models import Cause, Entry, Outcome
from kizuna.web.act.messages.models import OutboxMessage
from kizuna.web.act.messages.preparing import Ready

SENT = Outcome.SENT.value
HELD = Outcome.HELD.value


def decide(ready: Sequence[Ready], at: datetime) -> list[gate.Decision]:
    """Ask which messages may go now; logged by the gate."""
    return gate.decide_many(contacts=[_contact(one) for one in ready], at=at)


def _contact(one: Ready) -> gate.Contact:
    return gate.Contact(
        key=key_of(one.message),
        customer_id=one.message.customer_id,
        channel=one.message.channel,
        action=one.message.action,
        purpose=one.purpose,
        topic=one.topic,
        priority=one.message.priority,
    )


def take_back(message: OutboxMessage) -> None:
    """Say that what was let through was certainly not taken: it counts not, and is asked anew."""
    gate.take_back(key=key_of(message))


def withdraw(*messages: OutboxMessage) -> None:
    """Say that messages will not be asked for again."""
    gate.withdraw(keys=[key_of(message) for message in messages])


def suppress(customer_id: str, channel: str, cause: Cause, detail: str) -> None:
    """Write no more to an address that is none, or to somebody who complained."""
    gate.suppress(customer_id=customer_id, channel=channel, cause=cause, detail=detail)


def key_of(message: OutboxMessage) -> str:
    """Name the contact that a message is; keys of the gate are shorter than those of messages."""
    return message.key if len(message.key) <= LONGEST else f"message:{message.pk}"


LONGEST: int = Entry._meta.get_field("key").max_length or 0
