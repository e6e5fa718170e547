"""Who is who: the queue of duplicates, two customers side by side, merges, rules."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.capture.identities import pages, queries
from kizuna.web.capture.identities.forms import MergeForm, PairForm
from kizuna.web.capture.identities.models import Merge, Suspicion
from kizuna.web.capture.identities.rules import RULES
from kizuna.web.capture.identities.services import merging, review


@requires(Role.VIEWER)
def queue(request: HttpRequest) -> HttpResponse:
    """Show who may be a duplicate."""
    page, doubts = queries.queue(_number(request))
    return _render(request, "queue", {"page": page, "doubts": doubts, "form": PairForm()})


@requires(Role.MEMBER)
def compare(request: HttpRequest) -> HttpResponse:
    """Show two customers side by side, and what a merge would give."""
    form = PairForm(request.GET)
    if not form.is_valid():
        return _render(request, "pair", {"form": form}, status=422)
    return _compared(request, form.cleaned_data["one"], form.cleaned_data["other"])


@requires(Role.MEMBER)
@require_POST
def merge(request: HttpRequest) -> HttpResponse:
    """Merge two customers."""
    one, other = request.GET.get("one", ""), request.GET.get("other", "")
    form = MergeForm(request.POST, pair=[(one, one), (other, other)])
    if not form.is_valid():
        return _compared(request, one, other, form)
    survivor, reason = form.cleaned_data["survivor"], form.cleaned_data["reason"]
    loser = other if survivor == one else one
    said = {"survivor_id": survivor, "loser_id": loser, "reason": reason}
    try:
        merging.merge(actor=person_of(request), request=request, **said)
    except merging.NotPossibleError:
        messages.error(request, _("One of them has been merged meanwhile: look at them again."))
        return redirect("identities:queue")
    messages.success(request, _("They are one customer now; the figures follow in a moment."))
    return redirect(reverse("customers:one", query={"id": survivor}))


@requires(Role.MEMBER)
@require_POST
def apart(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that two customers are not the same."""
    try:
        review.keep_apart(actor=person_of(request), suspicion_id=pk, request=request)
    except Suspicion.DoesNotExist as problem:
        raise Http404 from problem
    messages.success(request, _("They stay two customers and are not suggested again."))
    return redirect("identities:queue")


@requires(Role.MEMBER)
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Look for duplicates now."""
    review.look(actor=person_of(request))
    messages.success(request, _("The rules look for duplicates; reload the page in a moment."))
    return redirect("identities:queue")


@requires(Role.VIEWER)
def merges(request: HttpRequest) -> HttpResponse:
    """List what was merged."""
    return _render(request, "merges", {"page": queries.merges(_number(request))})


@requires(Role.MEMBER)
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo a merge."""
    try:
        made = merging.undo(actor=person_of(request), merge_id=pk, request=request)
    except Merge.DoesNotExist as problem:
        raise Http404 from problem
    said = _("“%(one)s” and “%(other)s” are two customers again; the figures follow in a moment.")
    messages.success(request, said % {"one": made.survivor_id, "other": made.loser_id})
    return redirect("identities:merges")


@requires(Role.VIEWER)
def rules(request: HttpRequest) -> HttpResponse:
    """Show the rules."""
    return _render(request, "rules", {"rules": queries.rules()})


@requires(Role.MANAGER)
@require_POST
def switch(request: HttpRequest, rule: str) -> HttpResponse:
    """Switch a rule."""
    if rule not in RULES:
        raise Http404
    is_on = request.POST.get("on") == "1"
    review.switch(actor=person_of(request), rule=rule, is_on=is_on, request=request)
    return redirect("identities:rules")


def _compared(
    request: HttpRequest, one: str, other: str, form: MergeForm | None = None
) -> HttpResponse:
    shown = pages.comparison(one, other)
    if shown is None:
        messages.error(request, _("These are one customer already, or one of them is not known."))
        return redirect("identities:queue")
    given = form or MergeForm(pair=shown.pair)
    return _render(request, "compare", {"shown": shown, "form": given})


def _render(
    request: HttpRequest, name: str, shown: dict[str, Any], status: int = 200
) -> HttpResponse:
    person = person_of(request)
    shown |= {
        "tabs": pages.tabs(name),
        "may_change": person.may(Role.MEMBER),
        "may_switch": person.may(Role.MANAGER),
    }
    return render(request, f"identities/{name}.html", shown, status=status)


def _number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
