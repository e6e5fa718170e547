"""Bring a file in, step by step: upload, columns, check, import, and undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.pipeline.errors import InputError
from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.capture.imports import others, queries, services
from kizuna.web.capture.imports.downloads import rejected_csv
from kizuna.web.capture.imports.forms import LookForm, MappingForm, TakeForm, UploadForm
from kizuna.web.capture.imports.models import BEFORE, Import
from kizuna.web.capture.imports.problems import problem
from kizuna.web.capture.imports.queries import Shown


@requires(Role.MEMBER)
def list_(request: HttpRequest) -> HttpResponse:
    """List the imports, and take a new file."""
    return _list(request, UploadForm(), TakeForm())


@requires(Role.MEMBER)
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file from the person's computer."""
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            found = services.upload(
                actor=person_of(request),
                file=form.cleaned_data["file"],
                table=form.cleaned_data["table"],
                request=request,
            )
            return redirect("imports:show", pk=found.pk)
        except InputError as error:
            form.add_error("file", problem(str(error)))
    return _list(request, form, TakeForm(), status=422)


@requires(Role.MEMBER)
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Take a file from the folder on the server."""
    form = TakeForm(request.POST)
    if form.is_valid():
        try:
            found = services.take(
                actor=person_of(request),
                name=form.cleaned_data["name"],
                table=form.cleaned_data["table"],
                request=request,
            )
            return redirect("imports:show", pk=found.pk)
        except InputError as error:
            form.add_error("name", problem(str(error)))
    return _list(request, UploadForm(), form, status=422)


@requires(Role.MEMBER)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one import as it stands; asked by its own script, the changing part alone."""
    return _show(request, _found(pk))


@requires(Role.MEMBER)
@require_POST
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the columns that were chosen, and have the file checked."""
    found = _found(pk)
    columns = found.entry.preview.get("columns", [])
    form = MappingForm(found.entry.table, columns, request.POST)
    if not form.is_valid():
        return _show(request, found, form, status=422)
    return _tried(
        request,
        pk,
        services.choose,
        mapping=form.mapping,
        save_as=form.cleaned_data["save_as"],
    )


@requires(Role.MEMBER)
@require_POST
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at a file as another table, or at another of its sheets."""
    found = _found(pk)
    form = LookForm(found.entry.preview.get("sheets", []), request.POST)
    if not form.is_valid():
        return _show(request, found, look=form, status=422)
    try:
        return _tried(request, pk, services.look, **form.cleaned_data)
    except InputError as error:
        form.add_error(None, problem(str(error)))
        return _show(request, found, look=form, status=422)


@requires(Role.MEMBER)
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Import a file that was checked."""
    return _tried(request, pk, services.start)


@requires(Role.MANAGER)
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo an import."""
    return _tried(request, pk, services.undo)


@requires(Role.MEMBER)
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Let go of a file that has not been imported."""
    return _tried(request, pk, services.discard, "imports:list")


@requires(Role.MEMBER)
def rejected(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Download the rows left out."""
    try:
        path = services.rejected(actor=person_of(request), pk=pk, request=request)
    except Import.DoesNotExist:
        raise Http404 from None
    name = f"rejected-{pk}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    kind = "text/csv; charset=utf-8"
    return StreamingHttpResponse(rejected_csv(path), content_type=kind, headers=headers)


def _list(
    request: HttpRequest, form: UploadForm, folder: TakeForm, status: int = 200
) -> HttpResponse:
    page = Paginator(queries.entries(), 50).get_page(request.GET.get("page"))
    values = {"page": page, "form": form, "folder": folder, "others": others.ask_to_notice()}
    return render(request, "imports/list.html", values, status=status)


def _show(
    request: HttpRequest,
    found: Shown,
    form: MappingForm | None = None,
    look: LookForm | None = None,
    status: int = 200,
) -> HttpResponse:
    entry = found.entry
    values: dict[str, Any] = {
        "found": found,
        "entry": entry,
        "may_undo": person_of(request).may(Role.MANAGER),
    }
    if found.status in BEFORE and entry.preview:
        kept = queries.mappings_for(entry)
        said = queries.initial(entry, request.GET.get("mapping"), kept)
        now = {"table": entry.table, "sheet": entry.sheet}
        values |= {
            "form": form or MappingForm(entry.table, entry.preview["columns"], initial=said),
            "mappings": kept,
            "look": look or LookForm(entry.preview.get("sheets", []), initial=now),
        }
    # htmx asks for the part that changes, until there is something to do again
    part = request.headers.get("HX-Request") and found.is_working
    template = "imports/working.html" if part else "imports/show.html"
    response = render(request, template, values, status=status)
    if request.headers.get("HX-Request") and not found.is_working:
        response.headers["HX-Refresh"] = "true"
    return response


def _found(pk: int) -> Shown:
    try:
        return queries.shown(pk)
    except Import.DoesNotExist:
        raise Http404 from None


def _tried(
    request: HttpRequest,
    pk: int,
    service: Callable[..., None],
    then: str = "imports:show",
    **said: Any,
) -> HttpResponse:
    """Call a service; where someone else was faster, say so and show how it stands."""
    try:
        service(actor=person_of(request), pk=pk, request=request, **said)
    except Import.DoesNotExist:
        raise Http404 from None
    except services.NotNow:
        messages.warning(request, _("Someone else was faster: this is how it stands now."))
        then = "imports:show"
    return redirect(then) if then == "imports:list" else redirect(then, pk=pk)
