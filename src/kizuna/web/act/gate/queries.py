"""Reads: the log of decisions, suppressions, the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.utils import timezone

from kizuna.web.act.actions.models import Action
from kizuna.web.act.gate.known import QUIET
from kizuna.web.act.gate.models import Cap, Entry, Outcome, Recipient, Rules, Suppression
from kizuna.web.capture.identities.queries import belonging, belonging_to_any, customer_of
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.ui.leafing import Leafing

A_PAGE = 50
A_MONTH = timedelta(days=30)
MOST_FOUND = 50


@dataclass(frozen=True, slots=True)
class Lines(Leafing):
    """A page of the log, with the names of its customers."""

    items: Sequence[Entry]
    number: int
    has_next: bool
    names: Mapping[str, str]


def of_customer(customer_id: str, many: int) -> list[Entry]:
    """Give the latest decisions about a customer, under whichever key."""
    kept = Entry.objects.filter(belonging(customer_id)).select_related("action")
    return list(kept.order_by("-at", "-pk")[:many])


def log(asked: Mapping[str, Any], number: int) -> Lines:
    """Give a page of the log, the latest first."""
    found = Entry.objects.filter(_asked(asked)).select_related("action").order_by("-at", "-pk")
    start = (number - 1) * A_PAGE
    rows = list(found[start : start + A_PAGE + 1])
    items = rows[:A_PAGE]
    return Lines(items, number, len(rows) > A_PAGE, names(row.customer_id for row in items))


def _asked(asked: Mapping[str, Any]) -> Q:
    """Make a condition of what was asked."""
    exact = {
        name: asked[name] for name in ("outcome", "channel", "reason", "action") if asked[name]
    }
    condition = Q(**exact)
    if asked["since"]:
        condition &= Q(at__gte=asked["since"])
    if asked["customer"]:
        condition &= _named(str(asked["customer"]))
    return condition


def _named(text: str) -> Q:
    """Find customers by their id, or by a part of name or address."""
    folded = text.strip()
    some = CustomerFact.objects.filter(folded__icontains=folded).order_by("customer_id")
    ids = [customer_of(folded), *some.values_list("customer_id", flat=True)[:MOST_FOUND]]
    return belonging_to_any(ids)


def names(customer_ids: Any) -> dict[str, str]:
    """Name some customers, as far as they have names."""
    known = CustomerFact.objects.filter(pk__in=set(customer_ids)).exclude(name=None)
    return {str(pk): str(name) for pk, name in known.values_list("customer_id", "name")}


def tally() -> dict[str, int]:
    """Count what became of contacts in the last 30 days."""
    since = timezone.now() - A_MONTH
    rows = Entry.objects.filter(at__gte=since).values("outcome").order_by()
    found = {row["outcome"]: row["n"] for row in rows.annotate(n=Count("pk"))}
    return {outcome: found.get(outcome, 0) for outcome in Outcome.values}


def actions() -> list[Action]:
    """List the actions that went through the gate."""
    return list(Action.objects.exclude(state="draft").order_by("name"))


def rules() -> Rules:
    """Give the rules as they are; those that come with Kizuna where nobody set any."""
    return Rules.objects.filter(pk=Rules.THE_ONE).first() or Rules(quiet_channels=list(QUIET))


def caps() -> list[Cap]:
    """List the caps."""
    return list(Cap.objects.order_by("scope", "channel"))


def zones(number: str | None) -> Page[Recipient]:
    """Give a page of those who live in another zone than the organisation."""
    found = Recipient.objects.exclude(zone="").order_by("customer_id")
    return Paginator(found, A_PAGE).get_page(number)


def suppressions(customer: str, number: str | None) -> Page[Suppression]:
    """Give a page of those who are not contacted, the latest first."""
    found = Suppression.objects.filter(lifted_at=None).select_related("by").order_by("-at", "-pk")
    if customer:
        found = found.filter(_named(customer))
    return Paginator(found, A_PAGE).get_page(number)


def is_suppression(pk: int) -> bool:
    """Whether there is such a suppression, lifted or not."""
    return Suppression.objects.filter(pk=pk).exists()
