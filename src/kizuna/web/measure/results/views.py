"""Results of actions: the list, one of them, all together, and the customers behind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.act.actions.audiences import page_of
from kizuna.web.know.customers.exports import csv_lines
from kizuna.web.measure.results import forms, page, queries, services, wording


@requires(Role.VIEWER)
def list_(request: HttpRequest) -> HttpResponse:
    """Show each action with its verdict."""
    found = queries.findings(forms.word(request.GET), forms.page(request.GET))
    return render(request, "results/list.html", {"page": found, **wording.listed(found)})


@requires(Role.VIEWER)
def one(request: HttpRequest, experiment_id: str) -> HttpResponse:
    """Show what one action earned."""
    return _one(request, experiment_id)


@requires(Role.MANAGER)
@require_POST
def decide(request: HttpRequest, experiment_id: str) -> HttpResponse:
    """Do what was decided."""
    action, found = queries.action_of(experiment_id), queries.one(experiment_id)
    if action is None or found is None:
        raise Http404
    form = forms.DecisionForm(request.POST, action=action)
    if not form.is_valid():
        return _one(request, experiment_id, form)
    as_of, row = found.state.publication.as_of, found.finding.row
    given: dict[str, Any] = {"action": action, "row": row, "as_of": as_of, **form.cleaned_data}
    try:
        services.decide(actor=person_of(request), request=request, **given)
    except services.NotPossibleError:
        messages.error(request, _("Somebody has changed the action meanwhile; look at it again."))
    else:
        messages.success(request, _("Done, and kept in the decision log."))
    return redirect("results:one", experiment_id)


@requires(Role.VIEWER)
def together(request: HttpRequest) -> HttpResponse:
    """Show all actions together."""
    found = queries.together()
    shown: dict[str, Any] = {"found": found}
    if found is not None:
        shown |= wording.together(found)
        shown["may_set"] = person_of(request).may(Role.MANAGER)
    return render(request, "results/together.html", shown)


@requires(Role.VIEWER)
def units(request: HttpRequest, experiment_id: str) -> HttpResponse:
    """Show the customers who were compared."""
    asked = request.GET.get("arm", ""), forms.days(request.GET), forms.page(request.GET)
    found = queries.units(experiment_id, *asked)
    if found is None:
        raise Http404
    may = person_of(request).may(Role.MEMBER)
    shown = {"page": found, "may_export": may, **wording.units(found)}
    return render(request, "results/units.html", shown)


@requires(Role.VIEWER)
def export(request: HttpRequest) -> HttpResponseBase:
    """Give the list as a file."""
    services.export(actor=person_of(request), what="results", request=request)
    return _file(wording.exported(queries.every_finding()), "results")


@requires(Role.MEMBER)
def export_units(request: HttpRequest, experiment_id: str) -> HttpResponseBase:
    """Give the customers who were compared as a file."""
    services.export(
        actor=person_of(request), what="customers", experiment_id=experiment_id, request=request
    )
    rows = queries.every_unit(experiment_id, forms.days(request.GET))
    return _file(wording.exported_units(rows), f"result-{experiment_id}")


def _one(
    request: HttpRequest, experiment_id: str, form: forms.DecisionForm | None = None
) -> HttpResponse:
    found = queries.one(experiment_id)
    if found is None and queries.is_waiting(experiment_id):
        messages.info(request, _("No figures tell of this action yet."))
        return redirect("results:list")
    if found is None:
        raise Http404
    action, shown = found.finding.action, page.one(found)
    shown["does"] = page_of(action) if action else None
    if action is not None and person_of(request).may(Role.MANAGER):
        why = "{word}: {sentence}".format(**shown["card"])
        form = form or forms.DecisionForm(None, action=action, why=why)
        shown["form"] = form if form.ways else None
        shown["ended"] = not form.ways
    return render(request, "results/one.html", {"found": found, **shown})


def _file(rows: Iterable[Sequence[Any]], name: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        csv_lines(rows, language=get_language() or "en"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
