"""Customers: the list, one customer, the export."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.know.customers import history, queries, services
from kizuna.web.know.customers.exports import csv_lines
from kizuna.web.know.customers.forms import FilterForm, UntilForm
from kizuna.web.know.customers.known import topics_of
from kizuna.web.know.customers.merged import follows_merges
from kizuna.web.know.customers.pages import page_of, tabs_of
from kizuna.web.know.customers.tables import table_of
from kizuna.web.know.lists.forms import BulkForm
from kizuna.web.know.lists.offers import offers_for
from kizuna.web.know.lists.tabs import kept_views
from kizuna.web.know.publications.queries import published


@requires(Role.VIEWER)
def listed(request: HttpRequest) -> HttpResponse:
    """List customers by what was asked."""
    person, form = person_of(request), FilterForm(request.GET)
    page = queries.page(form.asked, _page_number(request))
    state = published()
    shown = {"form": form, "page": page, "state": state, "table": table_of(page, state)}
    shown |= kept_views(person, request.GET)
    if state is not None and person.may(Role.MEMBER):
        shown["bulk"] = BulkForm(initial={"query": request.GET.urlencode()})
        shown["offers"] = offers_for(person)
    return render(request, "customers/list.html", shown)


@requires(Role.VIEWER)
@follows_merges
def one(request: HttpRequest) -> HttpResponse:
    """Show one customer: the story, and what people know."""
    found = _found(request)
    return render(request, "customers/one.html", page_of(found, person_of(request)))


@requires(Role.VIEWER)
@follows_merges
def timeline(request: HttpRequest) -> HttpResponse:
    """Show what happened with a customer, page by page."""
    found = _found(request)
    fact, number = found.fact, _page_number(request)
    page = history.timeline(found.state, fact.customer_id, number, fact=fact)
    shown = {"customer": found, "tabs": tabs_of(found, "timeline"), "page": page}
    return render(request, "customers/timeline.html", shown)


@requires(Role.VIEWER)
@follows_merges
def orders(request: HttpRequest) -> HttpResponse:
    """Show the orders of a customer, page by page."""
    found, form = _found(request), UntilForm(request.GET)
    fact, number = found.fact, _page_number(request)
    page = history.orders(found.state, fact.customer_id, number, form.until, fact=fact)
    shown = {"customer": found, "tabs": tabs_of(found, "orders"), "page": page, "form": form}
    return render(request, "customers/orders.html", shown)


@requires(Role.VIEWER)
@follows_merges
def facts(request: HttpRequest) -> HttpResponse:
    """Show every fact of a customer with its definition."""
    found = _found(request)
    topics = topics_of(found)
    shown = {"customer": found, "tabs": tabs_of(found, "facts"), "topics": topics}
    shown["nothing_of"] = [topic for topic in topics if not topic.is_known]
    return render(request, "customers/facts.html", shown)


@requires(Role.MEMBER)
def export(request: HttpRequest) -> HttpResponseBase:
    """Give the list as CSV, or the customers ticked in it, and record that it left."""
    chosen, asked = request.POST.getlist("id"), _asked(request)
    services.export(actor=person_of(request), filters=asked, chosen=chosen, request=request)
    lines = csv_lines(queries.export_rows(asked, chosen), language=get_language() or "en")
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="customers.csv"'},
    )


def _asked(request: HttpRequest) -> dict[str, Any]:
    """Read the filters from the address, or from a form that carries them with it."""
    given = QueryDict(request.POST.get("query", "")) if request.method == "POST" else request.GET
    return FilterForm(given).asked


def _found(request: HttpRequest) -> queries.Customer:
    found = queries.customer(request.GET.get("id", ""))
    if found is None:
        raise Http404
    return found


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
