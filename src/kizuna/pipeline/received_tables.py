"""Tables of what the event API took in. Rows keep the customer key that they came with."""

from __future__ import annotations

from dataclasses import replace

from kizuna.pipeline.contracts import Column, Table

_MESSAGE = Column("message_id", "VARCHAR", "", "the message, as its sender named it")
_KEY = Column("customer_key", "VARCHAR", "", "the user id, or else 'anon:' and the anonymous id")
_HAPPENED = Column("happened_at", "TIMESTAMP", "UTC", "when it happened, by a clock put right")
_RECEIVED = Column("received_at", "TIMESTAMP", "UTC", "when it was received")
_DRAIN = Column("drain_no", "BIGINT", "", "number of the batch that brought it from the inbox")
_CURRENCY = Column("currency", "VARCHAR", "ISO 4217", "currency of the amount")


def _text(name: str, meaning: str, unit: str = "") -> Column:
    return Column(name, "VARCHAR", unit, meaning, nullable=True)


EVENTS = Table(
    "received_events",
    ("message_id",),
    "Every message that was accepted.",
    (
        _MESSAGE,
        Column("kind", "VARCHAR", "", "identify, track, page, screen, group or alias"),
        Column("name", "VARCHAR", "", "the event, or the page or screen; else the kind"),
        _KEY,
        _text("user_id", "the user id"),
        _text("anonymous_id", "the anonymous id"),
        _text("group_id", "the account"),
        _HAPPENED,
        _RECEIVED,
        Column("backdated", "BOOLEAN", "", "whether it is of the past: nothing is set off by it"),
        Column("source", "VARCHAR", "", "number of the write key"),
        _text("properties", "what else is known of it; of identify and group the traits", "JSON"),
        _text("context", "where and by what it was sent", "JSON"),
        _DRAIN,
    ),
)

TRAITS = Table(
    "received_traits",
    ("message_id",),
    "What messages say of who a customer is.",
    (
        _MESSAGE,
        _KEY,
        Column("kind", "VARCHAR", "", "'person' or 'company'"),
        _text("name", "name of the person or company"),
        _text("name_kana", "reading of the name"),
        _text("email", "mail address, in small letters"),
        _text("phone", "telephone number, with its country", "E.164"),
        _text("country", "country"),
        _text("region", "prefecture, state or region"),
        _text("city", "city"),
        Column("acquired_on", "DATE", "day", "day on which the customer was won", True),
        _HAPPENED,
        _RECEIVED,
        Column("traits", "VARCHAR", "JSON", "all traits"),
        _DRAIN,
    ),
)

LINKS = Table(
    "received_links",
    ("message_id", "kind"),
    "What messages say of two keys: that they are one customer, or that one belongs to the other.",
    (
        _MESSAGE,
        Column(
            "kind", "VARCHAR", "", "'anonymous' or 'alias': one customer; 'member': of an account"
        ),
        Column("from_key", "VARCHAR", "", "key that is less known; of 'alias' as it was given"),
        Column("to_key", "VARCHAR", "", "key that is better known, or the account"),
        _HAPPENED,
        _RECEIVED,
        _DRAIN,
    ),
)

ORDERS = Table(
    "received_orders",
    ("message_id",),
    "Orders and returns by events, before they are in the log of orders.",
    (
        _MESSAGE,
        _KEY,
        Column("order_id", "VARCHAR", "", "the order; of a return also its message"),
        Column("ordered_at", "TIMESTAMP", "UTC", "when it happened"),
        _RECEIVED,
        Column("amount", "BIGINT", "minor", "amount; below zero where money went back"),
        _CURRENCY,
        _DRAIN,
    ),
)

ORDER_CHANGES = Table(
    "received_order_changes",
    ("message_id",),
    "What became of orders, by events; the latest word on an order by its own clock counts.",
    (
        _MESSAGE,
        _KEY,
        Column("order_id", "VARCHAR", "", "the order"),
        Column("changed_at", "TIMESTAMP", "UTC", "when it happened"),
        _RECEIVED,
        Column("word", "VARCHAR", "", "'updated' to the amount, or 'cancelled'"),
        Column("amount", "BIGINT", "minor", "amount from then on", True),
        replace(_CURRENCY, nullable=True),
        _DRAIN,
    ),
)

REJECTS = Table(
    "received_rejects",
    ("reject_id", "state"),
    "Messages that could not be used, as they came, and which of them were tried again.",
    (
        Column("reject_id", "VARCHAR", "", "the reject, by when and where it was received"),
        Column("state", "VARCHAR", "", "'rejected', or 'replayed': tried again since"),
        Column("code", "VARCHAR", "", "why, in a word"),
        Column("field", "VARCHAR", "", "field that it is about; empty: the whole"),
        Column("path", "VARCHAR", "", "address that it was sent to"),
        Column("key_id", "VARCHAR", "", "number of the write key"),
        _RECEIVED,
        _text("body", "the message as it came; of what is no UTF-8 as base64"),
        Column("is_base64", "BOOLEAN", "", "whether the body is base64"),
        _DRAIN,
    ),
)

INTERACTIONS = Table(
    "received_interactions",
    ("row_no", "drain_no"),
    "Contacts as programs, webhooks and mailboxes told them; the last word on each counts.",
    (
        Column("interaction_id", "VARCHAR", "", "the contact, as named by its source"),
        Column("customer_key", "VARCHAR", "", "the customer, as named by the source"),
        _HAPPENED,
        Column("channel", "VARCHAR", "", "mail, phone, chat, line, visit, …"),
        _text("direction", "'in' from the customer, 'out' to the customer"),
        _text("case_id", "the case or thread that it belongs to"),
        _text("agent", "who of the company took part"),
        _text("subject", "what it was about"),
        _text("text", "what was said or written"),
        Column("wait_seconds", "DOUBLE", "seconds", "how long the customer waited", True),
        Column("minutes", "DOUBLE", "minutes", "how long it took", True),
        Column("transfers", "INTEGER", "", "times the customer was passed on", True),
        _text("outcome", "what came of it"),
        _text("custom", "other values that were kept", "JSON"),
        Column("source", "VARCHAR", "", "where it came from: 'api', 'webhook 1', 'mailbox 1'"),
        _RECEIVED,
        Column("row_no", "BIGINT", "", "place within the batch, in the order of coming"),
        _DRAIN,
    ),
)

RESPONSES = Table(
    "received_responses",
    ("row_no", "drain_no"),
    "Answers to surveys of the application; of each, the highest version counts.",
    (
        Column("response_id", "VARCHAR", "", "the answer"),
        Column("customer_key", "VARCHAR", "", "the customer, as named by the source"),
        Column("answered_at", "TIMESTAMP", "UTC", "when it was given, or changed"),
        Column("survey", "VARCHAR", "", "name of the survey"),
        Column("kind", "VARCHAR", "", "nps, csat, ces or custom"),
        Column("score", "DOUBLE", "", "number given", True),
        Column("scale_low", "DOUBLE", "", "lowest number of the scale", True),
        Column("scale_high", "DOUBLE", "", "highest number of the scale", True),
        _text("comment", "what was written beside it"),
        _text("custom", "answers to further questions", "JSON"),
        Column("version", "BIGINT", "", "1, and one more with each change of the answer"),
        _RECEIVED,
        Column("row_no", "BIGINT", "", "place within the batch, in the order of coming"),
        _DRAIN,
    ),
)

RECEIVED_TABLES = (
    *(EVENTS, TRAITS, LINKS, ORDERS, ORDER_CHANGES, REJECTS, INTERACTIONS, RESPONSES),
)
