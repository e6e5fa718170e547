"""The pipeline as people read it: runs, what each did, and what every table means."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.know.publications import queries, services
from kizuna.web.know.publications.checks import failed_checks
from kizuna.web.know.publications.models import Publication


@requires(Role.VIEWER)
def runs(request: HttpRequest) -> HttpResponse:
    """List the runs and the tables as they stand."""
    state = queries.published()
    return render(
        request,
        "publications/runs.html",
        {"runs": queries.runs(), "tables": queries.table_states(state), "state": state},
    )


@requires(Role.VIEWER)
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what one run did."""
    found = get_object_or_404(Publication.objects.select_related("asked_by"), pk=pk)
    return render(request, "publications/run.html", {"run": found, "failed": failed_checks(found)})


@requires(Role.VIEWER)
def table(request: HttpRequest, name: str) -> HttpResponse:
    """Say what a table means, how it is made, and how it stands."""
    page = queries.table_page(queries.published(), name)
    if page is None:
        raise Http404
    return render(request, "publications/table.html", {"page": page, "found": page.state})


@requires(Role.VIEWER)
def column(request: HttpRequest, name: str, column: str) -> HttpResponse:
    """Say what a column means, and follow it down to what was brought in."""
    page = queries.column_page(name, column)
    if page is None:
        raise Http404
    return render(request, "publications/column.html", {"page": page})


@requires(Role.MEMBER)
@require_POST
def refresh(request: HttpRequest) -> HttpResponse:
    """Ask for a new run."""
    services.refresh(actor=person_of(request))
    messages.success(request, _("A new run is asked for; this page shows how it goes."))
    return redirect("publications:runs")
