"""Publications and tables for programs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext, gettext_noop
from ninja import Path, Router, Schema

from kizuna.web.accounts.models import Scope
from kizuna.web.interface.keys import Key, holder_of
from kizuna.web.interface.shapes import Id, Word
from kizuna.web.know.publications import queries, services
from kizuna.web.know.publications.models import Publication
from kizuna.web.know.publications.queries import TableState

router = Router(tags=["publications"])

Pk = Annotated[Id, Path(...)]


class Run(Schema):
    """A run of the pipeline: asked, running, published or failed."""

    id: int
    status: str
    asked_at: datetime
    asked_by: str | None
    started_at: datetime | None
    finished_at: datetime | None
    published_at: datetime | None
    as_of: date | None
    seconds: float | None
    error: str


class Step(Schema):
    """What one step did."""

    step: str
    rows: int | None = None
    seconds: float | None = None


class OneRun(Run):
    """A run with its steps, the versions that it wrote, and the checks that failed."""

    steps: list[Step]
    versions: dict[str, int]
    failed_checks: list[dict[str, Any]]


class Runs(Schema):
    """The latest runs."""

    items: list[Run]


class ColumnShape(Schema):
    """A column and its meaning."""

    name: str
    type: str
    unit: str
    meaning: str
    may_be_empty: bool


class TableShape(Schema):
    """A table: what one row is, what it is made from, and how it stands."""

    name: str
    meaning: str
    one_row_for_each: list[str]
    columns: list[ColumnShape]
    rows: int | None
    version: int | None
    published_at: datetime | None
    is_fresh: bool | None
    made_from: list[str]
    read_by: list[str]


class Tables(Schema):
    """Every table."""

    items: list[TableShape]


@router.get(
    "/publications",
    auth=Key(Scope.READ),
    response=Runs,
    summary=gettext_noop("List the latest runs"),
)
def list_runs(request: HttpRequest) -> dict[str, Any]:
    """Give up to 50 runs, the latest first."""
    return {"items": [_run(found) for found in queries.runs()]}


@router.post(
    "/publications",
    auth=Key(Scope.WRITE),
    response={202: Run},
    summary=gettext_noop("Ask for a new run"),
)
def ask(request: HttpRequest) -> dict[str, Any]:
    """Ask for a run; one that waits already is given instead."""
    return _run(services.refresh(actor=holder_of(request)))


@router.get(
    "/publications/{int:pk}",
    auth=Key(Scope.READ),
    response=OneRun,
    summary=gettext_noop("Tell one run: steps, versions, failed checks"),
)
def one_run(request: HttpRequest, pk: Pk) -> dict[str, Any]:
    """Give a run with all that it did."""
    found = Publication.objects.select_related("asked_by").get(pk=pk)
    return {
        **_run(found),
        "steps": found.trace,
        "versions": found.versions,
        "failed_checks": found.failed_checks,
    }


@router.get(
    "/tables",
    auth=Key(Scope.READ),
    response=Tables,
    summary=gettext_noop("List the tables with the meaning of each column"),
)
def list_tables(request: HttpRequest) -> dict[str, Any]:
    """Give every table: definition, rows, freshness."""
    return {"items": [_table(t) for t in queries.table_states(queries.published())]}


@router.get(
    "/tables/{name}",
    auth=Key(Scope.READ),
    response=TableShape,
    summary=gettext_noop("Tell one table"),
)
def one_table(request: HttpRequest, name: Annotated[Word, Path(...)]) -> dict[str, Any]:
    """Give one table: definition, rows, freshness."""
    found = queries.table_state(queries.published(), name)
    if found is None:
        raise Http404
    return _table(found)


def _run(found: Publication) -> dict[str, Any]:
    names = ("status", "asked_at", "started_at", "finished_at", "published_at", "as_of", "seconds")
    return {
        **{name: getattr(found, name) for name in names},
        "id": found.pk,
        "asked_by": found.asked_by.name if found.asked_by else None,
        "error": gettext(found.error) if found.error else "",
    }


def _table(found: TableState) -> dict[str, Any]:
    table = found.table
    return {
        "name": table.name,
        "meaning": gettext(table.meaning),
        "one_row_for_each": list(table.grain),
        "columns": [
            {
                "name": column.name,
                "type": column.type,
                "unit": column.unit,
                "meaning": gettext(column.meaning),
                "may_be_empty": column.nullable,
            }
            for column in table.columns
        ],
        "rows": found.rows,
        "version": found.version,
        "published_at": found.written_at,
        "is_fresh": found.fresh,
        "made_from": list(found.reads),
        "read_by": list(found.read_by),
    }
