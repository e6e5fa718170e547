"""The page of what a point of effort, health or NPS has been worth."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import requires
from kizuna.web.measure.experience import queries, wording
from kizuna.web.measure.experience.forms import calculator


@requires(Role.VIEWER)
def worth(request: HttpRequest) -> HttpResponse:
    """Show each score, what is known of its worth and by which evidence; and reckon with it."""
    found = queries.worth()
    if found is None:
        return render(request, "experience/worth.html", {"found": None})
    form = calculator(request.GET, found)
    return render(request, "experience/worth.html", wording.page(found, form))
