"""Imports for programs: hand a file over, have it checked, start it, take it out again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Field, File, Form, Path, Query, Router, Schema, Status, UploadedFile
from pydantic import StringConstraints

from kizuna.pipeline.errors import InputError
from kizuna.web.accounts.models import Scope
from kizuna.web.capture.imports import queries, services
from kizuna.web.capture.imports.downloads import rejected_csv
from kizuna.web.capture.imports.forms import MappingForm
from kizuna.web.capture.imports.models import BEFORE, Table
from kizuna.web.capture.imports.models import Status as Standing
from kizuna.web.capture.imports.problems import problem
from kizuna.web.capture.imports.queries import Shown
from kizuna.web.interface.keys import Key, holder_of
from kizuna.web.interface.problems import ProblemError
from kizuna.web.interface.shapes import NO_NUL, Body, Id, Leaf

router = Router(tags=["imports"])

Pk = Annotated[Id, Path(...)]
ColumnName = Annotated[str, StringConstraints(pattern=NO_NUL, max_length=1000)]
A_PAGE = 50


class ImportShape(Schema):
    """An import: `status` is looking, uploaded, checking, checked, loading, done, failed, …"""

    id: int
    table: str
    file_name: str
    sheet: str
    source: str
    status: str
    problem: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    person: str | None
    new: int | None
    changed: int | None
    unchanged: int | None
    conflicts: int
    left_out: int


class OneImport(ImportShape):
    """An import with its columns, how they are read, and why rows are left out."""

    columns: list[str]
    sheets: list[str]
    mapping: dict[str, Any]
    reasons: dict[str, int]
    notes: list[str]
    progress: float


class Imports(Schema):
    """A page of imports, the newest first."""

    items: list[ImportShape]
    page: int
    has_next: bool


class MappingShape(Body):
    """Which column is which part; what is not said is as the file's headers suggest."""

    columns: dict[str, ColumnName] = Field(
        default_factory=dict, description="part of the table → name of the column"
    )
    others: list[ColumnName] | None = Field(None, description="further columns to keep")
    keys: list[ColumnName] | None = Field(None, description="parts by which records are found")
    policy: Literal["overwrite", "fill_blanks", "skip"] | None = None
    date_order: Literal["day", "month"] | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None


@router.get(
    "/imports",
    auth=Key(Scope.WRITE),
    response=Imports,
    summary=gettext_noop("List the imports"),
)
def list_imports(request: HttpRequest, page: Annotated[Leaf, Query(1)] = 1) -> dict[str, Any]:
    """Give 50 imports a page, the newest first."""
    start = (page - 1) * A_PAGE
    found = list(queries.entries()[start : start + A_PAGE + 1])
    items = [_import(Shown(entry, Standing(entry.status), None)) for entry in found[:A_PAGE]]
    return {"items": items, "page": page, "has_next": len(found) > A_PAGE}


@router.post(
    "/imports",
    auth=Key(Scope.WRITE),
    response={201: OneImport},
    summary=gettext_noop("Hand a file over"),
)
def upload(
    request: HttpRequest, file: File[UploadedFile], table: Form[Table | None] = None
) -> dict[str, Any]:
    """Take a file; nothing of it is in use before it is checked and started."""
    try:
        made = services.upload(
            actor=holder_of(request), file=file, table=table or "", request=request
        )
    except InputError as error:
        raise ProblemError(422, problem(str(error))) from None
    return _one(made.pk)


@router.get(
    "/imports/{int:pk}",
    auth=Key(Scope.WRITE),
    response=OneImport,
    summary=gettext_noop("Tell where one import stands"),
)
def one_import(request: HttpRequest, pk: Pk) -> dict[str, Any]:
    """Give an import: its columns, counts, and why rows are left out."""
    return _one(pk)


@router.post(
    "/imports/{int:pk}/check",
    auth=Key(Scope.WRITE),
    response={202: OneImport},
    summary=gettext_noop("Say which column is which, and have the file checked"),
)
def check(request: HttpRequest, pk: Pk, said: MappingShape) -> dict[str, Any]:
    """Count in the background what an import would do; nothing is changed yet."""
    found = queries.shown(pk)
    if found.status not in BEFORE or not found.entry.preview:
        raise _not_now()
    form = _form(found, said)
    if not form.is_valid():
        raise ProblemError(422, _("The columns cannot be read like this."), _errors(form))
    _tried(services.choose, request, pk, mapping=form.mapping)
    return _one(pk)


