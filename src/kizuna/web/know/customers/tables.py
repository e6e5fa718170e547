"""The list as its template shows it: headings, and rows with what people know beside the facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from kizuna.report.language import Language
from kizuna.web.know.customers.columns import SORTED
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.customers.queries import CustomerPage
from kizuna.web.know.health.models import Override
from kizuna.web.know.health.standing import overrides_on
from kizuna.web.know.health.words import at_renewal, learned, speaks_of_renewal
from kizuna.web.know.health.words import by_hand as by_hand_said
from kizuna.web.know.profiles import queries as profiles
from kizuna.web.know.profiles.models import Field, FieldKind
from kizuna.web.know.publications.queries import Published
from kizuna.web.ui.components import Column
from kizuna.web.ui.templatetags.ui import writer


@dataclass(frozen=True, slots=True)
class Row:
    """A customer in the list: the id, how it is shown, and the cells beside."""

    customer_id: str
    name: str
    url: str
    tags: list[str]
    owner: str
    cells: list[tuple[Column, str]]


@dataclass(frozen=True, slots=True)
class Listed:
    """The rows of a page, and the headings above them."""

    columns: list[Column]
    rows: list[Row]
    sort: str


def table_of(page: CustomerPage, state: Published | None) -> Listed:
    """Write the rows of a page; the customer's name leads to the customer."""
    heads = [
        Column(column.label, column.number, column.name if column.name in SORTED else "")
        for column in page.columns[1:]
    ]
    heads += [Column(field.name, field.kind == FieldKind.NUMBER) for field in page.own]
    return Listed(heads, list(_rows(page, heads, state)), page.sort)


def _rows(page: CustomerPage, heads: list[Column], state: Published | None) -> Iterator[Row]:
    say = writer(state.currency if state else "")
    ids = [row.customer_id for row in page.rows]
    tags, owners = profiles.tags_on(ids), profiles.owners_of(ids)
    own, by_hand = profiles.values_on(ids, page.own), overrides_on(ids)
    for row in page.rows:
        texts = [column.written(getattr(row, column.name), say) for column in page.columns[1:]]
        texts = _overridden(page, row, texts, by_hand.get(row.customer_id))
        held = own.get(row.customer_id, {})
        texts += [_held(field, held.get(field.pk), say) for field in page.own]
        yield Row(
            row.customer_id,
            row.name or "",
            url_of(row),
            tags.get(row.customer_id, []),
            owners.get(row.customer_id) or row.owner_email or "",
            list(zip(heads, texts, strict=True)),
        )


def _overridden(
    page: CustomerPage, row: CustomerFact, texts: list[str], override: Override | None
) -> list[str]:
    """Show health that was set by hand, with what is computed beside it; or that, and of what."""
    names = [column.name for column in page.columns[1:]]
    told = override or row.health_by_hand or speaks_of_renewal(vars(row))
    computed, _band = learned(vars(row))
    if "health" not in names or not told or (computed is None and override is None):
        return texts
    if override is None:
        said = at_renewal(vars(row), writer().number(computed or 0.0))
    else:
        said = by_hand_said(override, computed)
    return [said if n == "health" else text for n, text in zip(names, texts, strict=True)]


def _held(field: Field, value: Any, say: Language) -> str:
    """Write what a field of the organisation's own holds."""
    if value is None:
        return "–"
    if field.kind == FieldKind.NUMBER:
        return say.number(value, 0 if float(value).is_integer() else 2)
    return say.day(value) if field.kind == FieldKind.DATE else str(value)


def url_of(fact: CustomerFact) -> str:
    """Give the address of a customer's page."""
    return reverse("customers:one", query={"id": fact.customer_id})
