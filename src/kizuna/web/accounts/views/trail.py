"""The audit log."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from kizuna.web.accounts import trail
from kizuna.web.accounts.forms import TrailForm
from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.accounts.services.trail_export import export_trail

PAGE = 50


@requires(Role.MANAGER)
@require_safe
def audit_log(request: HttpRequest) -> HttpResponse:
    """Search what was done."""
    form = TrailForm(request.GET)
    found = trail.entries(**(form.cleaned_data if form.is_valid() else {}))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/audit_log.html", {"form": form, "page": page})


@requires(Role.MANAGER)
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Prove that nothing in the log was changed."""
    return render(request, "accounts/verdict.html", {"verdict": trail.verify()})


@requires(Role.MANAGER)
@require_safe
def export(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Take the chosen entries out as a CSV file."""
    form = TrailForm(request.GET)
    if not form.is_valid():
        return HttpResponse(status=400)
    lines = export_trail(actor=person_of(request), chosen=form.cleaned_data, request=request)
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return answer
