"""Campaigns: the list, writing one, looking beforehand, how far it is."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.act.actions.services import NotPossibleError as NotNow
from kizuna.web.act.campaigns import queries, services
from kizuna.web.act.campaigns.forms import CampaignForm, initial_of
from kizuna.web.act.campaigns.models import Campaign, Phase
from kizuna.web.act.messages.queries import usable

VERBS = {
    "start": services.start,
    "pause": services.pause,
    "resume": services.resume,
    "conclude": services.conclude,
}


@requires(Role.VIEWER)
@require_safe
def list_(request: HttpRequest) -> HttpResponse:
    """List the campaigns."""
    shown = {
        "campaigns": queries.campaigns()[:200],
        "may_change": person_of(request).may(Role.MANAGER),
        "has_templates": usable().exists(),
    }
    return render(request, "campaigns/list.html", shown)


@requires(Role.VIEWER)
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a campaign."""
    found = _campaign(pk)
    shown = {
        "shown": queries.shown(found),
        "campaign": found,
        "may_change": person_of(request).may(Role.MANAGER),
        "is_written": found.phase == Phase.WRITTEN,
    }
    return render(request, "campaigns/one.html", shown)


@requires(Role.MANAGER)
def add(request: HttpRequest) -> HttpResponse:
    """Write a campaign."""
    form = CampaignForm(request.POST or None)
    if form.is_valid():
        made = services.draft(actor=person_of(request), said=form.said(), request=request)
        return redirect("campaigns:one", made.pk)
    return _written(request, form, None)


@requires(Role.MANAGER)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a campaign that has not begun."""
    found = _campaign(pk)
    form = CampaignForm(request.POST or None, found=found, initial=initial_of(found))
    if form.is_valid():
        edition = request.POST.get("edition", "")
        try:
            services.change(
                actor=person_of(request), campaign=found, said=form.said(), request=request,
                edition=int(edition) if edition.isdecimal() else None,
            )  # fmt: skip
        except services.AlreadyChangedError:
            said = _("Somebody has changed the campaign meanwhile; nothing was saved.")
            form.add_error(None, said)
        except services.NotPossibleError:
            form.add_error(None, _("It has begun, and cannot be changed any more."))
        else:
            return redirect("campaigns:one", pk)
    return _written(request, form, found)


@requires(Role.MANAGER)
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Start it, pause it, go on, end it."""
    found, verb = _campaign(pk), VERBS.get(request.POST.get("verb", ""))
    if verb is None:
        raise Http404
    try:
        verb(actor=person_of(request), campaign=found, request=request)
    except (services.NotPossibleError, NotNow):
        messages.warning(request, _("This cannot be done as the campaign stands now."))
    return redirect("campaigns:one", pk)


@requires(Role.MANAGER)
@require_POST
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at the audience once more."""
    services.look_again(actor=person_of(request), campaign=_campaign(pk))
    messages.success(request, _("The audience is being looked at."))
    return redirect("campaigns:one", pk)


def _written(request: HttpRequest, form: CampaignForm, found: Campaign | None) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "campaigns/write.html", {"form": form, "campaign": found}, status=status)


def _campaign(pk: int) -> Campaign:
    found = queries.campaign(pk)
    if found is None:
        raise Http404
    return found
