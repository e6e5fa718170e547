"""Consent for those who work here: what is asked, what was said, and its proof."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.capture.consents import files, queries, wording
from kizuna.web.capture.consents.forms import (
    FileForm,
    PurposeForm,
    SenderForm,
    TopicForm,
    WordForm,
    WordingForm,
)
from kizuna.web.capture.consents.models import Purpose, Source, Topic
from kizuna.web.capture.consents.services import recording, setting_up
from kizuna.web.capture.consents.services.setting_up import OF_PURPOSE, OF_SENDER

SHAPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


@requires(Role.MANAGER)
def purposes(request: HttpRequest) -> HttpResponse:
    """List for what customers are written to."""
    shown = {"purposes": queries.purposes(), "missing": queries.sender().missing}
    return _shown(request, "purposes", shown)


@requires(Role.MANAGER)
def add_purpose(request: HttpRequest) -> HttpResponse:
    """Add a purpose."""
    form = PurposeForm(request.POST or None)
    if form.is_valid():
        actor, said = person_of(request), form.cleaned_data
        made = setting_up.add_purpose(actor=actor, said=said, request=request)
        return redirect("consents:purpose", made.pk)
    return _shown(request, "add_purpose", {"form": form}, form)


@requires(Role.MANAGER)
def purpose(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and change a purpose, its topics and its words."""
    found = _purpose(pk)
    initial = {name: getattr(found, name) for name in OF_PURPOSE}
    form = PurposeForm(request.POST or None, found=found, initial=initial)
    if form.is_valid():
        actor, said = person_of(request), form.cleaned_data
        setting_up.change_purpose(actor=actor, pk=pk, said=said, request=request)
        messages.success(request, _("The purpose is saved."))
        return redirect("consents:purpose", pk)
    return _purpose_page(request, found, form=form)


@requires(Role.MANAGER)
@require_POST
def retire_purpose(request: HttpRequest, pk: int) -> HttpResponse:
    """Retire a purpose, or use it again."""
    found = _purpose(pk)
    setting_up.retire_purpose(
        actor=person_of(request), pk=pk, retired=found.retired_at is None, request=request
    )
    return redirect("consents:purpose", pk)


