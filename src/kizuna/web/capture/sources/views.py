"""Connect a database, choose what is read of it, and see how that goes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.pipeline.capture.databases.reading import Look
from kizuna.pipeline.capture.databases.refusals import Refusal
from kizuna.pipeline.capture.databases.selections import Selection
from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.capture.sources import queries, services, wording
from kizuna.web.capture.sources.forms import ConnectionForm, SourceForm, initial_of
from kizuna.web.capture.sources.models import Connection, Source


@requires(Role.MANAGER)
def list_(request: HttpRequest) -> HttpResponse:
    """List the connections and what is read of them."""
    found = [(c, wording.said(c.problem)) for c in queries.connections()]
    return render(request, "sources/list.html", {"connections": found})


@requires(Role.MANAGER)
def connect(request: HttpRequest) -> HttpResponse:
    """Take a new connection, and try it."""
    form = ConnectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = services.connect(
            actor=person_of(request),
            said=form.said(),
            password=form.cleaned_data["password"],
            request=request,
        )
        return _tested(request, made.pk)
    status = 422 if form.errors else 200
    return render(request, "sources/connection.html", {"form": form}, status=status)


@requires(Role.MANAGER)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a connection, and try it."""
    found = _connection(pk)
    initial = {name: getattr(found, name) for name in services.PLACE}
    form = ConnectionForm(request.POST or None, pk=pk, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.change(
                actor=person_of(request),
                pk=pk,
                said=form.said(),
                password=form.cleaned_data["password"],
                request=request,
            )
            return _tested(request, pk)
        except services.PasswordNeeded:
            said = _("Where the connection leads has changed: give the password once more.")
            form.add_error("password", said)
    values = {"form": form, "connection": found}
    return render(request, "sources/connection.html", values, status=422 if form.errors else 200)


@requires(Role.MANAGER)
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a connection."""
    _connection(pk)
    return _tested(request, pk)


@requires(Role.MANAGER)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a connection."""
    _connection(pk)
    services.remove(actor=person_of(request), pk=pk, request=request)
    return redirect("sources:list")


@requires(Role.MANAGER)
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose what is read of a database."""
    return _planned(request, _connection(pk), None)


@requires(Role.MANAGER)
def replan(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is read, or when."""
    found = _source(pk)
    return _planned(request, found.connection, found)


@requires(Role.MANAGER)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is read, and how the readings went; asked by its script, those alone."""
    found = _source(pk)
    fetches = queries.fetches(found)
    reads = bool(fetches) and fetches[0].is_reading
    values = {"source": found, "fetches": fetches, "reads": reads}
    part = bool(request.headers.get("HX-Request"))
    template = "sources/fetches.html" if part and reads else "sources/show.html"
    response = render(request, template, values)
    if part and not reads:
        response.headers["HX-Refresh"] = "true"
    return response


@requires(Role.MANAGER)
@require_POST
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """Have it read now."""
    _source(pk)
    try:
        services.run(actor=person_of(request), pk=pk, request=request)
    except services.NotNow:
        messages.info(request, _("It is being read already."))
    return redirect("sources:show", pk=pk)


@requires(Role.MANAGER)
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Read it no longer."""
    _source(pk)
    services.drop(actor=person_of(request), pk=pk, request=request)
    return redirect("sources:list")


def _tested(request: HttpRequest, pk: int) -> HttpResponse:
    found = services.try_out(actor=person_of(request), pk=pk, request=request)
    if found.problem:
        messages.error(request, wording.said(found.problem))
        return redirect("sources:list")
    messages.success(request, _("The database answers."))
    return redirect("sources:list")


def _planned(request: HttpRequest, connection: Connection, found: Source | None) -> HttpResponse:
    problem, tables = "", list[tuple[str, ...]]()
    try:
        tables = queries.tables_of(connection)
    except Refusal as error:
        problem = wording.said(wording.kept(error))
    initial = initial_of(found) if found else {"hour": 3}
    form = SourceForm(tables, request.POST or None, initial=initial)
    values: dict[str, Any] = {"form": form, "connection": connection, "source": found}
    if request.method == "POST" and form.is_valid():
        try:
            if "keep" in request.POST:
                return redirect("sources:show", pk=_kept(request, connection, found, form).pk)
            values["look"] = _look(connection, form)
        except Refusal as error:
            form.add_error(None, wording.said(wording.kept(error)))
    values["problem"] = problem
    return render(request, "sources/plan.html", values, status=422 if form.errors else 200)


def _kept(
    request: HttpRequest, connection: Connection, found: Source | None, form: SourceForm
) -> Source:
    actor, said = person_of(request), form.said()
    if found is None:
        return services.plan(actor=actor, connection_pk=connection.pk, said=said, request=request)
    return services.replan(actor=actor, pk=found.pk, said=said, request=request)


def _look(connection: Connection, form: SourceForm) -> Look:
    said = form.said()
    table = tuple(filter(None, (said["schema"], said["table"])))
    selection = Selection(table, said["query"], tuple(said["key"]), said["since"])
    return queries.first_rows(connection, selection)


def _connection(pk: int) -> Connection:
    try:
        return queries.connection(pk)
    except Connection.DoesNotExist:
        raise Http404 from None


def _source(pk: int) -> Source:
    try:
        return queries.source(pk)
    except Source.DoesNotExist:
        raise Http404 from None
