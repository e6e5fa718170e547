"""Customers for programs: the list, one customer, the orders and the timeline."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Query, Router

from kizuna.web.accounts.models import Scope
from kizuna.web.interface.keys import Key, bearer
from kizuna.web.interface.problems import ProblemError
from kizuna.web.interface.shapes import Day, Interval, Leaf, Word, computed
from kizuna.web.know.customers import history, queries, services, stories
from kizuna.web.know.customers.columns import COLUMNS
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.customers.shapes import Customers, OneCustomer, Orders, PageAsked, Timeline
from kizuna.web.know.customers.walks import CursorError, walk
from kizuna.web.know.profiles import queries as profiles
from kizuna.web.know.publications.queries import published

router = Router(tags=["customers"])

CustomerId = Annotated[Word, Query(..., description="the customer's id")]
PageNumber = Annotated[Leaf, Query(1)]


@router.get(
    "/customers",
    auth=Key(Scope.READ),
    response=Customers,
    summary=gettext_noop("List customers by filters, in an order, page by page"),
)
def list_customers(request: HttpRequest, asked: Query[PageAsked]) -> dict[str, Any]:
    """Give some customers and where the next ones begin. Going on is recorded like an export."""
    given = asked.model_dump(exclude_none=True, exclude={"cursor", "limit"})
    key = bearer(request)
    if asked.cursor and key is not None:
        services.walked(key=key, filters=given, request=request)
    try:
        found = walk(given, cursor=asked.cursor, limit=asked.limit)
    except CursorError:
        said = _("The cursor is not one that this list gave in this order.")
        raise ProblemError(422, said) from None
    state = published()
    currency = state.currency if state else "XXX"
    return {
        "items": [_facts(row, currency) for row in found.rows],
        "next_cursor": found.next_cursor,
        "as_of": state.publication.as_of if state else None,
        "currency": currency,
    }


@router.get(
    "/customers/one",
    auth=Key(Scope.READ),
    response=OneCustomer,
    summary=gettext_noop("Tell one customer: value, interval, story"),
)
def one_customer(request: HttpRequest, id: CustomerId) -> dict[str, Any]:
    """Give the facts of a customer, what is expected, and what people know."""
    found = _found(id)
    facts, currency = _facts(found.fact, found.state.currency), found.state.currency
    profile, fields = profiles.profile(id), profiles.fields()
    kept = profiles.values(id, fields)
    return {
        "facts": facts,
        "as_of": found.state.publication.as_of,
        "horizon_days": found.state.summary["horizon_days"],
        "currency": currency,
        "value_to_come": _interval(facts, "residual_clv"),
        "expected_purchases": _interval(facts, "expected_purchases"),
        "story": stories.story(found),
        "advice": stories.advice(found),
        "computed": computed(stories.explained(found)),
        "owner": profile.owner.name if profile.owner else found.fact.owner_email,
        "tags": [tag.name for tag in profiles.tags_of(id)],
        "fields": {field.name: kept[field.pk] for field in fields if field.pk in kept},
        "contacts": list(profiles.contacts(id)),
    }


@router.get(
    "/customers/one/orders",
    auth=Key(Scope.READ),
    response=Orders,
    summary=gettext_noop("List the orders of a customer"),
)
def orders(
    request: HttpRequest, id: CustomerId, page: PageNumber = 1, until_on: Day | None = None
) -> dict[str, Any]:
    """Give the orders of a customer, the latest first; `until_on` leads further back."""
    found = _found(id)
    leaf = history.orders(found.state, id, page, until_on, fact=found.fact)
    return {
        "items": leaf.items,
        "page": leaf.number,
        "has_next": leaf.has_next,
        "currency": found.state.currency,
    }


@router.get(
    "/customers/one/timeline",
    auth=Key(Scope.READ),
    response=Timeline,
    summary=gettext_noop("List what happened with a customer"),
)
def timeline(request: HttpRequest, id: CustomerId, page: PageNumber = 1) -> dict[str, Any]:
    """Give orders, events, contacts, answers, notes and changes, the latest first."""
    found = _found(id)
    leaf = history.timeline(found.state, id, page, fact=found.fact)
    return {"items": leaf.items, "page": leaf.number, "has_next": leaf.has_next}


def _found(customer_id: str) -> queries.Customer:
    found = queries.customer(customer_id)
    if found is None:
        raise Http404(_("No such customer is known."))
    return found


def _facts(fact: CustomerFact, currency: str) -> dict[str, Any]:
    return {name: c.raw(getattr(fact, name), currency) for name, c in COLUMNS.items()}


def _interval(facts: dict[str, Any], name: str) -> Interval | None:
    value = facts[name]
    if value is None:
        return None
    return Interval(value=value, low=facts[f"{name}_low"], high=facts[f"{name}_high"])
