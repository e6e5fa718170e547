"""Many customers enter a playbook by hand: who, a look at them first, and what became of them."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.act.playbooks import intakes, queries
from kizuna.web.act.playbooks.forms import ChosenForm, EnrolForm
from kizuna.web.act.playbooks.showing import intake_page
from kizuna.web.act.playbooks.views import found_or_404


@requires(Role.MEMBER)
def enrol(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask who is to enter; they are looked at first."""
    found, form = found_or_404(pk), EnrolForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = intakes.ask(actor=person_of(request), pk=pk, request=request, **form.said)
        return redirect("playbooks:intake", pk, asked.pk)
    values = {"playbook": found, "form": form}
    status = 422 if form.errors else 200
    return render(request, "playbooks/enrol.html", values, status=status)


@requires(Role.MEMBER)
def intake(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Show what would become of them, have them enter, and show what did."""
    found = queries.intake(pk, number)
    if found is None:
        raise Http404
    if request.method == "POST":
        intakes.begin(actor=person_of(request), pk=number, request=request)
        return redirect("playbooks:intake", pk, number)
    return render(request, "playbooks/intake.html", intake_page(found))


@requires(Role.MEMBER)
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Ask which playbook customers of the list are to enter."""
    form = ChosenForm(request.POST, chosen=request.POST.getlist("id"))
    if form.is_valid() and form.cleaned_data["playbook"] is not None:
        asked = intakes.ask(actor=person_of(request), request=request, **form.said)
        return redirect("playbooks:intake", asked.playbook_id, asked.pk)
    values = {"form": form, "live": queries.live_ones()}
    status = 422 if form.errors else 200
    return render(request, "playbooks/choose.html", values, status=status)
