"""The ladder and the reasons for loss; calendars, and the door by which programs read them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST, require_safe

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, public, requires
from kizuna.web.act.renewals import events, ladder_words, queries
from kizuna.web.act.renewals.forms import (
    ForWhomForm,
    LadderForm,
    ReasonForm,
    RungForm,
    for_whom_initial,
)
from kizuna.web.act.renewals.models import Ladder
from kizuna.web.act.renewals.services import feeding, setting_up


@requires(Role.MANAGER)
def ladder(request: HttpRequest) -> HttpResponse:
    """Show a ladder, and change when people must speak."""
    if queries.ladder() is None:
        return render(request, "renewals/ladder.html", {"ladder": None})
    found = _ladder(request)
    if request.method != "POST":
        return _shown(request, found)
    form = LadderForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, 422, ladder_form=form)
    said = form.cleaned_data
    try:
        setting_up.change(
            actor=person_of(request),
            number=found.pk,
            version=said["version"],
            checkpoints=said["checkpoints"],
            difference=said["percent"] / 100,
            request=request,
        )
    except setting_up.ChangedMeanwhileError:
        messages.warning(request, _("Somebody has changed the ladder meanwhile; look again."))
    return _back(found.pk)


@requires(Role.MANAGER)
@require_POST
def set_up(request: HttpRequest) -> HttpResponse:
    """Make the ladder that comes with Kizuna."""
    setting_up.set_up(actor=person_of(request), request=request)
    return _back()


@requires(Role.MANAGER)
def add_ladder(request: HttpRequest) -> HttpResponse:
    """Make a ladder for some contracts."""
    if queries.ladder() is None:
        return _back()
    form = ForWhomForm(request.POST or None)
    if form.is_valid():
        said, actor = form.cleaned_data, person_of(request)
        return _back(setting_up.add_ladder(actor=actor, said=said, request=request).pk)
    status = 422 if form.errors else 200
    return render(request, "renewals/ladder_form.html", {"form": form}, status=status)


@requires(Role.MANAGER)
@require_POST
def redirect_ladder(request: HttpRequest) -> HttpResponse:
    """Say anew for which contracts a ladder is."""
    found = _ladder(request)
    form = ForWhomForm(request.POST, number=found.pk)
    if found.pk == Ladder.THE_ONE:
        raise Http404
    if not form.is_valid():
        return _shown(request, found, 422, whom_form=form)
    setting_up.change_ladder(
        actor=person_of(request), number=found.pk, said=form.cleaned_data, request=request
    )
    return _back(found.pk)


@requires(Role.MANAGER)
@require_POST
def end_ladder(request: HttpRequest) -> HttpResponse:
    """End a ladder for good."""
    setting_up.end_ladder(actor=person_of(request), number=_ladder(request).pk, request=request)
    return _back()


@requires(Role.MANAGER)
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Switch a ladder on or off."""
    if queries.ladder() is None:
        return _back()
    found, on = _ladder(request), request.POST.get("on") == "1"
    setting_up.switch(actor=person_of(request), on=on, number=found.pk, request=request)
    return _back(found.pk)


@requires(Role.MANAGER)
@require_POST
def add_rung(request: HttpRequest) -> HttpResponse:
    """Add a rung."""
    found, form = _ladder(request), RungForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, 422, rung_form=form)
    said = form.cleaned_data
    setting_up.add_rung(actor=person_of(request), number=found.pk, request=request, **said)
    return _back(found.pk)


@requires(Role.MANAGER)
@require_POST
def take_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a rung off."""
    found = setting_up.take_off(actor=person_of(request), rung_id=pk, request=request)
    return _back(found.ladder.pk if found else Ladder.THE_ONE)


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
    there = queries.on_ladders()
    is_usual = found.pk == Ladder.THE_ONE
    shown = {
        "ladder": found,
        "is_usual": is_usual,
        "tabs": ladder_words.ladder_tabs(there, found),
        "on_it": {one.pk: n for one, n in there}.get(found.pk, 0),
        "whom": ladder_words.for_whom(found),
        "whom_form": None if is_usual else ForWhomForm(initial=for_whom_initial(found)),
        "rungs": queries.rungs(found),
        "reasons": queries.reasons(),
        "ladder_form": LadderForm(initial=initial),
        "rung_form": RungForm(auto_id="rung_%s"),
        "reason_form": ReasonForm(auto_id="reason_%s"),
        **forms,
    }
    return render(request, "renewals/ladder.html", shown, status=status)


def _ladder(request: HttpRequest) -> Ladder:
    text = request.POST.get("ladder") or request.GET.get("ladder") or str(Ladder.THE_ONE)
    found = queries.ladder(int(text)) if text.isdecimal() and len(text) < 5 else None
    if found is None:
        raise Http404
    return found


def _back(number: int = Ladder.THE_ONE) -> HttpResponse:
    query = None if number == Ladder.THE_ONE else {"ladder": str(number)}
    return redirect(reverse("renewals:ladder", query=query))
