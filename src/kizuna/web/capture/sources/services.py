"""What people do with databases: each checks the permission, changes, and records."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.pipeline.capture.databases.refusals import Refusal
from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.secrecy import hide
from kizuna.web.accounts.services import audit
from kizuna.web.capture.sources import places, queries, wording
from kizuna.web.capture.sources.models import Connection, Every, Fetch, Outcome, Source
from kizuna.web.jobs.schedules import Schedule

WHERE = ("kind", "host", "port", "user", "security")
"""Who is told the password: where one of these changes it has to be given again."""
READ = ("schema", "table", "query", "key", "since")
"""What is read: where one of these changes reading begins anew."""
PLACE = ("name", "kind", "host", "port", "database", "user", "security")
PLAN = (*READ, "rows_are", "every", "hour", "at_once")


class NotNow(Exception):  # noqa: N818  -- said to a person, no fault of the program
    """It is being read already."""


class PasswordNeeded(Exception):  # noqa: N818  -- said to a person, no fault of the program
    """The password that is kept goes nowhere but where it was given for."""


def connect(
    *, actor: Person, said: dict[str, Any], password: str, request: HttpRequest | None = None
) -> Connection:
    """Keep a connection; the password is kept encrypted and shown to nobody."""
    _must(actor)
    with transaction.atomic():
        made = Connection(**{name: said[name] for name in PLACE})
        made.hidden_password = hide(password) if password else ""
        made.save()
        _record(actor, "connected", made, request, after=_place(made))
    return made


def change(
    *,
    actor: Person,
    pk: int,
    said: dict[str, Any],
    password: str,
    request: HttpRequest | None = None,
) -> Connection:
    """Change a connection; without a new password the one that is kept stays."""
    _must(actor)
    with transaction.atomic():
        found = Connection.objects.select_for_update().get(pk=pk)
        before = _place(found)
        if found.hidden_password and not password and any(said[n] != before[n] for n in WHERE):
            raise PasswordNeeded
        for name in PLACE:
            setattr(found, name, said[name])
        if password:
            found.hidden_password = hide(password)
        found.problem, found.tested_at = None, None
        found.save()
        after = _place(found) | {"password": "changed" if password else "kept"}
        _record(actor, "changed", found, request, before=before, after=after)
    return found


def try_out(*, actor: Person, pk: int, request: HttpRequest | None = None) -> Connection:
    """Try a connection, and keep what came of it."""
    _must(actor)
    found = Connection.objects.get(pk=pk)
    try:
        queries.tables_of(found)
        problem = None
    except Refusal as error:
        problem = wording.kept(error)
    with transaction.atomic():
        found.problem, found.tested_at = problem, timezone.now()
        found.save(update_fields=["problem", "tested_at"])
        outcome = {"works": problem is None}
        _record(actor, "tested", found, request, after=outcome)
    return found


def remove(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Forget a connection and what was read of it; what was imported stays."""
    _must(actor)
    with transaction.atomic():
        found = Connection.objects.select_for_update().get(pk=pk)
        fetches = list(Fetch.objects.filter(source__connection=found))
        _record(actor, "removed", found, request, before=_place(found))
        found.delete()
    for fetch in fetches:
        places.forget(fetch)


def plan(
    *, actor: Person, connection_pk: int, said: dict[str, Any], request: HttpRequest | None = None
) -> Source:
    """Keep what is to be read, once its first rows could be."""
    _must(actor)
    made = Source(connection=Connection.objects.get(pk=connection_pk))
    _set(made, said)
    queries.first_rows(made.connection, places.selection_of(made))
    with transaction.atomic():
        made.save()
        _record(actor, "planned", made, request, after=_plan(made))
    return made


def replan(
    *, actor: Person, pk: int, said: dict[str, Any], request: HttpRequest | None = None
) -> Source:
    """Change what is read, or when; where it is something else, reading begins anew."""
    _must(actor)
    found = Source.objects.select_related("connection").get(pk=pk)
    before = _plan(found)
    _set(found, said)
    anew = any(before[name] != getattr(found, name) for name in READ)
    if anew:
        queries.first_rows(found.connection, places.selection_of(found))
    with transaction.atomic():
        found.generation += anew
        found.save()
        _record(actor, "replanned", found, request, before=before, after=_plan(found))
    return found


