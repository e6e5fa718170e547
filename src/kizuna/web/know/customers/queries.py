"""Reads: the list with its filters, one customer, and the orders behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet

from kizuna.web.know.customers.columns import COLUMNS, FactColumn, chosen
from kizuna.web.know.customers.filters import (
    by_facts_only,
    conditions,
    filtered,
    filters,
    words,
)
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.customers.paging import Order, few, rows, rows_of
from kizuna.web.know.customers.scanning import scanned
from kizuna.web.know.profiles import queries as profiles
from kizuna.web.know.profiles.models import Field
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.ui.leafing import Leafing

A_PAGE = 50
MOST_PAGES = 200
BEST_FIRST = "-residual_clv"

type Shown = tuple[list[CustomerFact], int | None]
"""Rows, and how many match in all, where that is known."""


@dataclass(frozen=True, slots=True)
class CustomerPage(Leafing):
    """Some rows of the list, and what is known of the rest without counting all."""

    rows: list[CustomerFact]
    columns: list[FactColumn]
    number: int
    has_next: bool
    matches: int | None
    sort: str
    is_filtered: bool = False
    own: list[Field] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer: the facts, and the day that they hold for."""

    fact: CustomerFact
    state: Published

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
    """Give all customers that a person asked for, in order."""
    return Order.of(str(asked.get("sort") or BEST_FIRST)).whole(filtered(asked))


def page(asked: Mapping[str, Any], number: int) -> CustomerPage:
    """Give one page of the list: as many rows as it shows and one, to know whether more follow."""
    number = min(max(number, 1), MOST_PAGES)
    sort, start = str(asked.get("sort") or BEST_FIRST), (number - 1) * A_PAGE
    shown, matches = _scanned(asked, sort, start) or _walked(asked, sort, start)
    more = len(shown) > A_PAGE and number < MOST_PAGES
    names = asked.get("columns") or ()
    columns, own = chosen(names), _own(names)
    return CustomerPage(shown[:A_PAGE], columns, number, more, matches, sort, filters(asked), own)


def _own(names: Sequence[str]) -> list[Field]:
    """Give the fields of the organisation's own that are asked for as columns."""
    if not any(name.startswith(profiles.FIELD) for name in names):
        return []
    return [one for one in profiles.fields() if f"{profiles.FIELD}{one.pk}" in names]


def _scanned(asked: Mapping[str, Any], sort: str, start: int) -> Shown | None:
    """Look through the columns of everyone, where something is asked and they know of it."""
    if not filters(asked) or not by_facts_only(asked):
        return None
    found = scanned(conditions(asked), words(asked), Order.of(sort), start, A_PAGE + 1)
    return None if found is None else (rows_of(found.ids), found.matches)


def _walked(asked: Mapping[str, Any], sort: str, start: int) -> Shown:
    """Ask the database: few matches are sorted, many are met in the order of an index."""
    found = filtered(asked)
    ids = few(found, filtered=filters(asked))
    if ids is None:
        shown = rows(found, sort, start, A_PAGE + 1, filtered=filters(asked))
    else:
        kept = Order.of(sort).whole(CustomerFact.objects.filter(pk__in=ids))
        shown = list(kept[start : start + A_PAGE + 1])
    return shown, _matches(asked, ids)


def _matches(asked: Mapping[str, Any], ids: list[str] | None) -> int | None:
    """Say how many match, where that is known without counting them all."""
    if ids is not None:
        return len(ids)
    return None if filters(asked) else _everyone()


def customer(customer_id: str) -> Customer | None:
    """Give one customer with the latest orders; None where nobody is known by that name."""
    state = published()
    fact = CustomerFact.objects.filter(pk=customer_id).first()
    if state is None or fact is None:
        return None
    return Customer(fact, state)


def export_rows(asked: Mapping[str, Any], chosen: Sequence[str] = ()) -> Iterator[list[Any]]:
    """Give the header and then every customer asked for, every column, for machines."""
    state = published()
    currency = "XXX" if state is None else state.currency
    found = customers(asked)
    if chosen:
        found = found.filter(pk__in=chosen)
    yield list(COLUMNS)
    for row in found.values_list(*COLUMNS).iterator(5_000):
        pairs = zip(COLUMNS.values(), row, strict=True)
        yield [column.raw(value, currency) for column, value in pairs]


def _everyone() -> int:
    state = published()
    return 0 if state is None else int(state.summary["customers"])
