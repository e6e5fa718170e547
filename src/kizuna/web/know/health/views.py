"""Health: the portfolio, lists, one customer, and the terms that people set."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.know.customers.merged import follows_merges
from kizuna.web.know.customers.pages import tabs_of
from kizuna.web.know.customers.queries import Customer
from kizuna.web.know.customers.queries import customer as known_customer
from kizuna.web.know.health import customer, queries, services, terms, tested, trying, wording
from kizuna.web.know.health.card_form import CardForm
from kizuna.web.know.health.forms import Asked, BandsForm, OverrideForm, RatingForm
from kizuna.web.know.health.words import one_url

RATING, BY_HAND = "rating_%s", "by_hand_%s"
"""Ids of the fields: both forms stand on one page."""


@requires(Role.VIEWER)
def portfolio(request: HttpRequest) -> HttpResponse:
    """Show all customers by band, who moved, and how health did."""
    found = queries.portfolio(Asked(request.GET))
    shown: dict[str, Any] = {"found": found, "may_set": person_of(request).may(Role.MANAGER)}
    if found is not None:
        shown |= wording.portfolio(found) | {"tests": tested.tested(found.tests)}
    return render(request, "health/portfolio.html", shown)


@requires(Role.VIEWER)
def listed(request: HttpRequest) -> HttpResponse:
    """List the customers of a band, a kind or an owner."""
    found = queries.listed(Asked(request.GET))
    if found is None:
        return redirect("health:portfolio")
    return render(request, "health/listed.html", {"page": found, **wording.listed(found)})


@requires(Role.VIEWER)
@follows_merges
def one(request: HttpRequest) -> HttpResponse:
    """Show the health of a customer."""
    return _one(request)


@requires(Role.MEMBER)
@require_POST
def rate(request: HttpRequest) -> HttpResponse:
    """Keep a person's own rating of a customer."""
    found, form = _found(request), RatingForm(request.POST, auto_id=RATING)
    if not form.is_valid():
        return _one(request, rating=form)
    services.rate(
        actor=person_of(request),
        customer_id=found.fact.customer_id,
        owner_email=found.fact.owner_email,
        request=request,
        **form.cleaned_data,
    )
    messages.success(request, _("Your rating is kept."))
    return redirect(one_url(found.fact.customer_id))


@requires(Role.MEMBER)
@require_POST
def override(request: HttpRequest) -> HttpResponse:
    """Set the health of a customer by hand."""
    found, form = _found(request), OverrideForm(request.POST, auto_id=BY_HAND)
    if not form.is_valid():
        return _one(request, by_hand=form)
    customer_id = found.fact.customer_id
    services.override(
        actor=person_of(request), customer_id=customer_id, request=request, **form.cleaned_data
    )
    messages.success(
        request,
        _(
            "Health is set by hand; what is computed stays beside it. Segments, alerts and lists "
            "follow with the next computation, which has been asked for."
        ),
    )
    return redirect(one_url(customer_id))


@requires(Role.MEMBER)
@require_POST
def end_override(request: HttpRequest) -> HttpResponse:
    """Let what is computed count again."""
    customer_id = _found(request).fact.customer_id
    services.end_override(actor=person_of(request), customer_id=customer_id, request=request)
    messages.success(
        request,
        _(
            "What is computed counts again; segments, alerts and lists follow with the next "
            "computation."
        ),
    )
    return redirect(one_url(customer_id))


@requires(Role.MANAGER)
def bands(request: HttpRequest) -> HttpResponse:
    """Set where bands begin, or try it first."""
    form = BandsForm(request.POST or None, limits=terms.limits())
    valid = form.is_valid()
    if valid and request.POST.get("do") == "save":
        services.set_bands(actor=person_of(request), limits=form.limits, request=request)
        messages.success(request, _("Saved. The figures follow with the next computation."))
        return redirect("health:portfolio")
    tried = trying.bands_tried(form.limits) if valid else None
    shown = {"form": form, "tried": tried, "asked": valid, "versions": terms.bands_versions()}
    return render(request, "health/bands.html", shown)


@requires(Role.MANAGER)
def scorecard(request: HttpRequest) -> HttpResponse:
    """Draw up the scorecard, or try it first."""
    form = CardForm(request.POST or None, card=terms.card(request.GET.get("version", "")))
    valid = bool(request.POST) and form.is_valid()
    if valid and request.POST.get("do") == "save":
        services.set_card(actor=person_of(request), card=form.card, request=request)
        messages.success(request, _("Saved. The figures follow with the next computation."))
        return redirect("health:portfolio")
    tried = trying.card_tried(form.card) if valid else None
    shown = {"form": form, "tried": tried, "asked": valid, "versions": terms.card_versions()}
    return render(request, "health/scorecard.html", shown)


def _found(request: HttpRequest) -> Customer:
    found = known_customer(request.GET.get("id", ""))
    if found is None:
        raise Http404
    return found


def _one(
    request: HttpRequest, rating: RatingForm | None = None, by_hand: OverrideForm | None = None
) -> HttpResponse:
    found = _found(request)
    shown = {
        "customer": found,
        "tabs": tabs_of(found, "health"),
        "health": customer.one(found, queries.of_customer(found)),
        "may_change": person_of(request).may(Role.MEMBER),
        "rating_form": rating or RatingForm(auto_id=RATING),
        "override_form": by_hand or OverrideForm(auto_id=BY_HAND),
    }
    return render(request, "health/one.html", shown)
