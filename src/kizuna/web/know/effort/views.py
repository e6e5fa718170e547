"""Effort of issues, service levels, and their settings."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.know.effort import levels, queries, services, wording
from kizuna.web.know.effort.forms import Asked, CalendarForm, TargetForm
from kizuna.web.know.effort.words import channels


@requires(Role.VIEWER)
def effort(request: HttpRequest) -> HttpResponse:
    """Show what makes it hard for customers, and the hardest issues."""
    found = queries.effort(Asked(request.GET))
    shown: dict[str, Any] = {"page": found}
    if found is not None:
        shown |= wording.effort(found)
    return render(request, "effort/effort.html", shown)


@requires(Role.VIEWER)
def issue(request: HttpRequest) -> HttpResponse:
    """Show an issue with all its contacts, and how each deadline came about."""
    found = queries.issue(request.GET.get("customer", ""), request.GET.get("issue", ""))
    if found is None:
        raise Http404
    return render(request, "effort/issue.html", {"issue": found.row, **wording.issue(found)})


@requires(Role.VIEWER)
def service(request: HttpRequest) -> HttpResponse:
    """Show whether promises were kept."""
    found = queries.service()
    shown: dict[str, Any] = {"may_set": person_of(request).may(Role.MANAGER), "found": found}
    if found is not None:
        shown |= levels.service(found)
    return render(request, "effort/service.html", shown)


@requires(Role.MANAGER)
def settings_page(request: HttpRequest) -> HttpResponse:
    """Show calendars and promises."""
    calendars, known = list(queries.calendars()), channels()
    shown = {
        "calendars": [(one, levels.week(one.week)) for one in calendars],
        "targets": [
            (one, known.get(one.channel, one.channel), levels.promise(one))
            for one in queries.targets()
        ],
    }
    return render(request, "effort/settings.html", shown)


@requires(Role.MANAGER)
def calendar(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Draw up a calendar, or change one."""
    kept = None if pk is None else queries.calendar(pk)
    if pk is not None and kept is None:
        raise Http404
    form = CalendarForm(request.POST or None, kept=kept)
    if form.is_valid() and _saved(request, form, services.save_calendar, pk):
        return redirect("effort:settings")
    return render(request, "effort/calendar.html", {"form": form, "kept": kept})


@requires(Role.MANAGER)
def target(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make a promise, or change one."""
    kept = None if pk is None else queries.target(pk)
    if pk is not None and kept is None:
        raise Http404
    form = TargetForm(request.POST or None, kept=kept)
    if form.is_valid() and _saved(request, form, services.save_target, pk):
        return redirect("effort:settings")
    return render(request, "effort/target.html", {"form": form, "kept": kept})


@requires(Role.MANAGER)
@require_POST
def remove_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a calendar go."""
    try:
        services.remove_calendar(actor=person_of(request), pk=pk, request=request)
    except services.InUseError:
        messages.error(request, _("A promise is counted in this calendar; change that one first."))
    else:
        messages.success(request, _("The calendar is removed."))
    return redirect("effort:settings")


@requires(Role.MANAGER)
@require_POST
def remove_target(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a promise go."""
    services.remove_target(actor=person_of(request), pk=pk, request=request)
    messages.success(request, _("The promise is removed."))
    return redirect("effort:settings")


def _saved(
    request: HttpRequest, form: CalendarForm | TargetForm, save: Any, pk: int | None
) -> bool:
    try:
        save(actor=person_of(request), values=form.values, pk=pk, request=request)
    except services.NameTakenError:
        form.add_error("name", _("Another one has this name; choose another name."))
        return False
    messages.success(request, _("Saved. The figures follow with the next computation."))
    return True
