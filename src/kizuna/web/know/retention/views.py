"""Retention: what is kept, cohorts, the outlook, and what winning and serving cost."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.know.retention import cohorts as told
from kizuna.web.know.retention import outlook as outlooks
from kizuna.web.know.retention import queries, services, serving, wording
from kizuna.web.know.retention.definitions import definitions
from kizuna.web.know.retention.forms import Asked, RateForm


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
def cohorts(request: HttpRequest) -> HttpResponse:
    """Show customers by the month in which they first paid."""
    found = queries.cohorts(Asked(request.GET))
    shown: dict[str, Any] = {"found": found, "pages": wording.pages("cohorts")}
    if found is not None:
        shown |= {
            "tabs": wording.currencies(found, "retention:cohorts"),
            "measures": told.measures(found),
            "table": told.cohorts(found),
        }
    return render(request, "retention/cohorts.html", shown)


@requires(Role.VIEWER)
def won(request: HttpRequest) -> HttpResponse:
    """Show what it cost to win the customers of each month, and when they had paid for it."""
    found = queries.won(Asked(request.GET).channel)
    shown: dict[str, Any] = {"found": found, "pages": wording.pages("won")}
    if found is not None:
        shown |= {"channels": told.channels(found), "table": told.won(found)}
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
            "waiting": outlooks.waiting(found),
            "risks": outlooks.risks(found),
            "segments": outlooks.segments(found),
            "explained": outlooks.explained(),
        }
    return render(request, "retention/outlook.html", shown)


@requires(Role.VIEWER)
def forecasts(request: HttpRequest) -> HttpResponse:
    """List every forecast of recurring revenue that was kept or made again, beside what came."""
    asked = Asked(request.GET)
    found = outlooks.forecasts(asked.currency, asked.page, asked.source, asked.ahead)
    if found is None:
        return redirect("retention:outlook")
    shown = {"page": found, "table": outlooks.log(found), "said": outlooks.said(asked)}
    return render(request, "retention/forecasts.html", shown)


@requires(Role.VIEWER)
def service(request: HttpRequest) -> HttpResponse:
    """Show what serving customers cost, and what it leaves of their value."""
    found = serving.serving()
    shown: dict[str, Any] = {
        "found": found,
        "pages": wording.pages("service"),
        "may_set": person_of(request).may(Role.MANAGER),
    }
    if found is not None:
        shown["channels"] = serving.channels(found)
    if found is not None and found.told:
        shown |= {"stats": serving.stats(found), "dearest": serving.dearest(found)}
    return render(request, "retention/service.html", shown)


@requires(Role.MANAGER)
def rates(request: HttpRequest) -> HttpResponse:
    """Show what contacts cost."""
    shown = [(one, serving.channel_of(one)) for one in serving.rates()]
    return render(request, "retention/rates.html", {"rates": shown})


@requires(Role.MANAGER)
def rate(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Set a rate, or change one."""
    kept = None if pk is None else serving.rate(pk)
    if pk is not None and kept is None:
        raise Http404
    form = RateForm(request.POST or None, kept=kept)
    if form.is_valid() and _saved(request, form, pk):
        return redirect("retention:rates")
    return render(request, "retention/rate.html", {"form": form, "kept": kept})


@requires(Role.MANAGER)
@require_POST
def remove_rate(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a rate go."""
    services.remove_rate(actor=person_of(request), pk=pk, request=request)
    messages.success(request, _("The rate is removed."))
    return redirect("retention:rates")


def _saved(request: HttpRequest, form: RateForm, pk: int | None) -> bool:
    try:
        services.save_rate(actor=person_of(request), **form.cleaned_data, pk=pk, request=request)
    except services.ChannelTakenError:
        form.add_error("channel", _("This channel has a rate already; change that one."))
        return False
    messages.success(request, _("Saved. The figures follow with the next computation."))
    return True
