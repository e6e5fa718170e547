"""Reads: the list with its filters, one customer, and the orders behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.parameters import minor_units
from kizuna.report.names import segment_key
from kizuna.web.know.customers.columns import COLUMNS, FactColumn, chosen
from kizuna.web.know.customers.folding import folded
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.publications.queries import Published, published

A_PAGE = 50
MOST_PAGES = 200
COUNTED = 1_000
"""Matches up to which they are counted; of more, the list says only that."""
ORDERS_SHOWN = 200
BEST_FIRST = "-residual_clv"
RISK = "risk"
RISKY = ("at_risk", "cant_lose")
"""Segments of customers who brought something and have gone quiet."""
ALIVE = {"likely": (0.75, 1.01), "maybe": (0.25, 0.75), "unlikely": (-0.01, 0.25)}

ORDERS = """
SELECT ordered_on, order_id, amount, purchased_on FROM transactions
WHERE customer_id = ? ORDER BY ordered_on DESC, order_id DESC LIMIT ?"""


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """Some rows of the list, and what is known of the rest without counting all."""

    rows: list[CustomerFact]
    columns: list[FactColumn]
    number: int
    has_next: bool
    matches: int | None
    sort: str

    @property
    def has_previous(self) -> bool:
        """Whether rows come before these."""
        return self.number > 1

    @property
    def has_other_pages(self) -> bool:
        """Whether these are not all."""
        return self.has_previous or self.has_next

    @property
    def next_page_number(self) -> int:
        """Number of the page that follows."""
        return self.number + 1

    @property
    def previous_page_number(self) -> int:
        """Number of the page before."""
        return self.number - 1


@dataclass(frozen=True, slots=True)
class Order:
    """An order or a return, its amount in units of the currency."""

    ordered_on: date
    order_id: str
    amount: float
    is_return: bool


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer: the facts, the day that they hold for, and the latest orders."""

    fact: CustomerFact
    state: Published
    orders: list[Order]

    @property
    def purchases(self) -> int:
        """Days on which the customer bought."""
        return 0 if self.fact.frequency is None else self.fact.frequency + 1

    @property
    def days_since(self) -> int | None:
        """Days from the last purchase to the last day observed; None without one."""
        as_of: date | None = self.state.publication.as_of
        last = self.fact.last_purchase
        return None if as_of is None or last is None else (as_of - last).days

    @property
    def days_between(self) -> float | None:
        """Days between two purchases, on average; None after a single one."""
        fact = self.fact
        if not fact.frequency or fact.first_purchase is None or fact.last_purchase is None:
            return None
        return (fact.last_purchase - fact.first_purchase).days / fact.frequency


def customers(asked: Mapping[str, Any]) -> QuerySet[CustomerFact]:
    """Give the customers that a person asked for, in order."""
    found = _filtered(CustomerFact.objects.all(), asked)
    sort = str(asked.get("sort") or BEST_FIRST)
    sign = "-" if sort.startswith("-") else ""
    ties = () if sort.endswith("customer_id") else (f"{sign}customer_id",)
    return found.order_by(sort, *ties)


def page(asked: Mapping[str, Any], number: int) -> CustomerPage:
    """Give one page of the list: as many rows as it shows and one, to know whether more follow."""
    found, number = customers(asked), min(max(number, 1), MOST_PAGES)
    start = (number - 1) * A_PAGE
    rows = list(found[start : start + A_PAGE + 1])
    matches = found.order_by()[: COUNTED + 1].count() if _filters(asked) else _everyone()
    return CustomerPage(
        rows[:A_PAGE],
        chosen(asked.get("columns") or ()),
        number,
        len(rows) > A_PAGE and number < MOST_PAGES,
        None if matches > COUNTED and _filters(asked) else matches,
        str(asked.get("sort") or BEST_FIRST),
    )


def customer(customer_id: str) -> Customer | None:
    """Give one customer with the latest orders; None where nobody is known by that name."""
    state = published()
    fact = CustomerFact.objects.filter(pk=customer_id).first()
    if state is None or fact is None:
        return None
    return Customer(fact, state, list(_orders(state, customer_id)))


def segments() -> list[str]:
    """Name the segments that customers are in."""
    state = published()
    return [] if state is None else state.table("segments")["rfm_segment"].to_pylist()


def export_rows(asked: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Give the header and then every customer asked for, every column, for machines."""
    state = published()
    currency = "XXX" if state is None else state.currency
    yield list(COLUMNS)
    for row in customers(asked).values_list(*COLUMNS).iterator(5_000):
        pairs = zip(COLUMNS.values(), row, strict=True)
        yield [column.raw(value, currency) for column, value in pairs]


def _everyone() -> int:
    state = published()
    return 0 if state is None else int(state.summary["customers"])


def _filters(asked: Mapping[str, Any]) -> bool:
    return bool(set(asked) - {"sort", "columns"})


def _filtered(found: QuerySet[CustomerFact], asked: Mapping[str, Any]) -> QuerySet[CustomerFact]:
    if text := asked.get("q"):
        found = _named(found, folded(str(text)).split())
    if asked.get("segment"):
        found = found.filter(rfm_segment__in=_segments(str(asked["segment"])))
    if asked.get("alive"):
        low, high = ALIVE[asked["alive"]]
        found = found.filter(p_alive__gte=low, p_alive__lt=high)
    return found.filter(**_plain(asked))


def _named(found: QuerySet[CustomerFact], words: list[str]) -> QuerySet[CustomerFact]:
    """Keep those whose names hold all the words.

    Names are looked through by themselves first: few matches are then found by their keys, and of
    many the first are soon met in the order of the list.
    """
    named = CustomerFact.objects.all()
    for word in words:
        named, found = named.filter(folded__contains=word), found.filter(folded__contains=word)
    few = list(named.order_by().values_list("pk", flat=True)[: COUNTED + 1])
    return found if len(few) > COUNTED else CustomerFact.objects.filter(pk__in=few)


def _segments(asked: str) -> list[str]:
    """Name the segments asked for: one, or all whose customers are about to be lost."""
    at_risk = [name for name in segments() if segment_key(name) in RISKY]
    return at_risk if asked == RISK else [asked]


def _plain(asked: Mapping[str, Any]) -> dict[str, Any]:
    state = published() if {"value_from", "value_to"} & asked.keys() else None
    unit = minor_units(state.currency) if state else 1
    given = {
        "residual_clv__gte": _times(asked.get("value_from"), unit),
        "residual_clv__lte": _times(asked.get("value_to"), unit),
        "last_purchase__gte": asked.get("last_from"),
        "last_purchase__lte": asked.get("last_to"),
    }
    return {name: value for name, value in given.items() if value is not None}


def _times(value: float | None, unit: int) -> float | None:
    return None if value is None else value * unit


def _orders(state: Published, customer_id: str) -> Iterator[Order]:
    """Read the latest orders from the version of the table that the facts were made from."""
    unit = minor_units(state.currency)
    with Engine(threads=2) as engine:
        engine.register_parquet("transactions", state.files("transactions"))
        rows = engine.query(ORDERS, [customer_id, ORDERS_SHOWN]).to_pylist()
    for row in rows:
        amount = row["amount"] / unit
        yield Order(row["ordered_on"], row["order_id"], amount, amount < 0)
