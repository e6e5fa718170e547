"""Messages on the site: the list, writing one, looking at it, how often it was shown."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.act.actions.services import NotPossibleError
from kizuna.web.act.on_site import queries, services, wording
from kizuna.web.act.on_site.forms import MessageForm, initial_of
from kizuna.web.act.on_site.models import Message


@requires(Role.VIEWER)
@require_safe
def list_(request: HttpRequest) -> HttpResponse:
    """List the messages."""
    page = queries.messages(request.GET.get("page"))
    shown = {"page": page, "table": wording.listed(list(page.object_list))}
    return render(request, "on_site/list.html", shown | _may(request))


@requires(Role.VIEWER)
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a message and its numbers."""
    found = _message(pk)
    numbers = queries.shown(found)
    shown = {
        "message": found,
        "mood": wording.mood(found),
        "facts": wording.facts(found),
        "stats": wording.stats(found, numbers),
        "results": numbers.results,
        "steps": wording.steps(found),
        "previews": wording.previews(found),
        "has_site": queries.has_site(),
    }
    return render(request, "on_site/one.html", shown | _may(request))


@requires(Role.MANAGER)
def add(request: HttpRequest) -> HttpResponse:
    """Write a message."""
    form = MessageForm(request.POST or None, initial={"survey": request.GET.get("survey")})
    if form.is_valid():
        made = services.draft(actor=person_of(request), said=form.said(), request=request)
        return redirect("on_site:one", made.pk)
    return _written(request, form, None)


@requires(Role.MANAGER)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a message."""
    found = _message(pk)
    form = MessageForm(request.POST or None, message=found, initial=initial_of(found))
    if form.is_valid():
        edition = request.POST.get("edition", "")
        try:
            services.change(
                actor=person_of(request), message=found, said=form.said(), request=request,
                edition=int(edition) if edition.isdecimal() else None,
            )  # fmt: skip
        except services.AlreadyChangedError:
            said = _("Somebody has changed the message meanwhile; nothing was saved.")
            form.add_error(None, said)
        except NotPossibleError:
            form.add_error(None, _("It has ended: its share cannot be changed any more."))
        else:
            return redirect("on_site:one", pk)
    return _written(request, form, found)


@requires(Role.MANAGER)
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it go live, pause it, go on, end it."""
    found, step = _message(pk), request.POST.get("step", "")
    if step not in services.STEPS:
        raise Http404
    try:
        services.decide(actor=person_of(request), message=found, step=step, request=request)
    except NotPossibleError:
        messages.warning(request, _("This cannot be done as the message stands now."))
    return redirect("on_site:one", pk)


@requires(Role.MANAGER)
def secret(request: HttpRequest) -> HttpResponse:
    """Make the secret by which a site says who a customer is; its text is on this page once."""
    text = ""
    if request.method == "POST":
        text = services.make_secret(actor=person_of(request), request=request)
    shown = {"text": text, "made_at": queries.secret_made_at()}
    return render(request, "on_site/secret.html", shown)


def _written(request: HttpRequest, form: MessageForm, found: Message | None) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "on_site/write.html", {"form": form, "message": found}, status=status)


def _may(request: HttpRequest) -> dict[str, Any]:
    return {"may_change": person_of(request).may(Role.MANAGER)}


def _message(pk: int) -> Message:
    found = queries.message(pk)
    if found is None:
        raise Http404
    return found
