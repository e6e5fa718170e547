"""What is asked of the gate, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kizuna.web.act.actions.models import Action
from kizuna.web.act.gate.models import Outcome

if TYPE_CHECKING:
    from kizuna.web.act.gate.known import Known


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a contact is let through, why, and from when on one that is held may be asked again.

    `until` is empty where a hold ends by something else than time, such as a pause.
    """

    outcome: str
    reason: str
    until: datetime | None = None

    @property
    def is_sent(self) -> bool:
        """Whether it is let through."""
        return self.outcome == Outcome.SENT

    @property
    def is_held(self) -> bool:
        """Whether it is to be asked again."""
        return self.outcome == Outcome.HELD

    @property
    def is_dropped(self) -> bool:
        """Whether it is never to be."""
        return self.outcome == Outcome.DROPPED


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact that is about to be made.

    `key` names it: once it was let through, asking again gives the same answer and counts nothing
    twice. `purpose` and `topic` are those of consent; of an offer that is written they must be
    there. Higher `priority` goes first.
    """

    key: str
    customer_id: str
    channel: str
    action: Action
    purpose: str | None = None
    topic: str | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A contact as the checks see it: with whom, under all keys, how, for what, when.

    `customer_id` is the customer as she is now; `known` is what was read of all who are decided on
    together.
    """

    key: str
    customer_id: str
    keys: Sequence[str]
    account_id: str
    channel: str
    action: Action
    purpose: str
    topic: str
    at: datetime
    priority: int
    known: Known


SENT = Decision(Outcome.SENT.value, "sent")


def held(reason: str, until: datetime | None = None) -> Decision:
    """Answer: not now."""
    return Decision(Outcome.HELD.value, reason, until)


def dropped(reason: str) -> Decision:
    """Answer: never."""
    return Decision(Outcome.DROPPED.value, reason)
