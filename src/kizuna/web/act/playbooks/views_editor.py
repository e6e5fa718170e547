"""The editor: a page for each part of a draft, a button for each change; or all of it as text."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.act.playbooks import editing, queries, ready, services, yaml_text
from kizuna.web.act.playbooks.findings import Finding
from kizuna.web.act.playbooks.forms import (
    AboutForm,
    EndForm,
    RulePart,
    StartForm,
    StepForm,
    YamlForm,
    end_values,
    start_values,
)
from kizuna.web.act.playbooks.models import Playbook
from kizuna.web.act.playbooks.plan import NEEDS, Said
from kizuna.web.act.playbooks.steps import KINDS, StepKind
from kizuna.web.act.playbooks.texts import read_text
from kizuna.web.act.playbooks.views import found_or_404

TURNS = ("add", "text", "form")
"""Buttons that show the page anew instead of keeping it."""


@requires(Role.MANAGER)
def new(request: HttpRequest) -> HttpResponse:
    """Begin a playbook: with one of the ready ones, or empty."""
    form = AboutForm(request.POST if "name" in request.POST else None)
    if request.method == "POST" and (form.is_valid() or "pack" in request.POST):
        try:
            made = ready.begin(
                actor=person_of(request),
                pack=request.POST.get("pack", ""),
                about=getattr(form, "cleaned_data", {}),
                request=request,
            )
            return redirect("playbooks:edit", made.pk)
        except services.NameTakenError:
            form.add_error("name", _("Another action has this name."))
        except LookupError:
            raise Http404 from None
    values = {"form": form, "groups": ready.groups()}
    return render(request, "playbooks/new.html", values, status=422 if form.errors else 200)


@requires(Role.MANAGER)
@require_safe
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the draft with a button for each change."""
    found = found_or_404(pk)
    values = {"playbook": found, "told": queries.told(found.draft), "kinds": KINDS.values()}
    return render(request, "playbooks/edit.html", values)


