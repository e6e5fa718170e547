"""The page on which the stages are set: tried, saved, and put back to the preset."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.pipeline.rules.errors import RuleError
from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.know.segments import stage_forms, stage_tables, stages, wording
from kizuna.web.know.segments.stage_forms import StageForm


@requires(Role.MANAGER)
def change(request: HttpRequest) -> HttpResponse:
    """Set the stages; try them on the customers of now first."""
    kept = stages.newest()
    if request.method != "POST":
        forms = stage_forms.shown(stages.in_force(kept), stage_tables.labels(kept))
        return _page(request, forms, stages.number_of(kept))
    forms, number = stage_forms.asked(request.POST), _number(request)
    rows = stage_forms.rows_of(forms)
    if rows is None:
        return _page(request, forms, number, problem=_("Something is wrong; see below."))
    if not rows:
        return _page(request, forms, number, problem=_("Give one stage at least."))
    if request.POST.get("action") == "save":
        return _saved(request, rows, number) or _changed(request, forms, number)
    return _page(request, forms, number, tried=rows)


@requires(Role.MANAGER)
@require_POST
def reset(request: HttpRequest) -> HttpResponse:
    """Put the stages back to the preset."""
    if _saved(request, [], _number(request)) is None:
        messages.error(request, _("Someone else has set the stages meanwhile."))
    return redirect("segments:stages")


def _saved(request: HttpRequest, rows: Sequence[stages.Row], number: int) -> HttpResponse | None:
    """Keep them; None where someone else has set them meanwhile."""
    try:
        stages.save_stages(actor=person_of(request), rows=rows, number=number, request=request)
    except stages.StagesChangedMeanwhileError:
        return None
    messages.success(request, _("Saved. Customers are told by them with the next computation."))
    return redirect("segments:stages")


def _changed(request: HttpRequest, forms: Sequence[StageForm], number: int) -> HttpResponse:
    text = _("Someone else has set the stages meanwhile; open the page again before you save.")
    return _page(request, forms, number, problem=text)


def _page(
    request: HttpRequest,
    forms: Sequence[StageForm],
    number: int,
    *,
    problem: str = "",
    tried: Sequence[stages.Row] | None = None,
) -> HttpResponse:
    shown = {"forms": forms, "number": number, "problem": problem}
    shown["versions"] = stage_tables.versions(stages.versions())
    if tried:
        try:
            shown["preview"] = stage_tables.preview(tried, stages.preview(stages.keyed(tried)))
        except RuleError as error:
            shown["problem"] = wording.problem(error)
    return render(request, "segments/set_stages.html", shown)


def _number(request: HttpRequest) -> int:
    text = request.POST.get("number", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
