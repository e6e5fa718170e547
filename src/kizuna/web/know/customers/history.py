"""What happened with one customer, the latest first, page by page from the published tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kizuna.pipeline.engine import Engine, quoted
from kizuna.pipeline.parameters import minor_units
from kizuna.web.capture.consents.queries import latest
from kizuna.web.capture.consents.wording import about
from kizuna.web.capture.events.queries import events_of, said
from kizuna.web.capture.identities.queries import raw_ids
from kizuna.web.know.customers.engines import own_engine
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.customers.threads import Said, threads
from kizuna.web.know.notes.queries import notes_on
from kizuna.web.know.profiles.queries import changes
from kizuna.web.know.publications.queries import Published
from kizuna.web.ui.leafing import Leafing
from kizuna.web.ui.templatetags.ui import writer

A_PAGE = 50
MOST_PAGES = 200
"""Pages that can be leafed through; a day leads further back."""

ORDERS = """
SELECT ordered_on, order_id, amount FROM transactions
WHERE customer_id IN ({keys}) AND ordered_on <= $1 AND ordered_on >= $4
ORDER BY ordered_on DESC, order_id DESC LIMIT $2 OFFSET $3"""

PARTS = {
    "transactions": "SELECT CAST(ordered_on AS TIMESTAMP) AS happened, 'order' AS kind,"
    " order_id AS a, NULL AS b, CAST(amount AS DOUBLE) AS n"
    " FROM transactions WHERE customer_id IN ({keys}) AND ordered_on >= DATE '{since}'",
    "events": "SELECT happened_at, 'event', name, source, NULL FROM events"
    " WHERE customer_id IN ({keys})",
    "responses": "SELECT answered_at, 'response', coalesce(survey, kind), comment, score"
    " FROM responses WHERE customer_id IN ({keys})",
}
FIRST_DAY, LAST_DAY = date(1, 1, 1), date(9999, 12, 31)
MANY_ORDERS = 10_000
"""Of so many only the latest days are read, as far back as they must reach by the usual pace."""
SPARE = 5
"""So many times further back, and as many days more."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order or a return, its amount in units of the currency."""

    ordered_on: date
    order_id: str
    amount: float

    @property
    def is_return(self) -> bool:
        """Whether money went back."""
        return self.amount < 0


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened: when, what kind of thing, in a few words, and what was said."""

    at: datetime
    whole_day: bool
    icon: str
    kind: str
    title: str
    text: str = ""
    contacts: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Leaf(Leafing):
    """A page of a history, in the words of the component that leafs."""

    items: list[Any]
    number: int
    has_next: bool


def orders(
    state: Published,
    customer_id: str,
    number: int,
    until: date | None = None,
    *,
    fact: CustomerFact | None = None,
) -> Leaf:
    """Read a page of orders from the version of the table that the facts were made from."""
    number = min(max(number, 1), MOST_PAGES)
    last, start = until or LAST_DAY, (number - 1) * A_PAGE
    given = [last, A_PAGE + 1, start]
    rows: list[dict[str, Any]] = []
    for since in _since(fact, last, start + A_PAGE + 1):
        if len(rows) <= A_PAGE:
            rows = _orders(state, customer_id, [*given, since])
    unit = minor_units(state.currency)
    found = [Purchase(r["ordered_on"], r["order_id"], r["amount"] / unit) for r in rows]
    return _leaf(found, number)


def timeline(
    state: Published, customer_id: str, number: int, *, fact: CustomerFact | None = None
) -> Leaf:
    """Put together what was bought, done, said and noted; the latest first."""
    number = min(max(number, 1), MOST_PAGES)
    many = number * A_PAGE + 1
    rows: list[dict[str, Any]] = []
    keys = raw_ids(customer_id)
    for since in _since(fact, LAST_DAY, many):
        if sum(row["kind"] == "order" for row in rows) < many:
            rows = _brought(state, keys, many, since)
    found = [
        *(_moment(row, state) for row in rows),
        *_received(keys, many),
        *_threads(state, keys, many),
        *_noted(customer_id, many),
        *_changed(customer_id, many),
        *_consented(customer_id, many),
    ]
    found.sort(key=lambda moment: moment.at, reverse=True)
    return _leaf(found[(number - 1) * A_PAGE : many], number)


def _since(fact: CustomerFact | None, last: date, many: int) -> list[date]:
    """Give days from which to read until there are rows enough; from the first day in the end."""
    if fact is None or not fact.orders or not fact.first_purchase or not fact.last_purchase:
        return [FIRST_DAY]
    if fact.orders < MANY_ORDERS:
        return [FIRST_DAY]
    pace = ((fact.last_purchase - fact.first_purchase).days + 1) / fact.orders
    end = min(last, fact.last_purchase)
    return [end - timedelta(days=ceil(SPARE * many * pace) + SPARE), FIRST_DAY]


def _orders(state: Published, customer_id: str, given: list[Any]) -> list[dict[str, Any]]:
    if "transactions" not in state.publication.read_versions:
        return []
    with own_engine() as engine:
        engine.register_parquet("transactions", state.files("transactions"))
        rows: list[dict[str, Any]] = engine.query(
            ORDERS.format(keys=_listed(raw_ids(customer_id))), given
        ).to_pylist()
        return rows


def _leaf(found: list[Any], number: int) -> Leaf:
    return Leaf(found[:A_PAGE], number, len(found) > A_PAGE and number < MOST_PAGES)


def _brought(state: Published, keys: list[str], many: int, since: date) -> list[dict[str, Any]]:
    with own_engine() as engine:
        parts = list(_readable(engine, state))
        if not parts:
            return []
        union = " UNION ALL ".join(f"({PARTS[name]} ORDER BY 1 DESC LIMIT $1)" for name in parts)
        sql = f"SELECT * FROM ({union}) ORDER BY happened DESC, kind, a DESC LIMIT $1"
        known = sql.format(keys=_listed(keys), since=since)
        rows: list[dict[str, Any]] = engine.query(known, [many]).to_pylist()
        return rows


def _listed(keys: list[str]) -> str:
    """SQL: every key under which a customer's rows came."""
    return ", ".join(map(quoted, keys))


