"""Pages of the next best action: who is proposed what, and what may be chosen."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.measure.next_best import forms, queries, services, wording
from kizuna.web.measure.next_best.models import Offer


@requires(Role.VIEWER)
def list_(request: HttpRequest) -> HttpResponse:
    """Show who is proposed what, and why."""
    found = queries.proposals(forms.action(request.GET), forms.page(request.GET))
    shown: dict[str, Any] = {"page": found}
    if found is not None:
        shown |= wording.listed(found)
    shown["may_offer"] = person_of(request).may(Role.MANAGER)
    if person_of(request).may(Role.MEMBER):
        shown["form"] = forms.HandOutForm()
    return render(request, "next_best/list.html", shown)


@requires(Role.MANAGER)
def offers(request: HttpRequest) -> HttpResponse:
    """Show what may be chosen."""
    return _offers(request)


@requires(Role.MANAGER)
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Let an action be chosen."""
    form = forms.OfferForm(request.POST)
    if not form.is_valid():
        return _offers(request, form=form)
    services.offer(actor=person_of(request), request=request, **form.said)
    messages.success(
        request, _("On offer. Proposals follow with the computation that was asked for.")
    )
    return redirect("next_best:offers")


@requires(Role.MANAGER)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose an action no more."""
    services.withdraw(actor=person_of(request), found=_offer(pk), request=request)
    return redirect("next_best:offers")


@requires(Role.MANAGER)
@require_POST
def limits(request: HttpRequest) -> HttpResponse:
    """Say how much may be spent."""
    form = _limits(request, True)
    if not form.is_valid():
        return _offers(request, limits=form)
    services.set_limits(actor=person_of(request), request=request, **form.said)
    messages.success(request, _("Saved; it counts from the computation that was asked for."))
    return redirect("next_best:offers")


@requires(Role.MEMBER)
@require_POST
def hand_out(request: HttpRequest) -> HttpResponse:
    """Open a task for each of those who come first."""
    form = forms.HandOutForm(request.POST)
    if form.is_valid():
        found, many = form.cleaned_data["offer"], form.cleaned_data["many"]
        done = services.hand_out(actor=person_of(request), found=found, many=many, request=request)
        messages.success(request, wording.handed_out(*done))
    else:
        messages.error(request, _("Choose an action, and a number from 1 to 200."))
    return redirect("next_best:list")


def _offers(
    request: HttpRequest,
    form: forms.OfferForm | None = None,
    limits: forms.LimitsForm | None = None,
) -> HttpResponse:
    shown: dict[str, Any] = {"form": form or forms.OfferForm()}
    shown |= {"limits": limits or _limits(request, False), "can": queries.offerable().exists()}
    return render(request, "next_best/offers.html", shown | wording.offers(list(queries.offers())))


def _limits(request: HttpRequest, given: bool) -> forms.LimitsForm:
    data = request.POST if given else None
    return forms.LimitsForm(data, kept=queries.limits(), currency=wording.currency())


def _offer(pk: int) -> Offer:
    found = queries.offer(pk)
    if found is None:
        raise Http404
    return found
