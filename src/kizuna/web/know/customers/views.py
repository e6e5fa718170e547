"""Customers: the list, one customer, the export."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.know.customers import queries, services, stories
from kizuna.web.know.customers.exports import csv_lines
from kizuna.web.know.customers.forms import FilterForm
from kizuna.web.know.customers.tables import table_of
from kizuna.web.know.publications.queries import published


@requires(Role.VIEWER)
def listed(request: HttpRequest) -> HttpResponse:
    """List customers by what was asked."""
    form = FilterForm(request.GET, segments=queries.segments())
    page = queries.page(form.asked, _page_number(request))
    state = published()
    shown = {"form": form, "page": page, "state": state, "table": table_of(page, state)}
    shown["may_export"] = state is not None and person_of(request).may(Role.MEMBER)
    return render(request, "customers/list.html", shown)


@requires(Role.VIEWER)
def one(request: HttpRequest) -> HttpResponse:
    """Show one customer."""
    found = queries.customer(request.GET.get("id", ""))
    if found is None:
        raise Http404
    return render(
        request,
        "customers/one.html",
        {
            "customer": found,
            "story": stories.story(found),
            "advice": stories.advice(found),
            "facts": stories.facts(found),
            "alive_share": stories.alive_share(found),
            "bounds": stories.value_interval(found),
            "explain": stories.explained(found),
        },
    )


@requires(Role.MEMBER)
def export(request: HttpRequest) -> HttpResponseBase:
    """Give the list as CSV, and record that it left."""
    form = FilterForm(request.GET, segments=queries.segments())
    services.export(actor=person_of(request), filters=form.asked, request=request)
    lines = csv_lines(queries.export_rows(form.asked), language=get_language() or "en")
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="customers.csv"'},
    )


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
