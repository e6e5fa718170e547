"""One page of a long list in bounded time, whatever is filtered and however it is sorted.

Few matches are found first and sorted by themselves. Of many, the first are soon met in the order
of the list: its index is walked, but not further than some thousand rows. Where the matches lie
elsewhere, the index that holds every filter is read from end to end. Customers of whom the sorted
fact is not known come last, in either direction and on every database.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable

from kizuna.pipeline.engine import identifier
from kizuna.web.know.customers.columns import SORTED_BY
from kizuna.web.know.customers.models import CustomerFact, Shelf

COUNTED = 1_000
"""Matches up to which they are counted; of more, the list says only that."""
FURTHEST = 20_000
"""Rows of an order that are walked through before the matches are looked for elsewhere."""

type Facts = QuerySet[CustomerFact]


INDEXES = {
    "residual_clv": "customer_by_value",
    "value_at_risk": "customer_by_risk",
    "historical_value": "customer_by_history",
    "p_alive": "customer_by_life",
    "last_purchase": "customer_by_last",
    "frequency": "customer_by_frequency",
    "orders": "customer_by_orders",
    "first_purchase": "customer_by_first",
    "name_key": "customer_by_reading",
    "mrr": "customer_by_mrr",
    "days_to_renewal": "customer_by_renewal",
    "churn_probability": "customer_by_churn",
    "health": "customer_by_health",
    "days_since_use": "customer_by_use",
}
FILTERS = "customer_by_filters"


def ids_of(found: Facts, many: int, index: str = "") -> list[str]:
    """Give the first ids of those found; SQLite, which cannot know better, is told which index."""
    wanted = found.values_list("pk")[:many]
    try:
        sql, params = wanted.query.sql_with_params()
    except EmptyResultSet:
        return []
    if not index or connection.vendor != "sqlite" or _is_listed(sql):
        return [pk for (pk,) in wanted]
    table = f"FROM {identifier(CustomerFact._meta.db_table)}"
    with connection.cursor() as cursor:
        cursor.execute(sql.replace(table, f"{table} INDEXED BY {identifier(index)}", 1), params)
        return [pk for (pk,) in cursor.fetchall()]


def _is_listed(sql: str) -> bool:
    """Whether the ids to look among are listed, so that they lead straight to the rows."""
    return '"customer_id" IN (' in sql


@dataclass(frozen=True, slots=True)
class Order:
    """An order of the list: by a column, up or down."""

    name: str
    down: bool

    @classmethod
    def of(cls, sort: str) -> Order:
        """Read `column` or `-column`."""
        name = sort.lstrip("-")
        return cls(SORTED_BY.get(name, name), sort.startswith("-"))

    @property
    def ties(self) -> str:
        """What orders customers of whom the same is known."""
        return "-customer_id" if self.down else "customer_id"

    def walked(self, found: Facts) -> Facts:
        """Sort as the index of this order lies; for facts that are known."""
        first = f"-{self.name}" if self.down else self.name
        return found.order_by(*dict.fromkeys((first, self.ties)))

    def whole(self, found: Facts) -> Facts:
        """Sort, unknown last."""
        return found.order_by(self._sorted(F(self.name)), self.ties)

    def known(self, found: Facts) -> Facts:
        """Keep customers of whom the fact is known."""
        return found.filter(**{f"{self.name}__isnull": False})

    def within(self, found: Facts, edge: Any) -> Facts:
        """Keep customers up to an edge of the order."""
        return found.filter(**{f"{self.name}__{'gte' if self.down else 'lte'}": edge})

    def _sorted(self, what: Combinable) -> Any:
        return what.desc(nulls_last=True) if self.down else what.asc(nulls_last=True)  # type: ignore[attr-defined]


def few(found: Facts, *, filtered: bool = True) -> list[str] | None:
    """Give the ids of those found, or None where they are more than are counted."""
    ids = ids_of(found.order_by(), COUNTED + 1, FILTERS if filtered else "")
    return None if len(ids) > COUNTED else ids


def rows(found: Facts, sort: str, start: int, many: int, *, filtered: bool) -> list[CustomerFact]:
    """Give some of many rows in their order."""
    order, stop = Order.of(sort), start + many
    ids = _walked(found, order, stop, filtered=filtered)
    if ids is None:
        ids = ids_of(order.whole(found), stop, FILTERS)
    return rows_of(ids[start:stop])


def rows_of(ids: list[str]) -> list[CustomerFact]:
    """Give the rows of ids, in their order."""
    known = CustomerFact.objects.in_bulk(ids)
    return [known[pk] for pk in ids if pk in known]


def _walked(found: Facts, order: Order, stop: int, *, filtered: bool) -> list[str] | None:
    """Walk the index of the order; None where it is not walked far enough to find them all."""
    if order.name not in INDEXES and order.name != "customer_id":
        return None
    near = order.known(found)
    if filtered:
        edge = _edge(order)
        near = near if edge is None else order.within(near, edge)
    ids = ids_of(order.walked(near), stop, INDEXES.get(order.name, ""))
    return ids if len(ids) == stop else None


def _edge(order: Order) -> Any:
    """Give the fact of the last row that is walked to."""
    everyone = order.walked(order.known(CustomerFact.objects.all()))
    return everyone.values_list(order.name, flat=True)[FURTHEST : FURTHEST + 1].first()


def share_edge(share: float, everyone: int) -> float | None:
    """Give the value to come of the last customer within the most valuable share of all."""
    at = max(round(share * everyone) - 1, 0)
    stamp = Shelf.objects.values_list("stamp", flat=True).first()
    return _value_at(at) if stamp is None else _kept_value_at(at, stamp)


def _value_at(at: int) -> float | None:
    order = Order("residual_clv", True)
    ranked = order.walked(order.known(CustomerFact.objects.all()))
    return ranked.values_list("residual_clv", flat=True)[at : at + 1].first()


@lru_cache(64)
def _kept_value_at(at: int, _stamp: int) -> float | None:
    """Walk there once for each mirror: the last ranks are far to walk to."""
    return _value_at(at)
