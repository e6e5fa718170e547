"""Experiments that were made elsewhere: bringing one in, and its result."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.pipeline.errors import InputError
from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.accounts.queries import organisation
from kizuna.web.measure.results import outside_page, outside_services
from kizuna.web.measure.results.models import Outside, Stage
from kizuna.web.measure.results.outside_forms import BringForm, PlanForm
from kizuna.web.measure.results.queries import currency, outsides


@requires(Role.VIEWER)
def list_(request: HttpRequest) -> HttpResponse:
    """List the experiments that were brought in, and bring one in."""
    form = BringForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and person_of(request).may(Role.MEMBER) and form.is_valid():
        try:
            made = outside_services.bring(
                actor=person_of(request), request=request, **form.cleaned_data
            )
        except InputError as error:
            form.add_error("file", str(error))
        else:
            return redirect("results:outside", made.pk)
    may = person_of(request).may(Role.MEMBER)
    shown = {"form": form if may else None, "outsides": list(outsides())}
    return render(request, "results/outsides.html", shown)


@requires(Role.VIEWER)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the result, or ask which column is what."""
    found = _found(pk)
    shown: dict[str, Any] = {"outside": found, "may": person_of(request).may(Role.MEMBER)}
    if found.stage == Stage.DONE:
        shown |= outside_page.outside(found, found.asked["currency"])
        return render(request, "results/outside.html", shown)
    if found.stage == Stage.FAILED:
        shown["refused"] = outside_page.refused(found)
    if found.stage == Stage.FAILED or "plan" not in found.asked:
        usual: dict[str, Any] = {"margin": organisation().margin, "currency": currency()}
        shown["form"] = PlanForm(None, seen=found.asked["seen"], **usual)
        shown["head"] = outside_page.head(found.asked["seen"])
    return render(request, "results/plan.html", shown)


@requires(Role.MEMBER)
@require_POST
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Take which column is what, and compute."""
    found = _found(pk)
    if not found.path:
        return redirect("results:outside", pk)
    form = PlanForm(request.POST, seen=found.asked["seen"])
    if not form.is_valid():
        head = outside_page.head(found.asked["seen"])
        shown = {"outside": found, "form": form, "head": head, "may": True}
        return render(request, "results/plan.html", shown)
    said = {"plan": form.plan, "currency": form.cleaned_data["currency"]}
    outside_services.plan(actor=person_of(request), pk=pk, request=request, **said)
    return redirect("results:outside", pk)


@requires(Role.MEMBER)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an experiment go."""
    outside_services.remove(actor=person_of(request), pk=_found(pk).pk, request=request)
    messages.success(request, _("The experiment is removed."))
    return redirect("results:outsides")


def _found(pk: int) -> Outside:
    found = Outside.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