def drop(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Read something no longer; what was imported stays."""
    _must(actor)
    with transaction.atomic():
        found = Source.objects.select_for_update().get(pk=pk)
        fetches = list(found.fetches.all())
        _record(actor, "dropped", found, request, before=_plan(found))
        found.delete()
    for fetch in fetches:
        places.forget(fetch)


def run(*, actor: Person, pk: int, request: HttpRequest | None = None) -> Fetch:
    """Have a source read now; one that broke off goes on where it was."""
    _must(actor)
    with transaction.atomic():
        fetch = _started(Source.objects.select_for_update().get(pk=pk), actor)
        _record(actor, "started", fetch.source, request)
    return fetch


def run_due(*, now: datetime) -> int:
    """Have everything read whose time has come, and set the next time; give how many."""
    due = list(Source.objects.filter(next_at__lte=now).values_list("pk", flat=True))
    return sum(_run_due(pk, now) for pk in due)


def _run_due(pk: int, now: datetime) -> bool:
    with transaction.atomic():
        found = Source.objects.select_for_update().filter(pk=pk, next_at__lte=now).first()
        if found is None:
            return False
        found.next_at = next_at(found, now)
        found.save(update_fields=["next_at"])
        try:
            _started(found, None)
        except NotNow:
            return False
        _record(None, "started", found, None)
    return True


def next_at(source: Source, now: datetime) -> datetime | None:
    """Say when a source is read next; days begin in the organisation's time zone."""
    from kizuna.web.capture.sources.tasks import read_due

    if source.every == Every.DAY:
        return Schedule(name="", task=read_due, at=time(source.hour)).next_due(now)
    return now + timedelta(hours=1) if source.every == Every.HOUR else None


def _started(source: Source, actor: Person | None) -> Fetch:
    """Begin a reading, or have the last one go on; within a transaction of the caller."""
    from kizuna.web.capture.sources.tasks import read_rows

    last = source.fetches.order_by("-pk").first()
    if last and last.outcome == Outcome.READING and queries.is_alive(last):
        raise NotNow
    if last and last.outcome != Outcome.DONE:
        last.outcome, last.finished_at = Outcome.FAILED, last.finished_at or timezone.now()
        last.save(update_fields=["outcome", "finished_at"])
    fetch = last if last and _goes_on(last, source) else Fetch(source=source)
    fetch.generation, fetch.person = source.generation, actor
    fetch.outcome, fetch.error, fetch.finished_at = Outcome.READING, None, None
    if fetch._state.adding:
        fetch.started_at, fetch.began_from = timezone.now(), queries.begins_from(source)
        fetch.save()
    fetch.job = int(read_rows.enqueue(pk=fetch.pk).id)
    fetch.save()
    return fetch


def _goes_on(last: Fetch, source: Source) -> bool:
    return (
        last.outcome == Outcome.FAILED
        and last.generation == source.generation
        and last.began_from == queries.begins_from(source)
        and (last.error or {}).get("code") != "changed"
    )


def _set(source: Source, said: dict[str, Any]) -> None:
    for name in PLAN:
        setattr(source, name, said[name])
    source.next_at = next_at(source, timezone.now())


def _place(found: Connection) -> dict[str, Any]:
    return {name: getattr(found, name) for name in PLACE}


def _plan(found: Source) -> dict[str, Any]:
    return {name: getattr(found, name) for name in PLAN}


def _must(actor: Person) -> None:
    if not actor.may(Role.MANAGER):
        raise PermissionDenied


def _record(
    actor: Person | None,
    verb: str,
    found: Connection | Source,
    request: HttpRequest | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    audit(
        actor=actor,
        action=f"capture.source.{verb}",
        target=str(found),
        before=before,
        after=after,
        request=request,
    )
