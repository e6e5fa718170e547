"""The journey map, one of its cells with its customers, personas, and the design."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.know.journey import kinds, queries, services, wording
from kizuna.web.know.journey import personas as named
from kizuna.web.know.journey.forms import Asked, PersonaForm, TouchpointForm


@requires(Role.VIEWER)
def journey_map(request: HttpRequest) -> HttpResponse:
    """Show touchpoints by stage, for a persona and a measure."""
    found, asked = queries.journey(), Asked(request.GET)
    shown: dict[str, Any] = {"found": found, "may_design": person_of(request).may(Role.MANAGER)}
    if found is not None:
        shown |= wording.journey(found, asked)
    return render(request, "journey/map.html", shown)


@requires(Role.VIEWER)
def cell(request: HttpRequest) -> HttpResponse:
    """Show what is known of a touchpoint for a stage and a persona, and who was there."""
    found, asked = queries.journey(), Asked(request.GET)
    row = found.cells.get(asked.place) if found else None
    if found is None or row is None:
        raise Http404
    page = queries.been(found.state, asked.place, asked.page)
    return render(request, "journey/cell.html", wording.cell(found, row, page) | {"page": page})


@requires(Role.VIEWER)
def personas(request: HttpRequest) -> HttpResponse:
    """Show the kinds of customers: traits, size, value, and whether they hold."""
    found = queries.personas()
    shown: dict[str, Any] = {"found": found, "tabs": wording.tabs("personas")}
    if found is not None:
        shown |= kinds.page(found)
    return render(request, "journey/personas.html", shown)


@requires(Role.VIEWER)
def persona(request: HttpRequest, key: str) -> HttpResponse:
    """Show one persona, and let people name it."""
    found = queries.personas()
    kept = found.known.get(key) if found else None
    if found is None or kept is None:
        raise Http404
    may = person_of(request).may(Role.MEMBER)
    form = PersonaForm(request.POST or None, kept=kept)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        named.name_persona(actor=person_of(request), persona=key, values=values, request=request)
        messages.success(request, _("Saved: the persona is called by its name from now on."))
        return redirect("journey:personas")
    shown = kinds.naming(found, kept) | {"form": form if may and not kept.retired_on else None}
    return render(request, "journey/persona.html", shown | {"may": may})


@requires(Role.MEMBER)
@require_POST
def unname(request: HttpRequest, key: str) -> HttpResponse:
    """Take the name off a persona."""
    values = {"name": "", "sentence": "", "mark": ""}
    person = person_of(request)
    if not named.name_persona(actor=person, persona=key, values=values, request=request):
        raise Http404
    messages.success(request, _("The name is taken off."))
    return redirect("journey:personas")


@requires(Role.MANAGER)
def touchpoints(request: HttpRequest) -> HttpResponse:
    """Show the design."""
    own = list(queries.touchpoints())
    shown = {"own": own, "table": wording.design(own)}
    return render(request, "journey/touchpoints.html", shown)


@requires(Role.MANAGER)
@require_POST
def design(request: HttpRequest) -> HttpResponse:
    """Begin a design of one's own with a preset."""
    kind = request.POST.get("kind", "")
    if kind not in ("shop", "saas"):
        raise Http404
    services.design(actor=person_of(request), kind=kind, request=request)
    messages.success(request, _("The design is yours now: change, add and remove touchpoints."))
    return redirect("journey:touchpoints")


@requires(Role.MANAGER)
def touchpoint(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Design a touchpoint, or change one."""
    kept = None if pk is None else queries.touchpoint(pk)
    if pk is not None and kept is None:
        raise Http404
    form = TouchpointForm(request.POST or None, kept=kept)
    if form.is_valid():
        actor = person_of(request)
        services.save_touchpoint(actor=actor, values=form.values, pk=pk, request=request)
        messages.success(request, _("Saved. The map follows with the next computation."))
        return redirect("journey:touchpoints")
    return render(request, "journey/touchpoint.html", {"form": form, "kept": kept})


@requires(Role.MANAGER)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a touchpoint off the journey."""
    services.remove_touchpoint(actor=person_of(request), pk=pk, request=request)
    messages.success(request, _("The touchpoint is removed."))
    return redirect("journey:touchpoints")
