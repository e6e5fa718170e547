"""The outbox, templates, and how channels are reached."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.act.messages import queries, wording
from kizuna.web.act.messages.channels import Fate
from kizuna.web.act.messages.forms import (
    SettleForm,
    SetupForm,
    TemplateForm,
    TrialForm,
    initial_of,
    settle_form,
)
from kizuna.web.act.messages.models import Channel, Returned, State, Template
from kizuna.web.act.messages.services import NotUncertainError, returns, settle, trials
from kizuna.web.act.messages.services import setups as setting_up
from kizuna.web.act.messages.services import templates as writing
from kizuna.web.act.messages.variables import variables
from kizuna.web.capture.interactions.queries import of_returns


@requires(Role.VIEWER)
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """Show what is lined up, and what became of messages."""
    state = request.GET.get("state", "")
    state = state if state in State.values else ""
    shown = {
        "numbers": queries.numbers(timezone.now()),
        "page": queries.outbox(state, _number(request)),
        "ways": [way for way in queries.ways() if way.setup and way.setup.trouble],
        "state": state,
        "states": State.choices,
    }
    return _shown(request, "outbox", shown)


@requires(Role.VIEWER)
@require_safe
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one message, and everything that came of it."""
    found = queries.story(pk)
    if found is None:
        raise Http404
    may_settle = person_of(request).may(Role.MANAGER)
    return _shown(request, "message", {"story": found, "may_settle": may_settle}, "outbox")


@requires(Role.MANAGER)
@require_POST
def settle_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether a message arrived of which nobody could know."""
    arrived = request.POST.get("arrived") == "1"
    try:
        settle(actor=person_of(request), pk=pk, arrived=arrived, request=request)
        messages.success(request, _("It is noted."))
    except NotUncertainError:
        messages.warning(request, _("It is not uncertain any more."))
    return redirect("messages:message", pk)


@requires(Role.MEMBER)
@require_safe
def returned(request: HttpRequest) -> HttpResponse:
    """Show what came back, and what of it nothing could be made of."""
    return _returned(request)


@requires(Role.MANAGER)
@require_POST
def put_aside(request: HttpRequest) -> HttpResponse:
    """Put aside what waits and is no report."""
    returns.put_aside(actor=person_of(request), request=request)
    return redirect("messages:returned")


@requires(Role.MANAGER)
@require_POST
def settle_returned(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what a mail that was left over is."""
    form = SettleForm(request.POST)
    if form.is_valid():
        try:
            returns.settle(actor=person_of(request), pk=pk, request=request, **form.cleaned_data)
        except Returned.DoesNotExist:
            raise Http404 from None
        except returns.UnknownAddressError:
            messages.warning(request, _("No message of yours went to this address."))
        else:
            messages.success(request, _("It is noted."))
    return redirect("messages:returned")


@requires(Role.VIEWER)
@require_safe
def templates(request: HttpRequest) -> HttpResponse:
    """List the templates."""
    may_write = person_of(request).may(Role.MANAGER)
    return _shown(request, "templates", {"found": queries.templates(), "may_write": may_write})


@requires(Role.MANAGER)
def add(request: HttpRequest) -> HttpResponse:
    """Write a template."""
    form = TemplateForm(request.POST or None)
    if form.is_valid():
        try:
            made = writing.save(actor=person_of(request), said=form.said(), request=request)
        except writing.FaultyError as error:
            form.add_faults(error)
        else:
            return redirect("messages:template", made.pk)
    return _written(request, form, None)


