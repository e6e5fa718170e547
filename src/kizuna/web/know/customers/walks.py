"""The whole list for programs, each page from where the one before ended, however far that is."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Field, Q

from kizuna.web.accounts.models import Person
from kizuna.web.know.customers.filters import filtered, filters
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.customers.paging import INDEXES, Facts, Order, few, ids_of
from kizuna.web.know.customers.queries import BEST_FIRST
from kizuna.web.know.profiles.folding import folded
from kizuna.web.know.profiles.models import Tag


class CursorError(ValueError):
    """The cursor is none of ours, or of another order."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: in which order, at which fact, at whom."""

    sort: str
    value: Any
    customer_id: str

    @property
    def cursor(self) -> str:
        """Write it as a program hands it back."""
        value = self.value.isoformat() if isinstance(self.value, date) else self.value
        text = json.dumps([self.sort, value, self.customer_id])
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def of(cls, cursor: str, sort: str) -> Place:
        """Read what a program hands back."""
        try:
            text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            said, value, customer_id = json.loads(text)
            value = _read(Order.of(sort).name, value)
        except Exception as error:
            raise CursorError(cursor) from error
        if said != sort or not isinstance(customer_id, str) or "\0" in f"{customer_id}{value}":
            raise CursorError(cursor)
        return cls(sort, value, customer_id)


@dataclass(frozen=True, slots=True)
class Walk:
    """Some rows, and where the next ones begin."""

    rows: list[CustomerFact]
    next_cursor: str | None


def _read(column: str, value: Any) -> Any:
    field = CustomerFact._meta.get_field(column)
    assert isinstance(field, Field)
    return None if value is None else field.to_python(value)


def walk(asked: Mapping[str, Any], *, cursor: str | None, limit: int) -> Walk:
    """Give the rows that follow a cursor, or the first ones."""
    sort = str(asked.get("sort") or BEST_FIRST)
    place = Place.of(cursor, sort) if cursor else None
    known = _known(asked)
    found = CustomerFact.objects.none() if known is None else filtered(known)
    rows = _rows(found, Order.of(sort), place, limit + 1, narrowed=filters(known or {}))
    last = rows[limit - 1] if len(rows) > limit else None
    end = Place(sort, getattr(last, Order.of(sort).name), last.pk).cursor if last else None
    return Walk(rows[:limit], end)


def _known(asked: Mapping[str, Any]) -> dict[str, Any] | None:
    """Find the tag and the owner that are named; None where there is no such one."""
    known = dict(asked)
    if name := known.get("tag"):
        known["tag"] = Tag.objects.filter(folded=folded(name)).first()
    if email := known.get("owner"):
        known["owner"] = Person.objects.filter(email__iexact=email, is_active=True).first()
    return None if None in (known.get("tag", ""), known.get("owner", "")) else known


def _rows(
    found: Facts, order: Order, place: Place | None, many: int, *, narrowed: bool
) -> list[CustomerFact]:
    ids = few(found) if narrowed else None
    among = found if ids is None else CustomerFact.objects.filter(pk__in=ids)
    index = INDEXES.get(order.name, "") if ids is None else ""
    chosen: list[str] = []
    if place is None or place.value is not None:
        chosen = ids_of(order.walked(_after(order.known(among), order, place)), many, index)
    if len(chosen) < many:
        # customers of whom the fact is not known come last
        rest = among.filter(**{f"{order.name}__isnull": True}).order_by(order.ties)
        past = place if place is not None and place.value is None else None
        chosen += ids_of(_past(rest, order, past), many - len(chosen), index)
    kept = CustomerFact.objects.in_bulk(chosen)
    return [kept[pk] for pk in chosen if pk in kept]


def _after(found: Facts, order: Order, place: Place | None) -> Facts:
    if place is None:
        return found
    than = "lt" if order.down else "gt"
    same = Q(**{order.name: place.value, f"customer_id__{than}": place.customer_id})
    further = Q(**{f"{order.name}__{than}": place.value})
    # said apart, so that the index is entered where the page before ended
    from_here = Q(**{f"{order.name}__{than}e": place.value})
    return found.filter(from_here, further | same)


def _past(found: Facts, order: Order, place: Place | None) -> Facts:
    if place is None:
        return found
    than = "lt" if order.down else "gt"
    return found.filter(**{f"customer_id__{than}": place.customer_id})
