"""Notes: written on the customer's page, changed on a page of their own; mentions of oneself."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.know.notes import queries, services
from kizuna.web.know.notes.forms import NoteForm
from kizuna.web.know.notes.models import Note
from kizuna.web.know.profiles.queries import is_known


@requires(Role.MEMBER)
@require_POST
def write(request: HttpRequest) -> HttpResponse:
    """Write a note on a customer."""
    customer_id, form = request.GET.get("id", ""), NoteForm(request.POST)
    if not is_known(customer_id):
        raise Http404
    if not form.is_valid():
        shown = {"form": form, "customer_id": customer_id}
        return render(request, "notes/edit.html", shown, status=422)
    text = form.cleaned_data["text"]
    services.write(actor=person_of(request), customer_id=customer_id, text=text, request=request)
    return _back(customer_id)


@requires(Role.MEMBER)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a note."""
    note = _note(pk)
    form = NoteForm(request.POST or None, initial={"text": note.text, "version": note.version})
    if request.method != "POST" or not form.is_valid():
        return _edit(request, note, form)
    said = {name: form.cleaned_data[name] for name in ("text", "version")}
    try:
        services.change(actor=person_of(request), note_id=pk, request=request, **said)
    except services.ChangedMeanwhileError:
        form.data = {"text": said["text"], "version": str(note.version)}
        return _edit(request, note, form, status=409, conflict=True)
    return _back(note.customer_id)


@requires(Role.MEMBER)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a note away."""
    _note(pk)
    return _back(services.remove(actor=person_of(request), note_id=pk, request=request))


@requires(Role.VIEWER)
def mentions(request: HttpRequest) -> HttpResponse:
    """List where a person is mentioned."""
    found = list(queries.mentions_of(person_of(request)))
    services.see(actor=person_of(request))
    return render(request, "notes/mentions.html", {"mentions": found})


def _edit(
    request: HttpRequest, note: Note, form: NoteForm, status: int = 200, conflict: bool = False
) -> HttpResponse:
    shown = {"form": form, "note": note, "customer_id": note.customer_id, "conflict": conflict}
    return render(request, "notes/edit.html", shown, status=status)


def _note(pk: int) -> Note:
    found = queries.note(pk)
    if found is None:
        raise Http404
    return found


def _back(customer_id: str) -> HttpResponse:
    return redirect(reverse("customers:one", query={"id": customer_id}))
