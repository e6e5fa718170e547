"""Sources of contacts: hooks that programs call, and mailboxes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, public, requires
from kizuna.web.capture.inbox import InboxError
from kizuna.web.capture.interactions import forms, queries, services, taking, wording
from kizuna.web.capture.interactions.mapping import PARTS


@requires(Role.MANAGER)
@require_safe
def list_(request: HttpRequest) -> HttpResponse:
    """List where contacts come from, and how it goes."""
    boxes = [(box, wording.problem(box.problem)) for box in queries.mailboxes()]
    return render(request, "interactions/list.html", {"hooks": queries.hooks(), "mailboxes": boxes})


@requires(Role.MANAGER)
def add_hook(request: HttpRequest) -> HttpResponse:
    """Make an address that a program may call."""
    form = forms.HookForm(request.POST or None, initial=forms.hook_initial(None))
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        secret = said.pop("secret")
        made = services.add_hook(
            actor=person_of(request), said=said, secret=secret, request=request
        )
        return redirect("interactions:hook", made.pk)
    return _form(request, "hook_form", {"form": form, "parts": PARTS})


@requires(Role.MANAGER)
def change_hook(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a hook."""
    found = _found(queries.hook, pk)
    form = forms.HookForm(request.POST or None, pk=pk, initial=forms.hook_initial(found))
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        secret, actor = said.pop("secret"), person_of(request)
        services.change_hook(actor=actor, pk=pk, said=said, secret=secret, request=request)
        return redirect("interactions:hook", pk)
    return _form(request, "hook_form", {"form": form, "parts": PARTS, "hook": found})


@requires(Role.MANAGER)
@require_safe
def hook(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the address of a hook, and what it refused."""
    found = _found(queries.hook, pk)
    page = queries.refusals(pk, _number(request))
    address = request.build_absolute_uri(reverse("interactions:take_contacts", args=[found.token]))
    rows = [(row, wording.reason(row.code)) for row in page.object_list]
    values = {"hook": found, "address": address, "page": page, "rows": rows}
    return render(request, "interactions/hook.html", values)


@requires(Role.MANAGER)
@require_POST
def remove_hook(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a hook away."""
    _found(queries.hook, pk)
    services.remove_hook(actor=person_of(request), pk=pk, request=request)
    return redirect("interactions:list")


@requires(Role.MANAGER)
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Read what was refused once more."""
    _found(queries.hook, pk)
    taken, left = services.retry(actor=person_of(request), pk=pk, request=request)
    said = _("Taken: %(taken)s. Still refused: %(left)s.") % {"taken": taken, "left": left}
    messages.success(request, said)
    return redirect("interactions:hook", pk)


@requires(Role.MANAGER)
def add_mailbox(request: HttpRequest) -> HttpResponse:
    """Have a mailbox read."""
    initial = forms.mailbox_initial(None, request.GET.get("use", ""))
    form = forms.MailboxForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        said, actor = dict(form.cleaned_data), person_of(request)
        password = said.pop("password")
        made = services.add_mailbox(actor=actor, said=said, password=password, request=request)
        services.look(actor=actor, pk=made.pk, request=request)
        return redirect("interactions:mailbox", made.pk)
    return _form(request, "mailbox_form", {"form": form})


@requires(Role.MANAGER)
def change_mailbox(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a mailbox."""
    found = _found(queries.mailbox, pk)
    form = forms.MailboxForm(request.POST or None, pk=pk, initial=forms.mailbox_initial(found))
    if request.method == "POST" and form.is_valid() and _is_changed(request, form, pk):
        return redirect("interactions:mailbox", pk)
    return _form(request, "mailbox_form", {"form": form, "mailbox": found})


@requires(Role.MANAGER)
@require_safe
def mailbox(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how a mailbox is read, and whose mails wait."""
    found = _found(queries.mailbox, pk)
    problem, waiting = wording.problem(found.problem), queries.strangers(pk)
    values = {"mailbox": found, "problem": problem, "strangers": waiting}
    return render(request, "interactions/mailbox.html", values)


@requires(Role.MANAGER)
@require_POST
def remove_mailbox(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a mailbox no more."""
    _found(queries.mailbox, pk)
    services.remove_mailbox(actor=person_of(request), pk=pk, request=request)
    return redirect("interactions:list")


@requires(Role.MANAGER)
@require_POST
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a mailbox read now."""
    _found(queries.mailbox, pk)
    services.look(actor=person_of(request), pk=pk, request=request)
    messages.success(request, _("The mailbox is being read."))
    return redirect("interactions:mailbox", pk)


@public
@csrf_exempt
@require_POST
def take(request: HttpRequest, token: str) -> HttpResponse:
    """Take what a program sends; it is kept before this answers."""
    found = queries.hook_by(token)
    if found is None:
        return JsonResponse({"error": "nothing is here"}, status=404)
    body = request.read(taking.MOST_BYTES + 1)
    if len(body) > taking.MOST_BYTES:
        return JsonResponse({"error": "too large"}, status=413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        read = taking.take(hook=found, headers=headers, body=body)
    except taking.UnsignedError:
        return JsonResponse({"error": "not signed"}, status=401)
    except (taking.FullError, InboxError):
        return JsonResponse({"error": "later"}, status=503, headers={"Retry-After": "300"})
    return JsonResponse({"taken": len(read.contacts), "refused": len(read.refused)}, status=202)


def _is_changed(request: HttpRequest, form: forms.MailboxForm, pk: int) -> bool:
    said = dict(form.cleaned_data)
    password, actor = said.pop("password"), person_of(request)
    try:
        services.change_mailbox(actor=actor, pk=pk, said=said, password=password, request=request)
    except services.PasswordNeeded:
        form.add_error("password", _("For another place or user, give the password again."))
        return False
    return True


def _form(request: HttpRequest, name: str, values: dict[str, Any]) -> HttpResponse:
    status = 422 if values["form"].errors else 200
    return render(request, f"interactions/{name}.html", values, status=status)


def _found[T](find: Callable[[int], T | None], pk: int) -> T:
    found = find(pk)
    if found is None:
        raise Http404
    return found


def _number(request: HttpRequest) -> int:
    text = request.GET.get("page", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