@router.post(
    "/imports/{int:pk}/start",
    auth=Key(Scope.WRITE),
    response={202: OneImport},
    summary=gettext_noop("Import a file that was checked"),
)
def start(request: HttpRequest, pk: Pk) -> dict[str, Any]:
    """Bring the rows in, in the background."""
    _tried(services.start, request, pk)
    return _one(pk)


@router.post(
    "/imports/{int:pk}/undo",
    auth=Key(Scope.UNDO),
    response={202: OneImport},
    summary=gettext_noop("Undo an import"),
)
def undo(request: HttpRequest, pk: Pk) -> dict[str, Any]:
    """Take everything that an import brought out again, in the background."""
    _tried(services.undo, request, pk)
    return _one(pk)


@router.delete(
    "/imports/{int:pk}",
    auth=Key(Scope.WRITE),
    response={204: None},
    summary=gettext_noop("Let go of a file that has not been imported"),
)
def discard(request: HttpRequest, pk: Pk) -> Status[None]:
    """Forget a file of which nothing is in use."""
    _tried(services.discard, request, pk)
    return Status(204, None)


@router.get(
    "/imports/{int:pk}/rejected.csv",
    auth=Key(Scope.WRITE),
    summary=gettext_noop("Download the rows left out, each with its line and reason"),
    openapi_extra={"responses": {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}},
)
def rejected(request: HttpRequest, pk: Pk) -> StreamingHttpResponse:
    """Give the rows left out as CSV; that they left is recorded."""
    path = services.rejected(actor=holder_of(request), pk=pk, request=request)
    return StreamingHttpResponse(rejected_csv(path), content_type="text/csv; charset=utf-8")


def _one(pk: int) -> dict[str, Any]:
    found = queries.shown(pk)
    entry = found.entry
    return {
        **_import(found),
        "columns": entry.preview.get("columns", []),
        "sheets": entry.preview.get("sheets", []),
        "mapping": entry.mapping,
        "reasons": entry.found.get("rejected", {}),
        "notes": found.notes,
        "progress": found.job.share if found.job else 0.0,
    }


def _import(found: Shown) -> dict[str, Any]:
    entry = found.entry
    names = ("table", "file_name", "sheet", "source", "created_at", "started_at", "finished_at")
    return {
        **{name: getattr(entry, name) for name in names},
        **{name: entry.found.get(name) for name in ("new", "changed", "unchanged")},
        "id": entry.pk,
        "status": str(found.status.value),
        "problem": found.problem,
        "person": entry.person.name if entry.person else None,
        "conflicts": found.conflicts,
        "left_out": found.left_out,
    }


def _form(found: Shown, said: MappingShape) -> MappingForm:
    """Hold what a program says to the rules of the page; what it does not say is guessed."""
    entry = found.entry
    guessed = queries.initial(entry, None, queries.mappings_for(entry))
    given = {name: value for name, value in guessed.items() if value} | said.columns
    keys = {f"key_{place}": key for place, key in enumerate(said.keys or [])}
    if keys:
        given = {name: v for name, v in given.items() if not name.startswith("key_")} | keys
    more = {"others": said.others, "policy": said.policy, "date_order": said.date_order}
    given |= {n: v for n, v in {**more, "money": said.currency}.items() if v is not None}
    given.setdefault("policy", "overwrite")
    unbound = MappingForm(entry.table, entry.preview["columns"], initial=guessed)
    given |= {n: f.initial for n, f in unbound.fields.items() if n == "key_0" and n not in given}
    return MappingForm(entry.table, entry.preview["columns"], given)


def _errors(form: MappingForm) -> list[dict[str, Any]]:
    told = form.errors.get_json_data()
    return [
        {"at": ["body", name], "message": said["message"]}
        for name, errors in told.items()
        for said in errors
    ]


def _tried(service: Callable[..., None], request: HttpRequest, pk: int, **said: Any) -> None:
    try:
        service(actor=holder_of(request), pk=pk, request=request, **said)
    except services.NotNow:
        raise _not_now() from None


def _not_now() -> ProblemError:
    return ProblemError(409, _("The import does not stand where this can be done."))
