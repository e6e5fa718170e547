"""The page of background work, and its two buttons."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.jobs import queries, services
from kizuna.web.jobs.models import Job

NOTHING_NEW = 204


@requires(Role.MEMBER)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show what waits, runs and ran; what polls gets the changing part, if it changed."""
    found = queries.overview(now=timezone.now())
    if request.GET.get("seen") == found.fingerprint:
        return HttpResponse(status=NOTHING_NEW)
    manager = person_of(request).may(Role.MANAGER)
    template = "jobs/overview.html" if request.headers.get("HX-Request") else "jobs/list.html"
    return render(request, template, {"overview": found, "may_manage": manager})


@requires(Role.MANAGER)
@require_POST
def retry(request: HttpRequest, job_id: int) -> HttpResponse:
    """Run a failed job again."""
    return _done(request, services.retry, job_id, gettext("The job waits to run again."))


@requires(Role.MANAGER)
@require_POST
def cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    """End a job."""
    return _done(request, services.cancel, job_id, gettext("The job was told to end."))


def _done(
    request: HttpRequest, service: Callable[..., Job], job_id: int, said: str
) -> HttpResponse:
    try:
        service(actor=person_of(request), job_id=job_id, request=request)
        messages.success(request, said)
    except services.NotPossibleError as problem:
        messages.warning(request, str(problem))
    return redirect("jobs:list")
