"""Voice of the customer: themes and the register, the comments of a theme, labels and gaps."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.know.voice import queries, services, wording
from kizuna.web.know.voice.forms import Asked, GapForm, LabelForm, as_said
from kizuna.web.know.voice.queries import Voice


@requires(Role.VIEWER)
def themes(request: HttpRequest) -> HttpResponse:
    """Show what customers talk about, the register of gaps, and how themes are found."""
    found = queries.voice()
    shown: dict[str, Any] = {"found": found, "reads_words": queries.reads_words()}
    shown["may_word"] = person_of(request).may(Role.MANAGER)
    if found is not None:
        shown |= wording.page(found) | {"may_change": person_of(request).may(Role.MEMBER)}
    return render(request, "voice/themes.html", shown)


@requires(Role.VIEWER)
def theme(request: HttpRequest) -> HttpResponse:
    """Show what was said about a theme, and let people confirm it."""
    asked, found = Asked(request.GET), _found()
    row = found.theme(asked.theme)
    if row is None:
        raise Http404
    page = queries.comments(found.state, asked.theme, asked.mood, asked.page)
    shown = wording.theme(found, row, page, asked.mood)
    may_change = person_of(request).may(Role.MEMBER)
    return render(request, "voice/theme.html", shown | {"page": page, "may_change": may_change})


@requires(Role.MEMBER)
@require_POST
def label(request: HttpRequest) -> HttpResponse:
    """Keep a person's word on a comment."""
    form, found = LabelForm(request.POST), _found()
    if not form.is_valid() or form.cleaned_data["theme"] not in found.dictionary:
        raise Http404
    said = form.cleaned_data
    if not queries.is_comment(found.state, said["customer_id"], said["comment_id"]):
        raise Http404
    services.label(actor=person_of(request), request=request, **said)
    messages.success(request, _("Noted; the next computation of the figures takes it in."))
    asked = Asked(request.GET)
    query = {"theme": asked.theme, "mood": asked.mood, "page": str(asked.page)}
    return redirect(reverse("voice:theme", query=query))


@requires(Role.MEMBER)
def open_gap(request: HttpRequest) -> HttpResponse:
    """Put a gap on the register."""
    names = wording.choices(_found())
    given = {"theme": request.GET.get("theme", ""), "owner": person_of(request)}
    form = GapForm(request.POST or None, themes=names, initial=given)
    if request.method == "POST" and form.is_valid():
        services.open_gap(actor=person_of(request), values=form.values, request=request)
        messages.success(request, _("The gap is on the register."))
        return redirect("voice:themes")
    return render(request, "voice/gap.html", {"form": form})


@requires(Role.MEMBER)
def gap(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a gap; what someone else changed meanwhile is not written over."""
    kept = queries.gap(pk)
    if kept is None:
        raise Http404
    names = wording.choices(_found(), kept.theme)
    form = GapForm(request.POST or None, themes=names, initial=as_said(kept))
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            services.change_gap(
                actor=person_of(request),
                pk=pk,
                version=version,
                values=form.values,
                request=request,
            )
        except services.ChangedMeanwhileError:
            form.add_error(None, _("Someone else changed this gap meanwhile; open it again."))
            return render(request, "voice/gap.html", {"form": form, "gap": kept})
        messages.success(request, _("The gap is changed."))
        return redirect("voice:themes")
    return render(request, "voice/gap.html", {"form": form, "gap": kept})


@requires(Role.MEMBER)
@require_POST
def remove_gap(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a gap off the register."""
    services.remove_gap(actor=person_of(request), pk=pk, request=request)
    messages.success(request, _("The gap is removed."))
    return redirect("voice:themes")


def _found() -> Voice:
    found = queries.voice()
    if found is None:
        raise Http404
    return found
