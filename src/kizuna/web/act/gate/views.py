"""The contact gate: its log, whom it keeps from, its rules."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.act.gate import queries, services, wording
from kizuna.web.act.gate.forms import LogForm, RulesForm, SuppressForm, ZoneForm


@requires(Role.MEMBER)
def log(request: HttpRequest) -> HttpResponse:
    """Show what was decided, and why."""
    form = LogForm(request.GET)
    page = queries.log(form.asked, _page_number(request))
    shown = {
        "form": form,
        "page": page,
        "lines": wording.lines(page),
        "tally": wording.tally(queries.tally()),
        "asked": any(form.asked.values()),
        "tabs": wording.tabs("log", person_of(request)),
    }
    return render(request, "gate/log.html", shown)


@requires(Role.MEMBER)
def suppressed(request: HttpRequest) -> HttpResponse:
    """Show whom nobody contacts, and keep from somebody."""
    person = person_of(request)
    first = {"customer_id": request.GET.get("id", "")}
    form = SuppressForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        services.suppress(actor=person, request=request, **form.cleaned_data)
        messages.success(request, _("The customer is not contacted there any more."))
        return redirect("gate:suppressed")
    page = queries.suppressions(request.GET.get("customer", ""), request.GET.get("page"))
    shown = {
        "form": form,
        "page": page,
        "names": queries.names(row.customer_id for row in page),
        "tabs": wording.tabs("suppressed", person),
        "may_lift": person.may(Role.MANAGER),
    }
    return render(request, "gate/suppressed.html", shown, status=422 if form.errors else 200)


@requires(Role.MANAGER)
@require_POST
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Contact somebody again."""
    if not queries.is_suppression(pk):
        raise Http404
    services.lift(actor=person_of(request), pk=pk, request=request)
    messages.success(request, _("The customer may be contacted there again."))
    return redirect("gate:suppressed")


@requires(Role.MEMBER)
def zones(request: HttpRequest) -> HttpResponse:
    """Show and set where customers live who live elsewhere."""
    person = person_of(request)
    form = ZoneForm(request.POST or None, initial={"customer_id": request.GET.get("id", "")})
    if request.method == "POST" and form.is_valid():
        services.set_zone(actor=person, request=request, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("gate:zones")
    page = queries.zones(request.GET.get("page"))
    shown = {"form": form, "page": page, "tabs": wording.tabs("zones", person)}
    return render(request, "gate/zones.html", shown, status=422 if form.errors else 200)


@requires(Role.MANAGER)
def rules(request: HttpRequest) -> HttpResponse:
    """Show and change quiet hours and caps."""
    kept, person = queries.rules(), person_of(request)
    form = RulesForm(request.POST or None, kept=kept, caps=queries.caps())
    conflict = False
    if request.method == "POST" and form.is_valid():
        said, version = form.cleaned_data, form.cleaned_data["version"]
        try:
            services.save_rules(
                actor=person, said=said, caps=form.said_caps, version=version, request=request
            )
        except services.AlreadyChangedError:
            conflict = True
        else:
            messages.success(request, _("Saved."))
            return redirect("gate:rules")
    shown = {"form": form, "conflict": conflict, "tabs": wording.tabs("rules", person)}
    return render(request, "gate/rules.html", shown, status=422 if form.errors else 200)


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 6 else 1
