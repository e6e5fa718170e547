"""Pages of the dictionary of themes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.web.accounts.models import AuditEntry, Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.know.voice import dictionary
from kizuna.web.know.voice.forms import ThemeForm
from kizuna.web.know.voice.models import ThemeWords
from kizuna.web.know.voice.services import ChangedMeanwhileError
from kizuna.web.ui.components import Cell, Column, Table
from kizuna.web.ui.templatetags.ui import moment, writer


@requires(Role.MANAGER)
def listed(request: HttpRequest) -> HttpResponse:
    """List the themes with their words."""
    found = dictionary.themes()
    own = bool(found) and found[0].pk is not None
    return render(request, "voice/words.html", {"table": _table(found), "own": own})


@requires(Role.MANAGER)
def theme(request: HttpRequest, key: str | None = None) -> HttpResponse:
    """Add a theme, or change its words; what someone else changed is not written over."""
    kept = None if key is None else dictionary.theme(key)
    if key is not None and kept is None:
        raise Http404
    form = ThemeForm(request.POST or None, kept=kept)
    if form.is_valid():
        version, actor = form.cleaned_data["version"] or 0, person_of(request)
        try:
            dictionary.save_theme(
                actor=actor, key=key, version=version, values=form.values, request=request
            )
        except ChangedMeanwhileError:
            form.add_error(None, _("Someone else changed this theme meanwhile; open it again."))
        else:
            messages.success(request, _("Saved. The next computation of the figures takes it in."))
            return redirect("voice:words")
    shown: dict[str, Any] = {"form": form, "kept": kept}
    shown["name"] = _name(kept) if kept else ""
    shown["history"] = _history(dictionary.history(key)) if key else None
    return render(request, "voice/theme_words.html", shown)


@requires(Role.MANAGER)
@require_POST
def remove(request: HttpRequest, key: str) -> HttpResponse:
    """Let a theme go."""
    dictionary.remove_theme(actor=person_of(request), key=key, request=request)
    messages.success(request, _("The theme is removed."))
    return redirect("voice:words")


def _name(one: ThemeWords) -> str:
    return one.label_ja if (get_language() or "").startswith("ja") else one.label_en


def _table(found: list[ThemeWords]) -> Table:
    heads = [Column(_("Theme")), Column(_("Words")), Column(_("Version"), number=True)]
    rows: list[list[Any]] = [
        [
            Cell(_name(one), reverse("voice:theme_words", args=[one.theme])),
            " · ".join(one.words.split("|")),
            writer().number(one.version),
        ]
        for one in found
    ]
    return Table(_("Themes and their words"), heads, rows)


def _history(entries: Any) -> Table | None:
    heads = [Column(_("When")), Column(_("Who")), Column(_("Words added"))]
    rows: list[list[Any]] = [_change(entry) for entry in entries]
    return Table(_("Versions"), [*heads, Column(_("Words removed"))], rows) if rows else None


def _change(entry: AuditEntry) -> list[Any]:
    before, after = (
        dict.fromkeys(str((said or {}).get("words", "")).split("|"))
        for said in (entry.before, entry.after)
    )
    added = " · ".join(word for word in after if word not in before) or "–"
    removed = " · ".join(word for word in before if word and word not in after) or "–"
    return [moment(entry.at), entry.actor.name if entry.actor else "–", added, removed]
