"""Recurring revenue: the bridge, and what comes due."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
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
