"""Events: what comes in, what was refused, and trying that again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from django.contrib import messages
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.capture.events import queries, services
from kizuna.web.capture.events.forms import CorrectForm
from kizuna.web.ui.components import Tab


@requires(Role.MEMBER)
def list_(request: HttpRequest) -> HttpResponse:
    """Show how events come in, and the newest."""
    shown = {"tabs": _tabs("list"), "state": queries.state(), "events": queries.newest()}
    template = "events/state.html" if request.headers.get("HX-Request") else "events/list.html"
    return render(request, template, shown)


@requires(Role.MEMBER)
def rejected(request: HttpRequest) -> HttpResponse:
    """List what was refused, by reason."""
    code = request.GET.get("code", "")
    shown = {
        "tabs": _tabs("rejected"),
        "code": code,
        "reasons": queries.reasons(),
        "rejects": list(queries.rejects(code)),
    }
    return render(request, "events/rejected.html", shown)


@requires(Role.MEMBER)
def one(request: HttpRequest, reject_id: str) -> HttpResponse:
    """Show a message that was refused, and take its correction."""
    found = queries.reject(reject_id)
    if found is None:
        raise Http404
    form = CorrectForm(request.POST or None, initial={"body": found.body})
    if request.method == "POST" and form.is_valid():
        services.correct(
            actor=person_of(request),
            reject_id=reject_id,
            body=form.cleaned_data["body"],
            request=request,
        )
        messages.success(request, _("The message is read again."))
        return redirect("events:rejected")
    shown = {"tabs": _tabs("rejected"), "found": found, "form": form}
    return render(request, "events/one.html", shown, status=422 if form.errors else 200)


@requires(Role.MEMBER)
@require_POST
def replay(request: HttpRequest) -> HttpResponse:
    """Try all that were refused for a reason again."""
    code = request.POST.get("code", "")
    many = services.replay(actor=person_of(request), code=code, request=request)
    said = ngettext(
        "%(many)s message is read again.", "%(many)s messages are read again.", many
    ) % {"many": f"{many:,}"}
    messages.success(request, said)
    return redirect("events:rejected")


@requires(Role.MEMBER)
def export(request: HttpRequest) -> HttpResponseBase:
    """Give what was refused, a line of JSON each."""
    services.export(actor=person_of(request), request=request)
    headers = {"Content-Disposition": 'attachment; filename="rejected.jsonl"'}
    return StreamingHttpResponse(_lines(), content_type="application/jsonl", headers=headers)


def _lines() -> Iterator[str]:
    encoder = DjangoJSONEncoder(ensure_ascii=False)
    for found in queries.rejects(limit=None):
        yield encoder.encode(asdict(found)) + "\n"


def _tabs(current: str) -> list[Tab]:
    names = {"list": _("Coming in"), "rejected": _("Refused messages")}
    return [Tab(label, reverse(f"events:{n}"), n == current) for n, label in names.items()]
