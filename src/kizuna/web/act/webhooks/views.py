"""Who is told what happens, and how it went."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.act.webhooks import queries, services
from kizuna.web.act.webhooks.forms import EndpointForm
from kizuna.web.act.webhooks.models import Endpoint, State


@requires(Role.MANAGER)
@require_safe
def list_(request: HttpRequest) -> HttpResponse:
    """List the endpoints."""
    return render(request, "webhooks/list.html", {"endpoints": queries.endpoints()})


@requires(Role.MANAGER)
def add(request: HttpRequest) -> HttpResponse:
    """Take an endpoint."""
    form = EndpointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = services.add(actor=person_of(request), said=form.cleaned_data, request=request)
        return redirect("webhooks:show", made.pk)
    return render(request, "webhooks/endpoint.html", {"form": form}, status=_status(form))


@requires(Role.MANAGER)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an endpoint."""
    found = _endpoint(pk)
    initial = {name: getattr(found, name) for name in services.KEPT}
    form = EndpointForm(request.POST or None, pk=pk, initial=initial)
    if request.method == "POST" and form.is_valid():
        actor, said = person_of(request), form.cleaned_data
        services.change(actor=actor, pk=pk, said=said, request=request)
        return redirect("webhooks:show", pk)
    values = {"form": form, "endpoint": found}
    return render(request, "webhooks/endpoint.html", values, status=_status(form))


@requires(Role.MANAGER)
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an endpoint and its log."""
    return _shown(request, _endpoint(pk))


@requires(Role.MANAGER)
@require_POST
def secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the secret once more."""
    found = _endpoint(pk)
    text = services.secret_of(actor=person_of(request), pk=pk, request=request)
    return _shown(request, found, text)


@requires(Role.MANAGER)
@require_POST
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a new secret."""
    _endpoint(pk)
    services.rotate(actor=person_of(request), pk=pk, request=request)
    messages.success(request, _("There is a new secret. For 24 hours messages are signed by both."))
    return redirect("webhooks:show", pk)


@requires(Role.MANAGER)
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop sending, or begin again."""
    _endpoint(pk)
    services.switch(
        actor=person_of(request), pk=pk, on=request.POST.get("on") == "1", request=request
    )
    return redirect("webhooks:show", pk)


@requires(Role.MANAGER)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget an endpoint."""
    _endpoint(pk)
    services.remove(actor=person_of(request), pk=pk, request=request)
    return redirect("webhooks:list")


@requires(Role.MANAGER)
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test message."""
    _endpoint(pk)
    services.try_out(actor=person_of(request), pk=pk, request=request)
    messages.success(request, _("A test message is on its way."))
    return redirect("webhooks:show", pk)


@requires(Role.MANAGER)
@require_POST
def again(request: HttpRequest, pk: int, number: int | None = None) -> HttpResponse:
    """Send once more what has ended."""
    _endpoint(pk)
    actor = person_of(request)
    try:
        services.send_again(actor=actor, pk=pk, delivery=number, request=request)
        messages.success(request, _("It is being sent again."))
    except services.Nothing:
        messages.warning(request, _("There is nothing to send again."))
    return redirect("webhooks:show", pk)


@requires(Role.MANAGER)
@require_safe
def delivery(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Show a message, and each attempt to deliver it."""
    found = queries.delivery(pk, number)
    if found is None:
        raise Http404
    one, attempts, body = found
    values = {"delivery": one, "attempts": attempts, "body": body, "ended": one.state != "waiting"}
    return render(request, "webhooks/delivery.html", values)


def _shown(request: HttpRequest, found: Endpoint, text: str = "") -> HttpResponse:
    state = request.GET.get("state", "")
    page, lines = queries.log(found, state, request.GET.get("page"))
    values = {
        "endpoint": found,
        "topics": queries.titles_of(found),
        "secret": text,
        "page": page,
        "lines": lines,
        "state": state,
        "states": State.choices,
    }
    return render(request, "webhooks/show.html", values)


def _endpoint(pk: int) -> Endpoint:
    found = queries.endpoint(pk)
    if found is None:
        raise Http404
    return found


def _status(form: EndpointForm) -> int:
    return 422 if form.errors else 200
