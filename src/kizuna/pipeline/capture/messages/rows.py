"""What a message becomes: one row of a table, in the order of the table's columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple


class Event(NamedTuple):
    """Every message that was accepted, whatever its kind."""

    message_id: str
    kind: str
    name: str
    customer_key: str
    user_id: str | None
    anonymous_id: str | None
    group_id: str | None
    happened_at: datetime
    received_at: datetime
    backdated: bool
    source: str
    properties: str | None
    context: str | None


class Traits(NamedTuple):
    """What a message says of who a customer is."""

    message_id: str
    customer_key: str
    kind: str
    name: str | None
    name_kana: str | None
    email: str | None
    phone: str | None
    country: str | None
    region: str | None
    city: str | None
    acquired_on: date | None
    happened_at: datetime
    received_at: datetime
    traits: str


class Link(NamedTuple):
    """What a message says of two names: 'anonymous' and 'alias' are one customer, 'member' in."""

    message_id: str
    kind: str
    from_key: str
    to_key: str
    happened_at: datetime
    received_at: datetime


class Order(NamedTuple):
    """An order, or money that went back (below zero), in minor units."""

    message_id: str
    customer_key: str
    order_id: str
    ordered_at: datetime
    received_at: datetime
    amount: int
    currency: str


class OrderChange(NamedTuple):
    """What became of an order: 'updated' to an amount, or 'cancelled'."""

    message_id: str
    customer_key: str
    order_id: str
    changed_at: datetime
    received_at: datetime
    word: str
    amount: int | None
    currency: str | None


class Reject(NamedTuple):
    """A message that cannot be used: why, which field, and the message as it came."""

    reject_id: str
    state: str
    code: str
    field: str
    path: str
    key_id: str
    received_at: datetime
    body: str | None
    is_base64: bool


@dataclass(slots=True)
class Rows:
    """What one message becomes; a message that is refused becomes nothing but a reject."""

    event: Event
    traits: list[Traits] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    order: Order | None = None
    change: OrderChange | None = None


class Refused(ValueError):  # noqa: N818  -- a message is refused; nothing went wrong with us
    """The message cannot be used; `code` and `field` say why."""

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(f"{code} {field}".strip())
        self.code, self.field = code, field
