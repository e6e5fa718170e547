"""The drain job: what the inbox holds becomes rows of the tables, exactly once.

A batch is set aside in the inbox under a number. Each table takes its rows in one commit that
carries the number, and takes none of a number that it has; `received_events` is last, so that a
number which it has is done. Then the batch leaves the inbox. A process may die at any point of
this: the next one does what is left of the same batch, and comes to the same rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import pyarrow as pa

from kizuna.jobs import door
from kizuna.jobs.drain_log import EVENTS, WRITER, Drained, DrainLog
from kizuna.jobs.leading import leading
from kizuna.pipeline.capture.answers import Answer, answers_of
from kizuna.pipeline.capture.contacts import Contact, contacts_of
from kizuna.pipeline.capture.messages.bodies import Body, parts, rejected, replayed
from kizuna.pipeline.capture.messages.reading import read
from kizuna.pipeline.capture.messages.rows import Link, Refused, Reject, Rows, Traits
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema

type Clock = Callable[[], datetime]

CONTACTS = "/interactions"
"""Path under which contacts are put into the inbox: read already, and one body holds many."""
ANSWERS = "/responses"
"""As with contacts, answers to surveys."""
FIRST_CURRENCY = "SELECT currency FROM {} WHERE currency IS NOT NULL LIMIT 1"
RECENT = timedelta(days=1)
A_BATCH = 5_000
"""Requests of a batch; the inbox bounds its bytes."""


class Entry(Protocol):
    """A request as the inbox keeps it."""

    @property
    def id(self) -> int: ...
    @property
    def received_at(self) -> datetime: ...
    @property
    def key_id(self) -> int: ...
    @property
    def path(self) -> str: ...
    @property
    def body(self) -> bytes: ...


class Inbox(Protocol):
    """What the drain asks of the inbox."""

    def claim(self, drain_no: int, limit: int) -> Sequence[Entry]: ...
    def claimed(self, drain_no: int) -> Sequence[Entry]: ...
    def settle(self, drain_no: int) -> int: ...
    def unsettled(self) -> Sequence[int]: ...


@dataclass(slots=True)
class Found:
    """What the messages of a batch become; `said` counts them all."""

    said: int = 0
    rows: list[Rows] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    marks: list[Reject] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that is in the tables now: its account, and what it told of customers."""

    account: Drained
    traits: Sequence[Traits]
    links: Sequence[Link]
    users: frozenset[str]
    orders: int
    recent: frozenset[str] = frozenset()
    """Customers of whom it tells what happened within `RECENT`."""
    happened: tuple[tuple[str, str, datetime], ...] = ()
    """Of these the customer, the name of the event and its moment."""


def draining(store: Store) -> AbstractContextManager[bool]:
    """Let one process drain at a time; False where another does."""
    return leading(store.folder, ".drain-lock")


def resume(store: Store, inbox: Inbox, log: DrainLog, clock: Clock) -> list[Batch]:
    """Finish what a process that died has begun; to be called once, before `drain`."""
    store.mend()
    log.put_right(store)
    done = store.batch_of(EVENTS, WRITER)
    batches = []
    for number in inbox.unsettled():
        if number > done:
            batches.append(_make(store, log, number, inbox.claimed(number), clock))
        inbox.settle(number)
    return batches


def drain(
    store: Store, inbox: Inbox, log: DrainLog, clock: Clock, limit: int = A_BATCH
) -> Batch | None:
    """Take one batch out of the inbox and into the tables; None where there is nothing."""
    number = store.batch_of(EVENTS, WRITER) + 1
    entries = inbox.claim(number, limit)
    if not entries:
        return None
    batch = _make(store, log, number, entries, clock)
    inbox.settle(number)
    return batch


def _make(
    store: Store, log: DrainLog, number: int, entries: Sequence[Entry], clock: Clock
) -> Batch:
    start, oldest = time.monotonic(), min(entry.received_at for entry in entries)
    found = _read(store, entries)
    found.rows, erased = door.of_messages(store, number, found.rows)
    found.contacts, strangers = door.of_contacts(store, number, found.contacts)
    found.answers, silenced = door.of_answers(store, number, found.answers)
    found.rejects += [*erased, *strangers, *silenced]
    new = log.new_ones([rows.event.message_id for rows in found.rows], number)
    kept = [rows for rows, first in zip(found.rows, new, strict=True) if first]
    _write(store, number, kept, found)
    now = clock()
    account = Drained(
        number,
        now,
        len(entries),
        len(kept),
        len(found.rejects),
        len(found.rows) - len(kept),
        time.monotonic() - start,
        (now - oldest).total_seconds(),
    )
    log.note(account)
    recent = _recent(kept, now - RECENT)
    return Batch(
        account,
        [traits for rows in kept for traits in rows.traits],
        [link for rows in kept for link in rows.links],
        frozenset(rows.event.user_id for rows in kept if rows.event.user_id),
        sum(rows.order is not None or rows.change is not None for rows in kept),
        frozenset(who for who, _name, _at in recent),
        recent,
    )


