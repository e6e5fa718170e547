"""One page of a long list in bounded time, whatever is filtered and however it is sorted.

Few matches are found first and sorted by themselves. Of many, the first are soon met in the order
of the list: its index is walked, but not further than some thousand rows. Where the matches lie
elsewhere, the index that holds every filter is read from end to end. Customers of whom the sorted
fact is not known come last, in either direction and on every database.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Func, QuerySet
from django.db.models.expressions import Combinable

from kizuna.web.know.customers.columns import SORTED_BY, WALKED
from kizuna.web.know.customers.models import CustomerFact

COUNTED = 1_000
"""Matches up to which they are counted; of more, the list says only that."""
FURTHEST = 20_000
"""Rows of an order that are walked through before the matches are looked for elsewhere."""

type Facts = QuerySet[CustomerFact]


class Apart(Func):
    """A column as a value: SQLite then does not walk its index, and reads that of the filters."""

    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """Write the sign that keeps an index away."""
        return self.as_sql(compiler, connection, template="+%(expressions)s", **more)


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

    def apart(self, found: Facts) -> Facts:
        """Sort without the index of this order; unknown last."""
        return found.order_by(self._sorted(Apart(F(self.name))), self.ties)

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


def few(found: Facts) -> list[str] | None:
    """Give the ids of those found, or None where they are more than are counted."""
    ids = list(found.order_by().values_list("pk", flat=True)[: COUNTED + 1])
    return None if len(ids) > COUNTED else ids


def rows(found: Facts, sort: str, start: int, many: int, *, filtered: bool) -> list[CustomerFact]:
    """Give some of many rows in their order."""
    order, stop = Order.of(sort), start + many
    ids = _walked(found, order, stop, filtered=filtered)
    if ids is None:
        ids = list(order.apart(found).values_list("pk", flat=True)[:stop])
    known = CustomerFact.objects.in_bulk(ids[start:stop])
    return [known[pk] for pk in ids[start:stop]]


def _walked(found: Facts, order: Order, stop: int, *, filtered: bool) -> list[str] | None:
    """Walk the index of the order; None where it is not walked far enough to find them all."""
    if order.name not in {SORTED_BY.get(name, name) for name in WALKED}:
        return None
    near = order.known(found)
    if filtered:
        edge = _edge(order)
        near = near if edge is None else order.within(near, edge)
    ids = list(order.walked(near).values_list("pk", flat=True)[:stop])
    return ids if len(ids) == stop else None


def _edge(order: Order) -> Any:
    """Give the fact of the last row that is walked to."""
    everyone = order.walked(order.known(CustomerFact.objects.all()))
    return everyone.values_list(order.name, flat=True)[FURTHEST : FURTHEST + 1].first()


def share_edge(share: float, everyone: int) -> float | None:
    """Give the value to come of the last customer within the most valuable share of all."""
    at = max(round(share * everyone) - 1, 0)
    order = Order("residual_clv", True)
    ranked = order.walked(order.known(CustomerFact.objects.all()))
    return ranked.values_list("residual_clv", flat=True)[at : at + 1].first()