def _readable(engine: Engine, state: Published) -> Iterator[str]:
    for name in PARTS:
        if name in state.publication.read_versions and (files := state.files(name)):
            engine.register_parquet(name, files)
            yield name


def _moment(row: dict[str, Any], state: Published) -> Moment:
    at = row["happened"] if row["happened"].tzinfo else row["happened"].replace(tzinfo=UTC)
    first, second, number = row["a"] or "", row["b"] or "", row["n"]
    if row["kind"] == "order":
        amount = writer(state.currency).money(number / minor_units(state.currency))
        word = _("Order") if number >= 0 else _("Return")
        local = timezone.make_aware(datetime.combine(at.date(), time.min))
        return Moment(local, True, "table", word, amount, first)
    if row["kind"] == "response":
        score = "" if number is None else writer().number(number, 0 if number == int(number) else 1)
        return Moment(at, False, "good", _("Answer"), f"{first} {score}".strip(), second)
    return Moment(at, False, "dot", _("Event"), first, second)


def _threads(state: Published, keys: list[str], many: int) -> Iterator[Moment]:
    for found in threads(state, keys, many):
        word = _("Contact with the customer")
        one = found.contacts[0].text if len(found.contacts) == 1 else ""
        text = "\n".join(filter(None, (found.summary, one)))
        several = found.contacts if len(found.contacts) > 1 else ()
        yield Moment(found.at, False, "mail", word, found.title, text, several)


def _received(keys: list[str], many: int) -> Iterator[Moment]:
    """Give events up to the last second: they wait for no publication."""
    for row in events_of(keys, many):
        yield Moment(
            row["happened_at"], False, "dot", _("Event"), row["name"], said(row["properties"])
        )


def _noted(customer_id: str, many: int) -> Iterator[Moment]:
    for note in notes_on(customer_id, many):
        yield Moment(note.written_at, False, "log", _("Note written"), note.author.name, note.text)


def _changed(customer_id: str, many: int) -> Iterator[Moment]:
    for change in changes(customer_id, many):
        who = change.person.name if change.person else ""
        yield Moment(change.at, False, "person", _("Change"), who, _differences(change))


def _consented(customer_id: str, many: int) -> Iterator[Moment]:
    for word in latest(customer_id, many):
        title = f"{word.get_status_display()}: {about(word)}"
        yield Moment(
            word.decided_at, False, "check", _("Consent"), title, word.get_source_display()
        )


def _differences(change: Any) -> str:
    names = {"owner": _("Account owner"), "parent_id": _("Belongs to (customer)")}
    before, after = (_flat(said) for said in (change.before, change.after))
    told = [
        f"{names.get(name, name)}: {before.get(name) or '–'} → {after.get(name) or '–'}"
        for name in after
        if before.get(name) != after[name]
    ]
    return "\n".join(told)


def _flat(said: dict[str, Any]) -> dict[str, Any]:
    own: dict[str, Any] = said.get("fields", {})
    return {name: value for name, value in said.items() if name != "fields"} | own
