"""Playbooks as they run: the list, one with its counts, its customers, a trial on the past."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.act.playbooks import queries, services
from kizuna.web.act.playbooks.doings import WHAT
from kizuna.web.act.playbooks.models import Playbook, State
from kizuna.web.act.playbooks.showing import done_page, live_page, show_page, trial_page


@requires(Role.VIEWER)
@require_safe
def list_(request: HttpRequest) -> HttpResponse:
    """List the playbooks."""
    may = person_of(request).may(Role.MANAGER)
    values = {"playbooks": queries.playbooks(), "may_change": may}
    return render(request, "playbooks/list.html", values)


@requires(Role.VIEWER)
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a playbook with its counts."""
    values = show_page(found_or_404(pk), person_of(request))
    return render(request, "playbooks/show.html", values)


@requires(Role.VIEWER)
@require_safe
def customers(request: HttpRequest, pk: int) -> HttpResponse:
    """List the customers of a playbook."""
    found, asked = found_or_404(pk), request.GET
    state, step = asked.get("state", ""), asked.get("step", "")
    page, rows = queries.enrolments(found, state, step, asked.get("page"))
    values = {
        "playbook": found,
        "page": page,
        "rows": rows,
        "state": state,
        "step": step,
        "states": State.choices,
        "may_stop": person_of(request).may(Role.MEMBER),
    }
    return render(request, "playbooks/customers.html", values)


@requires(Role.VIEWER)
@require_safe
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """List the tasks or the messages of a playbook."""
    found, asked = found_or_404(pk), request.GET
    what = asked.get("what", "")
    what = what if what in WHAT else WHAT[0]
    values = done_page(found, person_of(request), what, asked.get("page"))
    return render(request, "playbooks/done.html", values)


@requires(Role.MEMBER)
@require_POST
def stop(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Take a customer out."""
    found_or_404(pk)
    services.stop(actor=person_of(request), pk=pk, enrolment=number, request=request)
    return redirect("playbooks:customers", pk)


@requires(Role.MANAGER)
@require_POST
def try_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Have all who are stuck try once more."""
    found_or_404(pk)
    services.try_again(actor=person_of(request), pk=pk, request=request)
    messages.success(request, _("They are being tried again."))
    return redirect("playbooks:show", pk)


@requires(Role.MANAGER)
def trial(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a playbook on the past, and show what it would have done."""
    found = found_or_404(pk)
    if request.method == "POST":
        weeks = request.POST.get("weeks", "")
        chosen = int(weeks) if weeks.isdecimal() and len(weeks) < 4 else 26
        services.rehearse(actor=person_of(request), pk=pk, weeks=chosen, request=request)
        return redirect("playbooks:trial", pk)
    return render(request, "playbooks/trial.html", trial_page(found))


@requires(Role.MANAGER)
def live(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is to be known before customers enter, and let them."""
    found = found_or_404(pk)
    if request.method == "POST":
        return _went_live(request, found)
    return render(request, "playbooks/live.html", live_page(found))


def _went_live(request: HttpRequest, found: Playbook) -> HttpResponse:
    edits, read = request.POST.get("edits", ""), request.POST.get("read") == "1"
    try:
        services.go_live(
            actor=person_of(request),
            pk=found.pk,
            edits=int(edits) if edits.isdecimal() else 0,
            read=read,
            request=request,
        )
    except services.FaultyError:
        messages.warning(request, _("Read what was found first, and say that you did."))
        return redirect("playbooks:live", found.pk)
    except services.ChangedMeanwhileError:
        messages.warning(request, _("Someone else has changed it meanwhile: look at it again."))
        return redirect("playbooks:live", found.pk)
    messages.success(request, _("It is live: customers enter from now on."))
    return redirect("playbooks:show", found.pk)


@requires(Role.MANAGER)
@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause a playbook, or go on."""
    found_or_404(pk)
    verb: Callable[..., object] = (
        services.resume if request.POST.get("on") == "1" else services.pause
    )
    return _done(request, pk, verb)


@requires(Role.MANAGER)
@require_POST
def conclude(request: HttpRequest, pk: int) -> HttpResponse:
    """End a playbook for good."""
    found_or_404(pk)
    return _done(request, pk, services.conclude)


@requires(Role.MANAGER)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a playbook that was never live."""
    found_or_404(pk)
    if services.remove(actor=person_of(request), pk=pk, request=request):
        return redirect("playbooks:list")
    messages.warning(request, _("Customers have been in it: it is kept. You can end it."))
    return redirect("playbooks:show", pk)


def _done(request: HttpRequest, pk: int, verb: Callable[..., object]) -> HttpResponse:
    try:
        verb(actor=person_of(request), pk=pk, request=request)
    except services.NotPossibleError:
        messages.warning(request, _("That cannot be done as it stands now."))
    return redirect("playbooks:show", pk)


def found_or_404(pk: int) -> Playbook:
    """Find a playbook."""
    found = queries.playbook(pk)
    if found is None:
        raise Http404
    return found
