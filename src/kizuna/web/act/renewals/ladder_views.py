"""The ladder and the reasons for loss; calendars, and the door by which programs read them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST, require_safe

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, public, requires
from kizuna.web.act.renewals import events, queries
from kizuna.web.act.renewals.forms import LadderForm, ReasonForm, RungForm
from kizuna.web.act.renewals.models import Ladder
from kizuna.web.act.renewals.services import feeding, setting_up


@requires(Role.MANAGER)
def ladder(request: HttpRequest) -> HttpResponse:
    """Show the ladder, and change when people must speak."""
    found = queries.ladder()
    if found is None:
        return render(request, "renewals/ladder.html", {"ladder": None})
    if request.method != "POST":
        return _shown(request, found)
    form = LadderForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, 422, ladder_form=form)
    said = form.cleaned_data
    try:
        setting_up.change(
            actor=person_of(request),
            version=said["version"],
            checkpoints=said["checkpoints"],
            difference=said["percent"] / 100,
            request=request,
        )
    except setting_up.ChangedMeanwhileError:
        messages.warning(request, _("Somebody has changed the ladder meanwhile; look again."))
    return redirect("renewals:ladder")


@requires(Role.MANAGER)
@require_POST
def set_up(request: HttpRequest) -> HttpResponse:
    """Make the ladder that comes with Kizuna."""
    setting_up.set_up(actor=person_of(request), request=request)
    return redirect("renewals:ladder")


@requires(Role.MANAGER)
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Switch the ladder on or off."""
    if queries.ladder() is not None:
        on = request.POST.get("on") == "1"
        setting_up.switch(actor=person_of(request), on=on, request=request)
    return redirect("renewals:ladder")


@requires(Role.MANAGER)
@require_POST
def add_rung(request: HttpRequest) -> HttpResponse:
    """Add a rung."""
    found, form = queries.ladder(), RungForm(request.POST)
    if found is None:
        raise Http404
    if not form.is_valid():
        return _shown(request, found, 422, rung_form=form)
    setting_up.add_rung(actor=person_of(request), request=request, **form.cleaned_data)
    return redirect("renewals:ladder")


@requires(Role.MANAGER)
@require_POST
def take_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a rung off."""
    setting_up.take_off(actor=person_of(request), rung_id=pk, request=request)
    return redirect("renewals:ladder")


@requires(Role.MANAGER)
@require_POST
def add_reason(request: HttpRequest) -> HttpResponse:
    """Offer a reason for loss."""
    found, form = queries.ladder(), ReasonForm(request.POST)
    if found is None:
        raise Http404
    if not form.is_valid():
        return _shown(request, found, 422, reason_form=form)
    setting_up.add_reason(actor=person_of(request), request=request, **form.cleaned_data)
    return redirect("renewals:ladder")


@requires(Role.MANAGER)
@require_POST
def archive_reason(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer a reason for loss no more."""
    setting_up.archive_reason(actor=person_of(request), pk=pk, request=request)
    return redirect("renewals:ladder")


@requires(Role.MEMBER)
def calendars(request: HttpRequest) -> HttpResponse:
    """List one's calendars with their addresses, and make one."""
    person = person_of(request)
    if request.method == "POST":
        of_team = request.POST.get("of_team") == "1"
        try:
            feeding.make(actor=person, of_team=of_team, request=request)
        except feeding.TooManyError:
            messages.warning(request, _("Revoke a calendar that is no longer read first."))
        return redirect("renewals:calendars")
    addresses = [
        (feed, request.build_absolute_uri(events.path_of(feed))) for feed in queries.feeds(person)
    ]
    shown = {"feeds": addresses, "may_all": person.may(Role.MANAGER)}
    return render(request, "renewals/calendars.html", shown)


@requires(Role.MEMBER)
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Have an address open nothing any more."""
    feeding.revoke(actor=person_of(request), feed_id=pk, request=request)
    messages.success(request, _("The calendar is revoked; its address opens nothing any more."))
    return redirect("renewals:calendars")


@public
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Give a calendar to whoever holds its address."""
    found = feeding.feed_of(token)
    if found is None:
        raise Http404
    with override(found.person.language):
        root = request.build_absolute_uri("/")[:-1]
        text = events.calendar_of(found, queries.of_feed(found), root=root, stamp=timezone.now())
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="renewals.ics"'
    patch_cache_control(response, private=True, no_store=True)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _shown(request: HttpRequest, found: Ladder, status: int = 200, **forms: Any) -> HttpResponse:
    initial = {
        "checkpoints": ", ".join(map(str, found.checkpoints)),
        "percent": round(found.difference * 100),
        "version": found.version,
    }
    shown = {
        "ladder": found,
        "rungs": queries.rungs(),
        "reasons": queries.reasons(),
        "ladder_form": LadderForm(initial=initial),
        "rung_form": RungForm(auto_id="rung_%s"),
        "reason_form": ReasonForm(auto_id="reason_%s"),
        **forms,
    }
    return render(request, "renewals/ladder.html", shown, status=status)
