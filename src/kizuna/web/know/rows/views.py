"""The rows behind a number, and the same as a file."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.know.customers.exports import csv_lines
from kizuna.web.know.rows import queries, services, wording
from kizuna.web.know.rows.forms import Asked
from kizuna.web.know.rows.kinds import KINDS


@requires(Role.VIEWER)
def rows(request: HttpRequest, name: str) -> HttpResponse:
    """Show the rows that a number is made of."""
    asked = _asked(request, name)
    if not asked.is_whole:
        raise Http404
    found = queries.rows(asked)
    if found is None:
        return render(request, "rows/none.html", {"kind": asked.kind})
    shown = {"page": found, "may_export": person_of(request).may(Role.MEMBER)}
    return render(request, "rows/rows.html", shown | wording.page(found))


@requires(Role.MEMBER)
@require_POST
def export(request: HttpRequest, name: str) -> HttpResponseBase:
    """Give all rows as CSV, and record that they left."""
    asked = _asked(request, name)
    if not asked.is_whole:
        raise Http404
    services.export(actor=person_of(request), name=name, asked=asked.given, request=request)
    return StreamingHttpResponse(
        csv_lines(wording.lines(asked), language=get_language() or "en"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _asked(request: HttpRequest, name: str) -> Asked:
    if name not in KINDS:
        raise Http404
    return Asked(KINDS[name], request.GET)
