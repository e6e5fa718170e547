"""Retention: what is kept, the rows behind it, cohorts, and what winning customers cost."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import requires
from kizuna.web.know.retention import outlook as outlooks
from kizuna.web.know.retention import queries, wording
from kizuna.web.know.retention.definitions import definitions
from kizuna.web.know.retention.forms import ENDED, KEPT, Asked


@requires(Role.VIEWER)
def kept(request: HttpRequest) -> HttpResponse:
    """Show what is kept of customers and of recurring revenue."""
    found = queries.kept(Asked(request.GET).currency)
    shown: dict[str, Any] = {
        "found": found,
        "definitions": definitions(),
        "pages": wording.pages("kept"),
    }
    if found is not None:
        shown |= {
            "tabs": wording.currencies(found, "retention:kept"),
            "contracts": wording.of_contracts(found),
            "orders": wording.of_orders(found),
            "chart": wording.chart(found),
            "win_backs": wording.win_backs(found),
        }
    return render(request, "retention/kept.html", shown)


@requires(Role.VIEWER)
def customers(request: HttpRequest) -> HttpResponse:
    """Show the customers of twelve months ago, and what each brings now."""
    found = _given(queries.customers(Asked(request.GET)))
    table, tabs = wording.customers(found), wording.outcomes(found, KEPT, "retention:customers")
    return render(request, "retention/rows.html", _shown(found, table, tabs))


@requires(Role.VIEWER)
def renewals(request: HttpRequest) -> HttpResponse:
    """Show the terms that came to their end, and what became of each."""
    found = _given(queries.renewals(Asked(request.GET)))
    table, tabs = wording.renewals(found), wording.outcomes(found, ENDED, "retention:renewals")
    return render(request, "retention/rows.html", _shown(found, table, tabs))


@requires(Role.VIEWER)
def cohorts(request: HttpRequest) -> HttpResponse:
    """Show customers by the month in which they first paid."""
    found = queries.cohorts(Asked(request.GET))
    shown: dict[str, Any] = {"found": found, "pages": wording.pages("cohorts")}
    if found is not None:
        shown |= {
            "tabs": wording.currencies(found, "retention:cohorts"),
            "measures": wording.measures(found),
            "table": wording.cohorts(found),
        }
    return render(request, "retention/cohorts.html", shown)


@requires(Role.VIEWER)
def won(request: HttpRequest) -> HttpResponse:
    """Show what it cost to win the customers of each month, and when they had paid for it."""
    found = queries.won(Asked(request.GET).channel)
    shown: dict[str, Any] = {"found": found, "pages": wording.pages("won")}
    if found is not None:
        shown |= {"channels": wording.channels(found), "table": wording.won(found)}
    return render(request, "retention/won.html", shown)


@requires(Role.VIEWER)
def outlook(request: HttpRequest) -> HttpResponse:
    """Show what contracts still bring, how good past forecasts were, and what is at risk."""
    found = outlooks.outlook(Asked(request.GET).currency)
    shown: dict[str, Any] = {"found": found, "pages": wording.pages("outlook")}
    if found is not None:
        shown |= {
            "tabs": wording.currencies(found, "retention:outlook"),
            "ahead": outlooks.ahead(found),
            "past": outlooks.past(found),
            "log": outlooks.log(found),
            "risks": outlooks.risks(found),
            "segments": outlooks.segments(found),
            "explained": outlooks.explained(),
        }
    return render(request, "retention/outlook.html", shown)


def _given(found: queries.Rows | None) -> queries.Rows:
    if found is None:
        raise Http404
    return found


def _shown(found: queries.Rows, table: Any, tabs: Any) -> dict[str, Any]:
    return {"page": found, "table": table, "tabs": tabs, "title": table.caption}