def _recent(kept: Sequence[Rows], since: datetime) -> tuple[tuple[str, str, datetime], ...]:
    events = (rows.event for rows in kept if rows.event.user_id)
    return tuple((e.customer_key, e.name, e.happened_at) for e in events if e.happened_at >= since)


def _read(store: Store, entries: Sequence[Entry]) -> Found:
    found, currency = Found(), Currency(store)
    for entry in entries:
        if entry.path == CONTACTS:
            found.contacts += contacts_of(bytes(entry.body), len(found.contacts))
            continue
        if entry.path == ANSWERS:
            found.answers += answers_of(bytes(entry.body), len(found.answers))
            continue
        body = body_of(entry)
        if body.replays:
            found.marks.append(replayed(body))
        for part in parts(body):
            found.said += 1
            try:
                rows = read(body, part, currency)
            except Refused as why:
                found.rejects.append(rejected(body, part, why))
            else:
                currency.learn(rows)
                found.rows.append(rows)
    return found


def body_of(entry: Entry) -> Body:
    """Give what the readers of messages are shown of a request."""
    at = entry.received_at
    # the moment too: an inbox that is made anew counts from 1 again
    name = f"{int(at.timestamp() * 1_000_000):x}-{entry.id:x}"
    return Body(
        name=name,
        received_at=at,
        key_id=str(entry.key_id),
        path=entry.path,
        content=bytes(entry.body),
    )


class Currency:
    """The currency of the orders so far: of those imported, else of the first that came in."""

    def __init__(self, store: Store) -> None:
        self.store, self.looked, self.found = store, False, ""

    def __call__(self) -> str | None:
        """Look it up once a batch."""
        if not self.looked:
            self.looked, self.found = True, self.found or self._look()
        return self.found or None

    def learn(self, rows: Rows) -> None:
        """Hold later orders to the first."""
        told = rows.order or rows.change
        if told is not None and told.currency:
            self.found = told.currency

    def _look(self) -> str:
        for name in ("transactions", "received_orders", "received_order_changes"):
            if name in self.store.names():
                with Engine(threads=1) as engine:
                    self.store.register(engine, name)
                    said = engine.query(FIRST_CURRENCY.format(name))["currency"]
                    if len(said):
                        return str(said[0].as_py())
        return ""


def _write(store: Store, number: int, kept: Sequence[Rows], found: Found) -> None:
    tables: dict[str, Sequence[tuple[Any, ...]]] = {
        "received_traits": [traits for rows in kept for traits in rows.traits],
        "received_links": [link for rows in kept for link in rows.links],
        "received_orders": [rows.order for rows in kept if rows.order is not None],
        "received_order_changes": [rows.change for rows in kept if rows.change is not None],
        "received_rejects": [*found.marks, *found.rejects],
        "received_interactions": found.contacts,
        "received_responses": found.answers,
    }
    for name, rows in tables.items():
        if rows:
            store.append_once(name, table_of(name, rows, number), writer=WRITER, number=number)
    # also where it has no rows: that it has the number says that all others are written
    events = table_of(EVENTS, [rows.event for rows in kept], number)
    store.append_once(EVENTS, events, writer=WRITER, number=number)


def table_of(name: str, rows: Sequence[tuple[Any, ...]], number: int) -> pa.Table:
    """Make a table of rows, with the number of their batch behind; one customer's together."""
    schema = arrow_schema(name)
    if not rows:
        return schema.empty_table()
    columns = [*zip(*rows, strict=True), [number] * len(rows)]
    arrays = [pa.array(_naive(values), schema.field(at).type) for at, values in enumerate(columns)]
    table = pa.Table.from_arrays(arrays, schema=schema)
    return table.sort_by("customer_key") if "customer_key" in schema.names else table


def _naive(values: Sequence[Any]) -> Sequence[Any]:
    """Give moments as the tables keep them: in UTC, without saying so."""
    if isinstance(values[0], datetime):
        return [value.replace(tzinfo=None) for value in values]
    return values
