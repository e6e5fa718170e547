"""Recurring revenue: the bridge, what comes due, and the movements of a month."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import requires
from kizuna.web.know.revenue import queries, wording
from kizuna.web.know.revenue.definitions import definitions
from kizuna.web.know.revenue.forms import Asked


@requires(Role.VIEWER)
def revenue(request: HttpRequest) -> HttpResponse:
    """Show what contracts bring each month, and what moved it."""
    found = queries.revenue(Asked(request.GET).currency)
    shown: dict[str, Any] = {"found": found, "definitions": definitions()}
    if found is not None:
        shown |= {
            "stats": wording.stats(found),
            "chart": wording.chart(found),
            "tabs": wording.currencies(found),
            "due": wording.due(found),
            "over": wording.over(found),
        }
    return render(request, "revenue/revenue.html", shown)


@requires(Role.VIEWER)
def movements(request: HttpRequest) -> HttpResponse:
    """Show what moved recurring revenue in a month, customer by customer."""
    asked = Asked(request.GET)
    if asked.month is None:
        raise Http404
    found = queries.movements(asked.currency, asked.month, asked.kind, asked.page)
    if found is None:
        raise Http404
    shown = {"page": found, "table": wording.movements(found), "tabs": wording.kinds(found)}
    return render(request, "revenue/movements.html", shown)
