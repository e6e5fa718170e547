"""Working time: minutes a day for tasks, days away and who stands in."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.act.tasks import queries
from kizuna.web.act.tasks.forms import AbsenceForm, MinutesForm
from kizuna.web.act.tasks.models import USUAL_DAY
from kizuna.web.act.tasks.services import working_time


@requires(Role.MEMBER)
@require_safe
def time(request: HttpRequest) -> HttpResponse:
    """Show one's own working time and, to managers, everyone's."""
    return _shown(request)


@requires(Role.MEMBER)
@require_POST
def set_minutes(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how many minutes a day there are for tasks."""
    person, form = _person(pk), MinutesForm(request.POST)
    if not form.is_valid():
        return _shown(request, person, minutes=form, status=422)
    minutes = form.cleaned_data["minutes_a_day"]
    working_time.set_minutes(
        actor=person_of(request), person=person, minutes=minutes, request=request
    )
    return redirect("tasks:time")


@requires(Role.MEMBER)
@require_POST
def be_away(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that somebody is away, and who stands in."""
    person = _person(pk)
    form = AbsenceForm(request.POST, person=person)
    if not form.is_valid():
        return _shown(request, person, away=form, status=422)
    working_time.be_away(
        actor=person_of(request), person=person, request=request, **form.cleaned_data
    )
    return redirect("tasks:time")


@requires(Role.MEMBER)
@require_POST
def be_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take days away back."""
    working_time.be_back(actor=person_of(request), absence_id=pk, request=request)
    return redirect("tasks:time")


def _shown(
    request: HttpRequest, wrong: Person | None = None, status: int = 200, **forms: Any
) -> HttpResponse:
    """Show each person's forms; those that were filled in wrongly as they were."""
    me = person_of(request)
    people = queries.team() if me.may(Role.MANAGER) else [me]
    known = queries.minutes_of([person.pk for person in people])
    shown = []
    for person in sorted(people, key=lambda person: person.pk != me.pk):
        minutes = MinutesForm(
            initial={"minutes_a_day": known.get(person.pk, USUAL_DAY)}, auto_id=f"m{person.pk}_%s"
        )
        away = AbsenceForm(person=person, auto_id=f"a{person.pk}_%s")
        given = {"minutes": minutes, "away": away} | (forms if wrong == person else {})
        shown.append((person, given))
    values = {"people": shown, "absences": queries.absences(people)}
    return render(request, "tasks/time.html", values, status=status)


def _person(pk: int) -> Person:
    found = next((person for person in queries.team() if person.pk == pk), None)
    if found is None:
        raise Http404
    return found
