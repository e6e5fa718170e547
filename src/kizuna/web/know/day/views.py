"""My day: the page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.know.day import queries, wording


@requires(Role.VIEWER)
def day(request: HttpRequest) -> HttpResponse:
    """Show which accounts need the person today, and why."""
    found = queries.day_of(person_of(request))
    return render(request, "day/day.html", {"found": found, **wording.page(found)})