@requires(Role.MANAGER)
@require_POST
def add_topic(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a topic."""
    found, form = _purpose(pk), TopicForm(request.POST, purpose_id=pk)
    if not form.is_valid():
        return _purpose_page(request, found, topic_form=form)
    setting_up.add_topic(actor=person_of(request), pk=pk, said=form.cleaned_data, request=request)
    return redirect("consents:purpose", pk)


@requires(Role.MANAGER)
@require_POST
def retire_topic(request: HttpRequest, pk: int) -> HttpResponse:
    """Retire a topic, or use it again."""
    found = Topic.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    setting_up.retire_topic(
        actor=person_of(request), pk=pk, retired=found.retired_at is None, request=request
    )
    return redirect("consents:purpose", found.purpose_id)


@requires(Role.MANAGER)
@require_POST
def add_wording(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a purpose new words."""
    found, form = _purpose(pk), WordingForm(request.POST)
    if not form.is_valid():
        return _purpose_page(request, found, wording_form=form)
    setting_up.add_wording(actor=person_of(request), pk=pk, said=form.cleaned_data, request=request)
    return redirect("consents:purpose", pk)


@requires(Role.MANAGER)
def sender(request: HttpRequest) -> HttpResponse:
    """Say who writes."""
    now = queries.sender()
    initial = {name: getattr(now, name) for name in OF_SENDER}
    form = SenderForm(request.POST or None, initial=initial)
    if form.is_valid():
        actor, said = person_of(request), form.cleaned_data
        setting_up.save_sender(actor=actor, said=said, request=request)
        messages.success(request, _("The sender is saved."))
        return redirect("consents:sender")
    return _shown(request, "sender", {"form": form, "missing": now.missing}, form)


@requires(Role.MANAGER)
def file(request: HttpRequest) -> HttpResponse:
    """Bring consents in by a file."""
    form = FileForm(request.POST or None, request.FILES or None)
    shown: dict[str, Any] = {"form": form, "columns": files.NAMES}
    if request.method == "POST" and form.is_valid():
        shown |= _brought(request, form)
    return _shown(request, "file", shown, form)


@requires(Role.VIEWER)
def of(request: HttpRequest) -> HttpResponse:
    """Show all that a customer has said, and record what she told a person."""
    customer_id, person = _asked(request), person_of(request)
    form = WordForm(request.POST or None, purposes=queries.chosen())
    if request.method == "POST" and form.is_valid():
        try:
            recording.record(actor=person, said=form.said(customer_id), request=request)
        except recording.RefusedError as error:
            form.add_error(None, str(recording.PROBLEMS[error.code]))
        else:
            messages.success(request, _("It is recorded."))
            return redirect(reverse("consents:of", query={"id": customer_id}))
    return _history(request, customer_id, form)


@requires(Role.MEMBER)
@require_POST
def link(request: HttpRequest) -> HttpResponse:
    """Show the link of a customer's preference page."""
    customer_id = _asked(request)
    made = setting_up.make_link(actor=person_of(request), customer_id=customer_id, request=request)
    form = WordForm(purposes=queries.chosen())
    return _history(request, customer_id, form, made)


@requires(Role.MEMBER)
@require_POST
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Hand out the proof of what a customer said."""
    customer_id = _asked(request)
    return _handed_out(request, queries.history(customer_id), customer_id)


@requires(Role.MANAGER)
@require_POST
def export_all(request: HttpRequest) -> StreamingHttpResponse:
    """Hand out the proof of everything that was said."""
    return _handed_out(request, queries.everything(), "")


def _handed_out(request: HttpRequest, words: Any, customer_id: str) -> StreamingHttpResponse:
    shape = "json" if request.POST.get("format") == "json" else "csv"
    setting_up.exported(
        actor=person_of(request), customer_id=customer_id, shape=shape, request=request
    )
    found = words.iterator(2_000)
    lines = files.as_json(found) if shape == "json" else files.as_csv(found)
    headers = {"Content-Disposition": f'attachment; filename="consents.{shape}"'}
    return StreamingHttpResponse(lines, content_type=SHAPES[shape], headers=headers)


def _brought(request: HttpRequest, form: FileForm) -> dict[str, Any]:
    upload, only_check = form.cleaned_data["file"], form.cleaned_data["only_check"]
    try:
        read = files.read(upload.read(), upload.name)
    except files.UnreadableError as error:
        form.add_error("file", wording.unreadable(error))
        return {}
    outcome = recording.record_many(
        actor=person_of(request), said=read.rows, source=Source.FILE, request=request,
        only_check=only_check, file=f"file {upload.name}",
    )  # fmt: skip
    return {
        "outcome": outcome,
        "only_check": only_check,
        "left_out": wording.left_out(read, outcome),
    }


def _history(
    request: HttpRequest, customer_id: str, form: WordForm, made: str = ""
) -> HttpResponse:
    page = queries.page_of(customer_id, request.GET.get("page"))
    shown = {
        "customer_id": customer_id,
        "page": page,
        "words": [wording.told(word) for word in page],
        "offers": queries.offers(customer_id),
        "form": form,
        "link": made,
        "may_change": person_of(request).may(Role.MEMBER),
    }
    return _shown(request, "of", shown, form)


def _purpose_page(request: HttpRequest, found: Purpose, **given: Any) -> HttpResponse:
    initial = {name: getattr(found, name) for name in OF_PURPOSE}
    usual = {
        "purpose": found,
        "form": PurposeForm(found=found, initial=initial),
        "topic_form": TopicForm(purpose_id=found.pk),
        "wording_form": WordingForm(),
    }
    return _shown(request, "purpose", usual | given, *given.values())


def _shown(
    request: HttpRequest, name: str, shown: dict[str, Any], *entered: forms.Form
) -> HttpResponse:
    status = 422 if any(form.errors for form in entered) else 200
    tabs = {"tabs": wording.tabs(name)}
    return render(request, f"consents/{name}.html", tabs | shown, status=status)


def _asked(request: HttpRequest) -> str:
    customer_id = request.GET.get("id", "")
    if not customer_id or "\x00" in customer_id or len(customer_id) > 500:
        raise Http404
    return customer_id


def _purpose(pk: int) -> Purpose:
    found = queries.purpose(pk)
    if found is None:
        raise Http404
    return found