@requires(Role.MANAGER)
def about(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what it is called and what it is for."""
    found = found_or_404(pk)
    form = AboutForm(request.POST or None, initial=found.draft)
    if request.method == "POST" and form.is_valid():
        try:
            return _keep(request, found, {**found.draft, **form.cleaned_data})
        except services.NameTakenError:
            form.add_error("name", _("Another action has this name."))
    return _part(request, found, form, _("Name and purpose"))


@requires(Role.MANAGER)
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what makes a customer enter."""
    found = found_or_404(pk)
    trigger = found.draft.get("trigger") or {}
    given = request.POST if request.method == "POST" else None
    if given is not None and not _is_kept(request):
        form = StartForm(initial=start_values(given.dict()))
    else:
        form = StartForm(given, initial=start_values(trigger))
    asks_rule = "rule" in NEEDS[form.chosen]
    rule = RulePart(str(trigger.get("rule", "")), given)
    if form.is_bound and form.is_valid() and rule.read(asks_rule):
        return _keep(request, found, editing.put(found.draft, "trigger", form.said(rule.text)))
    shown = rule if asks_rule else None
    return _part(request, found, form, _("What makes a customer enter"), shown, chooses=True)


@requires(Role.MANAGER)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Say when a customer leaves early, and whether she comes again."""
    found = found_or_404(pk)
    given = request.POST if request.method == "POST" else None
    form = EndForm(given, initial=end_values(found.draft))
    rule = RulePart(str((found.draft.get("exit") or {}).get("rule", "")), given)
    if given is not None and form.is_valid() and rule.read(False) and _is_kept(request):
        leave = {"rule": rule.text, "event": form.cleaned_data["event"]}
        said = editing.put(found.draft, "exit", {k: v for k, v in leave.items() if v})
        return _keep(request, found, editing.put(said, "again", form.again_said))
    return _part(request, found, form, _("When a customer leaves early"), rule)


@requires(Role.MANAGER)
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a step of a kind at a place."""
    found = found_or_404(pk)
    asked = request.POST if request.method == "POST" else request.GET
    kind, place = KINDS.get(asked.get("do", "")), asked.get("place", editing.START)
    if kind is None:
        raise Http404
    return _step(request, found, kind, {}, place)


@requires(Role.MANAGER)
def step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Say something else of a step."""
    found = found_or_404(pk)
    try:
        said = editing.step_of(found.draft, name)
    except editing.NoStepError:
        raise Http404 from None
    kind = KINDS.get(str(said.get("do", "")))
    if kind is None:
        raise Http404
    return _step(request, found, kind, said, "")


@requires(Role.MANAGER)
@require_POST
def move(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Move a step up or down."""
    found, by = found_or_404(pk), -1 if request.POST.get("by") == "up" else 1
    return _changed(request, found, lambda said: editing.shift(said, name, by))


@requires(Role.MANAGER)
@require_POST
def remove_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Take a step out."""
    found = found_or_404(pk)
    return _changed(request, found, lambda said: editing.remove(said, name))


@requires(Role.MANAGER)
def text(request: HttpRequest, pk: int) -> HttpResponse:
    """Read and write the draft as text."""
    found = found_or_404(pk)
    written = {"text": yaml_text.write(found.draft)}
    form = YamlForm(request.POST if request.method == "POST" else None, initial=written)
    wrong: list[Finding] = []
    if request.method == "POST" and form.is_valid():
        said, wrong = read_text(form.cleaned_data["text"])
        if said is not None:
            return _keep(request, found, said)
    values = {"playbook": found, "form": form, "findings": wrong}
    return render(request, "playbooks/yaml.html", values, status=422 if wrong else 200)


@requires(Role.VIEWER)
@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the draft as a file."""
    found = found_or_404(pk)
    body = yaml_text.write(found.draft).encode()
    answer = HttpResponse(body, content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="playbook-{pk}.yaml"'
    return answer


def _step(
    request: HttpRequest, found: Playbook, kind: StepKind, said: Said, place: str
) -> HttpResponse:
    """Show the form of a step, or keep what was filled in."""
    given = request.POST if request.method == "POST" else None
    form = StepForm(given, kind=kind, initial=said, prefix="step")
    asks = next((field for field in kind.fields if field.kind == "rule"), None)
    rule = RulePart(str(said.get(asks.name, "")), given) if asks else None
    if given is not None and form.is_valid() and (rule is None or rule.read(True)):
        values = form.said() | ({asks.name: rule.text} if asks and rule else {})
        if rule is None or _is_kept(request):
            return _keep_step(request, found, kind, said, place, values)
    more = {"kind": kind, "place": place, "do": kind.name, "asks": asks}
    return _part(request, found, form, str(kind.label), rule, **more)


def _keep_step(
    request: HttpRequest, found: Playbook, kind: StepKind, said: Said, place: str, values: Said
) -> HttpResponse:
    if place:
        return _keep_added(request, found, place, kind, values)
    return _keep(request, found, editing.change(found.draft, str(said["id"]), values))


def _keep_added(
    request: HttpRequest, found: Playbook, place: str, kind: StepKind, values: Said
) -> HttpResponse:
    return _changed(request, found, lambda said: editing.add(said, place, kind.name, values)[0])


def _changed(request: HttpRequest, found: Playbook, how: Any) -> HttpResponse:
    try:
        return _keep(request, found, how(found.draft))
    except editing.NoStepError:
        raise Http404 from None


def _keep(request: HttpRequest, found: Playbook, said: Said) -> HttpResponse:
    edits = request.POST.get("edits", "") or request.GET.get("edits", "")
    try:
        services.change(
            actor=person_of(request),
            pk=found.pk,
            edits=int(edits) if edits.isdecimal() else found.edits,
            said=said,
            request=request,
        )
    except services.ChangedMeanwhileError:
        messages.warning(request, _("Someone else has changed it meanwhile: look at it again."))
    return redirect("playbooks:edit", found.pk)


def _is_kept(request: HttpRequest) -> bool:
    return request.POST.get("action") not in TURNS


def _part(
    request: HttpRequest,
    found: Playbook,
    form: Any,
    title: str,
    rule: RulePart | None = None,
    **more: Any,
) -> HttpResponse:
    problem = rule.problem if rule else ""
    values = {"playbook": found, "form": form, "title": title, "problem": problem, **more}
    if rule is not None:
        values["rule"] = rule.shown()
    return render(
        request, "playbooks/part.html", values, status=422 if form.errors or problem else 200
    )
