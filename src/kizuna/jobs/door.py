"""The door: whoever was erased is not let in again, by a file or by a message; it is counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kizuna.jobs.tombstones import Tombstones, of_store
from kizuna.pipeline.capture.answers import Answer
from kizuna.pipeline.capture.contacts import Contact
from kizuna.pipeline.capture.loading import ROWS as ORDER_ROWS
from kizuna.pipeline.capture.messages.rows import Reject, Rows
from kizuna.pipeline.capture.standard.reading import ROWS as RECORD_ROWS
from kizuna.pipeline.engine import Engine, identifier
from kizuna.pipeline.store import Store

REASON = "erased"
"""Why it is left out; it says so of no row whose, and keeps nothing of its content."""
NAMING = ("customer_id", "email", "phone")
ANONYMOUS = "anon:"


def of_orders(engine: Engine, store: Store, counts: dict[str, int]) -> dict[str, int]:
    """Leave those who were erased out of `orders`; give reason → rows left out, with them."""
    stones = of_store(store.folder)
    if not stones.known():
        return counts
    erased = stones.condition("customer_id")
    rows = engine.query(f"SELECT 1 FROM {ORDER_ROWS} WHERE reason IS NULL AND {erased}")
    if not len(rows):
        return counts
    engine.create("let_in", f"SELECT * FROM orders WHERE NOT {erased}")
    engine.view("orders", "SELECT * FROM let_in")
    return {**counts, REASON: len(rows)}


def of_records(engine: Engine, store: Store) -> None:
    """Give rows of those who were erased a reason to be left out."""
    stones = of_store(store.folder)
    if not stones.known():
        return
    asked = [name for name in NAMING if name in engine.schema(RECORD_ROWS).names]
    if not asked:
        return
    erased = " OR ".join(stones.condition(identifier(name)) for name in asked)
    engine.create(
        "let_in",
        f"SELECT * REPLACE (CASE WHEN {erased} THEN '{REASON}' ELSE reason END AS reason) "
        f"FROM {RECORD_ROWS}",
    )
    engine.view(RECORD_ROWS, "SELECT * FROM let_in")


def hide(engine: Engine) -> None:
    """Keep nothing of the rows of `rejected` that are of those who were erased."""
    engine.create(
        "rejected_bare",
        f"SELECT * REPLACE (CASE WHEN reason = '{REASON}' THEN '' ELSE raw END AS raw) "
        "FROM rejected",
    )
    engine.view("rejected", "SELECT * FROM rejected_bare")


def of_messages(
    store: Store, number: int, found: Sequence[Rows]
) -> tuple[list[Rows], list[Reject]]:
    """Part messages of a batch from those of people who were erased, of whom nothing is kept."""
    stones = of_store(store.folder)
    said = (name for rows in found for name in (*_names(rows), rows.event.group_id or ""))
    erased = _among(stones, said)
    if not erased:
        return list(found), []
    kept = [_alone(rows, erased) for rows in found if erased.isdisjoint(_names(rows))]
    gone = [rows for rows in found if not erased.isdisjoint(_names(rows))]
    return kept, [_refused(number, at, rows) for at, rows in enumerate(gone)]


def of_contacts(
    store: Store, number: int, found: Sequence[Contact]
) -> tuple[list[Contact], list[Reject]]:
    """Part contacts of a batch from those with people who were erased, as with messages."""
    erased = _among(of_store(store.folder), (contact.customer_key for contact in found))
    kept = [contact for contact in found if contact.customer_key not in erased]
    gone = [contact for contact in found if contact.customer_key in erased]
    return kept, [_refused_contact(number, at, contact) for at, contact in enumerate(gone)]


def of_answers(
    store: Store, number: int, found: Sequence[Answer]
) -> tuple[list[Answer], list[Reject]]:
    """Part answers of a batch from those of people who were erased, as with messages."""
    erased = _among(of_store(store.folder), (answer.customer_key for answer in found))
    kept = [answer for answer in found if answer.customer_key not in erased]
    gone = [answer for answer in found if answer.customer_key in erased]
    return kept, [_refused_answer(number, at, answer) for at, answer in enumerate(gone)]


def _among(stones: Tombstones, names: Iterable[str]) -> set[str]:
    return stones.among(set(names)) if stones.path.exists() else set()


def _names(rows: Rows) -> Iterator[str]:
    """Give all by which a message says who it is about, an account that it fills too."""
    event = rows.event
    said = [event.customer_key, event.user_id, event.anonymous_id]
    said += [key for link in rows.links for key in (link.from_key, link.to_key)]
    said += [word for traits in rows.traits for word in (traits.email, traits.phone)]
    for name in filter(None, said):
        yield name
        yield name.removeprefix(ANONYMOUS)


def _alone(rows: Rows, erased: set[str]) -> Rows:
    """Let a message of a member name no account that was erased."""
    if rows.event.group_id in erased:
        rows.event = rows.event._replace(group_id=None)
    return rows


def _refused(number: int, at: int, rows: Rows) -> Reject:
    name = f"{REASON}-{number}-{at}"
    received, key = rows.event.received_at, rows.event.source
    return Reject(name, REASON, REASON, "", "", key, received, None, False)


def _refused_contact(number: int, at: int, contact: Contact) -> Reject:
    name, received = f"{REASON}-contact-{number}-{at}", contact.received_at
    return Reject(name, REASON, REASON, "", "", contact.source, received, None, False)


def _refused_answer(number: int, at: int, answer: Answer) -> Reject:
    name, received = f"{REASON}-answer-{number}-{at}", answer.received_at
    return Reject(name, REASON, REASON, "", "", "survey", received, None, False)