@requires(Role.MANAGER)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the next version of a template."""
    found = _template(pk)
    initial = initial_of(found, queries.texts_of(found))
    form = TemplateForm(request.POST or None, template=found, initial=initial)
    if form.is_valid():
        version = request.POST.get("version", "")
        try:
            writing.save(
                actor=person_of(request), said=form.said(), template=found,
                version=int(version) if version.isdecimal() else None, request=request,
            )  # fmt: skip
        except writing.FaultyError as error:
            form.add_faults(error)
        except writing.AlreadyChangedError:
            said = _("Somebody has changed the template meanwhile; nothing was saved.")
            form.add_error(None, said)
        else:
            messages.success(request, _("The template is saved."))
            return redirect("messages:template", pk)
    return _written(request, form, found)


@requires(Role.VIEWER)
@require_safe
def template(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a template as a real customer would get it."""
    found = _template(pk)
    texts = queries.texts_of(found)
    asked = request.GET if "customer" in request.GET else None
    form = TrialForm(asked, texts=texts, initial={"customer": queries.example()})
    looked = None
    if asked is not None and form.is_valid():
        text = next(t for t in texts if str(t.pk) == form.cleaned_data["text"])
        looked = trials.look(text=text, template=found, customer_id=form.cleaned_data["customer"])
    shown = {
        "template": found,
        "texts": texts,
        "versions": queries.versions_of(found),
        "form": form,
        "look": looked,
        "may_write": person_of(request).may(Role.MANAGER),
    }
    return _shown(request, "template", shown, "templates")


@requires(Role.MEMBER)
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Mail oneself a test."""
    found = _template(pk)
    texts = queries.texts_of(found)
    form = TrialForm(request.POST, texts=texts)
    if form.is_valid():
        text = next(t for t in texts if str(t.pk) == form.cleaned_data["text"])
        outcome = trials.send_test(
            actor=person_of(request), text=text, template=found,
            customer_id=form.cleaned_data["customer"], request=request,
        )  # fmt: skip
        if outcome.fate == Fate.SENT:
            messages.success(request, _("A test was sent to your own address."))
        else:
            messages.warning(request, wording.reason(outcome.reason))
    return redirect("messages:template", pk)


@requires(Role.MANAGER)
@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Use a template no more, or again."""
    found = _template(pk)
    writing.retire(
        actor=person_of(request), template=found, retired=found.retired_at is None, request=request
    )
    return redirect("messages:template", pk)


@requires(Role.MANAGER)
@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    """Show how channels are reached."""
    return _channels(request)


@requires(Role.MANAGER)
@require_POST
def channel(request: HttpRequest, name: str) -> HttpResponse:
    """Say how a channel is reached."""
    if name not in (Channel.LINE, Channel.SMS, Channel.WEBHOOK):
        raise Http404
    form = SetupForm(request.POST, channel=name, prefix=name)
    if not form.is_valid():
        return _channels(request, form)
    said = form.cleaned_data
    setting_up.save(
        actor=person_of(request), channel=name, url=said.get("url", ""), secret=said["secret"],
        request=request,
    )  # fmt: skip
    messages.success(request, _("The channel is saved."))
    return redirect("messages:channels")


def _returned(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    numbers, page = queries.numbers_back(timezone.now()), queries.come_back(_number(request))
    shown = {
        "numbers": numbers,
        "page": page,
        "left": [(one, settle_form(one)) for one in queries.left_over()],
        "waiting": queries.waiting(),
        "mailboxes": of_returns(),
        "is_empty": not page.items and page.number == 1,
        "may_settle": person.may(Role.MANAGER),
    }
    return _shown(request, "returned", shown)


def _channels(request: HttpRequest, wrong: SetupForm | None = None) -> HttpResponse:
    shown = []
    for way in queries.ways():
        form = None
        if way.channel != Channel.EMAIL:
            initial = {"url": way.setup.url if way.setup else ""}
            form = SetupForm(channel=way.channel, prefix=way.channel, initial=initial)
        if wrong is not None and wrong.channel == way.channel:
            form = wrong
        shown.append((way, form))
    return _shown(request, "channels", {"ways": shown}, status=422 if wrong else 200)


def _written(request: HttpRequest, form: TemplateForm, found: Template | None) -> HttpResponse:
    shown = {"form": form, "template": found, "variables": variables().values()}
    return _shown(request, "write", shown, "templates", 422 if form.errors else 200)


def _shown(
    request: HttpRequest, name: str, shown: dict[str, Any], tab: str = "", status: int = 200
) -> HttpResponse:
    tabs = {"tabs": wording.tabs(tab or name, person_of(request))}
    return render(request, f"messages/{name}.html", tabs | shown, status=status)


def _template(pk: int) -> Template:
    found = queries.template(pk)
    if found is None:
        raise Http404
    return found


def _number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return min(max(int(text), 1), 10_000) if text.isdecimal() and len(text) < 9 else 1
