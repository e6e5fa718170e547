"""What-if: move the levers, keep scenarios, set them side by side."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.pipeline.parameters import minor_units
from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.know.scenarios import queries, services, wording
from kizuna.web.know.scenarios.forms import LeverForm, NameForm
from kizuna.web.know.scenarios.models import Scenario
from kizuna.web.know.scenarios.queries import Basis


@requires(Role.VIEWER)
def what_if(request: HttpRequest) -> HttpResponse:
    """Move the levers and see what comes of it."""
    return _page(request, queries.basis(), None)


@requires(Role.VIEWER)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a scenario that is kept, or changes to it that are not yet."""
    return _page(request, queries.basis(), _kept(pk))


@requires(Role.MEMBER)
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep what was moved under a name."""
    basis = _basis()
    form, name = _form(basis, request.POST), NameForm(request.POST)
    values = form.values
    if values is None or not name.is_valid():
        return _page(request, basis, None, name)
    try:
        made = services.save(
            actor=person_of(request), name=name.cleaned_data["name"], values=values, request=request
        )
    except services.NameTakenError:
        name.add_error("name", _("Another scenario has this name; choose another one."))
        return _page(request, basis, None, name)
    messages.success(request, _("The scenario is saved."))
    return redirect("scenarios:one", pk=made.pk)


@requires(Role.MEMBER)
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Write over a scenario; what someone else changed meanwhile is shown beside it."""
    basis, kept = _basis(), _kept(pk)
    form, name = _form(basis, request.POST), NameForm(request.POST)
    values = form.values
    if values is None or not name.is_valid():
        return _page(request, basis, kept, name)
    try:
        services.change(
            actor=person_of(request),
            pk=pk,
            version=name.cleaned_data["version"] or 0,
            name=name.cleaned_data["name"],
            values=values,
            request=request,
        )
    except services.NameTakenError:
        name.add_error("name", _("Another scenario has this name; choose another one."))
        return _page(request, basis, kept, name)
    except services.ChangedMeanwhileError:
        return _page(request, basis, kept, name, changed=True)
    messages.success(request, _("The scenario is changed."))
    return redirect("scenarios:one", pk=pk)


@requires(Role.MEMBER)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a scenario go."""
    services.remove(actor=person_of(request), pk=pk, request=request)
    messages.success(request, _("The scenario is removed."))
    return redirect("scenarios:what_if")


@requires(Role.VIEWER)
def compare(request: HttpRequest) -> HttpResponse:
    """Set scenarios side by side."""
    basis, chosen = queries.basis(), queries.chosen(request.GET.getlist("scenario"))
    columns = [(s, queries.found(basis, s.values)) for s in chosen] if basis else []
    table = wording.compared(basis, columns) if basis and columns else None
    shown = {"basis": basis, "chosen": chosen, "table": table, "scenarios": queries.scenarios()}
    return render(request, "scenarios/compare.html", shown)


def _page(
    request: HttpRequest,
    basis: Basis | None,
    kept: Scenario | None,
    name: NameForm | None = None,
    *,
    changed: bool = False,
) -> HttpResponse:
    shown: dict[str, Any] = {"basis": basis, "kept": kept, "changed": changed}
    shown["may_save"] = person_of(request).may(Role.MEMBER)
    shown["scenarios"] = queries.scenarios()
    if basis is None:
        return render(request, "scenarios/what_if.html", shown)
    given = request.POST or request.GET
    form = _form(basis, given if "loss" in given else _written(kept))
    values = form.values
    shown |= {"form": form, "name": name or _name(kept, form), "limit": queries.COMPARED}
    if changed and kept:
        shown["theirs"] = wording.levers_of(kept.values, basis.state.currency)
    if values is not None:
        found = queries.found(basis, values)
        shown["told"] = wording.told(basis, found, queries.single_levers(basis))
        shown["plain"] = wording.plain(basis, found)
    return render(request, "scenarios/what_if.html", shown)


def _form(basis: Basis, given: Any) -> LeverForm:
    margin = basis.margin * 100
    return LeverForm(given, currency=basis.state.currency, margin=margin, cost=basis.cost)


def _name(kept: Scenario | None, form: LeverForm) -> NameForm:
    return NameForm(initial={"name": kept.name, "version": kept.version} if kept else None)


def _written(kept: Scenario | None) -> dict[str, Any]:
    """Write a scenario as the form has it; nothing moved where there is none."""
    if kept is None:
        return {"loss": 0, "frequency": 0, "basket": 0, "acquisition": 0}
    cost = None if kept.cost is None else kept.cost / minor_units(kept.currency)
    numbers = {**kept.values, "cost": cost}
    del numbers["currency"]
    return {name: "" if v is None else f"{v:.12g}" for name, v in numbers.items()}


def _basis() -> Basis:
    basis = queries.basis()
    if basis is None:
        raise Http404
    return basis


def _kept(pk: int) -> Scenario:
    kept = queries.scenario(pk)
    if kept is None:
        raise Http404
    return kept
