"""The register: what was asked, what became of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.capture.privacy import queries, retention, services
from kizuna.web.capture.privacy.forms import PERIODS, PeriodForm, RefusalForm, RequestForm
from kizuna.web.capture.privacy.models import Held, Kind, Request


@requires(Role.MANAGER)
def list_(request: HttpRequest) -> HttpResponse:
    """List the requests."""
    today = timezone.localdate()
    found = [(one, one.is_late(today)) for one in queries.requests()]
    return render(request, "privacy/list.html", {"requests": found})


@requires(Role.MANAGER)
def add(request: HttpRequest) -> HttpResponse:
    """Enter a request."""
    today = timezone.localdate()
    initial = {"today": today, "received_on": today, "customer_id": request.GET.get("id", "")}
    form = RequestForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = services.record(actor=person_of(request), request=request, **form.cleaned_data)
        return redirect("privacy:show", pk=made.pk)
    return render(request, "privacy/add.html", {"form": form}, status=422 if form.errors else 200)


@requires(Role.MANAGER)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a request and its report."""
    return _shown(request, get_object_or_404(Request, pk=pk), RefusalForm())


@requires(Role.MANAGER)
@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse what is asked."""
    found, form = get_object_or_404(Request, pk=pk), RefusalForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, form)
    try:
        reason = form.cleaned_data["reason"]
        services.refuse(actor=person_of(request), pk=pk, reason=reason, request=request)
    except services.NotNow:
        messages.info(request, _("It is decided already."))
    return redirect("privacy:show", pk=pk)


@requires(Role.MANAGER)
@require_POST
def carry_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the person erased."""
    get_object_or_404(Request, pk=pk)
    try:
        services.carry_out(actor=person_of(request), pk=pk, request=request)
    except services.NotNow:
        messages.info(request, _("It is decided already."))
    return redirect("privacy:show", pk=pk)


@requires(Role.MANAGER)
@require_POST
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out everything about the person, and record that."""
    found = get_object_or_404(Request, pk=pk)
    if found.kind != Kind.ACCESS:
        raise Http404
    services.answered(actor=person_of(request), pk=pk, request=request)
    headers = {"Content-Disposition": f'attachment; filename="request-{pk}.zip"'}
    return HttpResponse(queries.everything(found), content_type="application/zip", headers=headers)


@requires(Role.MANAGER)
def retention_list(request: HttpRequest) -> HttpResponse:
    """Show how long things are kept."""
    words = dict(PERIODS)
    found = [(one, words.get(str(one.kept or ""), "")) for one in retention.periods()]
    return render(request, "privacy/retention.html", {"periods": found})


@requires(Role.MANAGER)
def retention_one(request: HttpRequest, held: str) -> HttpResponse:
    """Count what a period would remove; then set it."""
    if held not in Held.values:
        raise Http404
    form = PeriodForm(request.POST or request.GET or None)
    asked = form.is_bound and form.is_valid()
    months = form.cleaned_data["months"] if asked else None
    if request.method == "POST" and asked:
        person = person_of(request)
        retention.set_period(actor=person, held=held, months=months, request=request)
        return redirect("privacy:retention")
    count = retention.would_go(held, months) if months else 0
    words = {"form": form, "held": Held(held), "asked": asked, "months": months, "count": count}
    words["period"] = dict(PERIODS)[str(months or "")]
    return render(request, "privacy/period.html", words, status=422 if form.errors else 200)


def _shown(request: HttpRequest, found: Request, form: RefusalForm) -> HttpResponse:
    values = {"one": found, "form": form, "subject": queries.subject_of(found)}
    values["late"] = found.is_late(timezone.localdate())
    status = 422 if form.errors else 200
    return render(request, "privacy/show.html", values, status=status)
