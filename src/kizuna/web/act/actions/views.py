"""Actions: the register, one action and what is decided about it, the global control."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.act.actions import queries, services, wording
from kizuna.web.act.actions.forms import ActionForm, ProgrammeForm, ShareForm, WhyForm
from kizuna.web.act.actions.models import Action, State
from kizuna.web.know.publications.queries import published

STEPS: Mapping[str, Callable[..., Action]] = {
    "dry_run": services.dry_run,
    "go_live": services.go_live,
    "pause": services.pause,
    "resume": services.resume,
    "conclude": services.conclude,
}


@requires(Role.VIEWER)
def list_(request: HttpRequest) -> HttpResponse:
    """List the actions."""
    asked = request.GET.get("state", "")
    state = asked if asked in State.values else ""
    page, lines = queries.register(state, request.GET.get("page"))
    shown = {
        "page": page,
        "table": wording.register(lines),
        "tabs": wording.state_tabs(queries.states(), state),
        "may_change": person_of(request).may(Role.MANAGER),
    }
    return render(request, "actions/list.html", shown)


@requires(Role.VIEWER)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one action: how it stands, its design, what was decided."""
    found = queries.shown(_action(pk))
    shown = {
        "found": found,
        "action": found.action,
        "mood": wording.MOODS[found.action.state],
        "placed": wording.counted(found.placed),
        "controls": wording.counted(found.controls),
        "deeds": wording.counted(found.deeds),
        "design": wording.design(found),
        "sizing": wording.sizing(found),
        "explain": wording.explained(found),
        "shares": wording.shares(found.shares),
        "log": wording.log(found.log),
        "steps": wording.steps(found.action),
        "may_change": person_of(request).may(Role.MANAGER),
        "why_form": WhyForm(auto_id="why_%s"),
        "share_form": ShareForm(initial={"holdout": found.action.holdout}, auto_id="share_%s"),
    }
    return render(request, "actions/one.html", shown)


@requires(Role.MANAGER)
def add(request: HttpRequest) -> HttpResponse:
    """Write down an action."""
    form = ActionForm(request.POST or None, currency=_currency(), owner=person_of(request))
    if request.method == "POST" and form.is_valid():
        made = services.draft(actor=person_of(request), request=request, **form.said)
        return redirect("actions:one", made.pk)
    return _form_page(request, form, None)


@requires(Role.MANAGER)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an action."""
    found = _action(pk)
    form = ActionForm(request.POST or None, found=found, currency=_currency())
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form, found)
    try:
        services.change(
            actor=person_of(request),
            action=found,
            edition=_number(request, "edition"),
            request=request,
            **form.said,
        )
    except services.AlreadyChangedError:
        return _form_page(request, form, found, conflict=True)
    messages.success(request, _("The action is saved."))
    return redirect("actions:one", pk)


@requires(Role.MANAGER)
@require_POST
def share(request: HttpRequest, pk: int) -> HttpResponse:
    """Change how many are held out from now on."""
    found, form = _action(pk), ShareForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give a share between 0 and 90 percent."))
        return redirect("actions:one", pk)
    try:
        services.set_holdout(
            actor=person_of(request), action=found, request=request, **form.cleaned_data
        )
    except services.NotPossibleError:
        messages.error(request, _("This cannot be done any more; the page shows how it stands."))
    else:
        messages.success(request, _("From now on it counts; who was placed before stays so."))
    return redirect("actions:one", pk)


@requires(Role.MANAGER)
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin, pause or end an action."""
    found, form = _action(pk), WhyForm(request.POST)
    step = STEPS.get(request.POST.get("step", ""))
    if step is None or not form.is_valid():
        raise Http404
    try:
        step(actor=person_of(request), action=found, why=form.cleaned_data["why"], request=request)
    except services.NotPossibleError:
        messages.error(request, _("This cannot be done any more; the page shows how it stands."))
    else:
        messages.success(request, _("It is done, and in the log of decisions."))
    return redirect("actions:one", pk)


@requires(Role.MANAGER)
def control(request: HttpRequest) -> HttpResponse:
    """Show and change how many customers nothing optional reaches."""
    kept = queries.programme()
    first = {name: getattr(kept, name) for name in (*services.OF_PROGRAMME, "version")}
    form = ProgrammeForm(request.POST or None, initial=first)
    conflict = False
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        try:
            services.set_programme(
                actor=person_of(request), said=form.cleaned_data, version=version, request=request
            )
        except services.AlreadyChangedError:
            conflict = True
        else:
            messages.success(request, _("Saved."))
            return redirect("actions:control")
    shown = {
        "form": form,
        "kept": kept,
        "turn": wording.turn(kept, timezone.localdate()),
        "conflict": conflict,
    }
    return render(request, "actions/control.html", shown, status=422 if form.errors else 200)


def _form_page(
    request: HttpRequest, form: ActionForm, found: Action | None, *, conflict: bool = False
) -> HttpResponse:
    edition = _number(request, "edition") if conflict else found.edition if found else 0
    shown = {"form": form, "action": found, "conflict": conflict, "edition": edition}
    status = 409 if conflict else 422 if form.errors else 200
    return render(request, "actions/form.html", shown, status=status)


def _action(pk: int) -> Action:
    found = queries.action(pk)
    if found is None:
        raise Http404
    return found


def _currency() -> str:
    return queries.currency_of(published())


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
