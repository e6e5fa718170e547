"""What people do with imports: each checks the permission, changes, and records."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.capture.imports import files, heads, loads, queries
from kizuna.web.capture.imports.files import Upload
from kizuna.web.capture.imports.models import BEFORE, WORKING, Import, Mapping, Status, Table
from kizuna.web.jobs.services import announce


class NotNow(Exception):  # noqa: N818  -- said to a person, no fault of the program
    """The import is not in a state in which this can be done: someone else was faster."""


def upload(
    *, actor: Person, file: Upload, table: str = "", request: HttpRequest | None = None
) -> Import:
    """Keep an uploaded file and look at it; a file that is no table leaves nothing behind."""
    _must(actor, Role.MEMBER)
    made = Import(person=actor, file_name=(file.name or "")[-255:], uploaded=True)
    with files.kept(made.batch) as folder:
        made.path = str(files.keep(folder, file))
        return _made(made, table, "uploaded", request)


def take(
    *, actor: Person, name: str, table: str = "", request: HttpRequest | None = None
) -> Import:
    """Take a file from the folder that the operator allows; it stays where it is."""
    _must(actor, Role.MEMBER)
    path = files.in_folder(name)
    made = Import(person=actor, file_name=path.name[-255:], uploaded=False, path=str(path))
    return _made(made, table, "taken", request)


def bring(
    *,
    actor: Person | None,
    path: Path,
    name: str,
    table: str,
    mapping: dict[str, Any] | None = None,
    at_once: bool = False,
    source: str = "",
) -> Import:
    """Take over a file that the application itself made; it is moved into the import's folder.

    With a mapping it is checked at once, and with `at_once` also loaded without asking. No actor:
    the system brings it, on a schedule. `source` says to people where the rows come from.
    """
    if actor is not None:
        _must(actor, Role.MEMBER)
    made = Import(person=actor, file_name=name[-255:], uploaded=True, source=source[-255:])
    made.at_once = at_once and mapping is not None
    with files.kept(made.batch) as folder:
        made.path = str(files.adopt(folder, path, name))
        if mapping is None:
            return _made(made, table, "brought", None)
        return _mapped(made, table, mapping)


def look(
    *, actor: Person, pk: int, table: str, sheet: str = "", request: HttpRequest | None = None
) -> None:
    """Look at a file again: as another table, or at another of its sheets."""
    _must(actor, Role.MEMBER)
    entry = Import.objects.get(pk=pk)
    seen = _seen(entry, table, sheet)
    with transaction.atomic():
        found = _locked(pk, BEFORE)
        found.table, found.sheet, found.found, found.error, found.mapping = table, sheet, {}, "", {}
        if seen is None:
            _hand_over(found, Status.LOOKING)
        else:
            found.status = Status.UPLOADED
            apply(found, seen)
        found.save()
        _record(actor, found, "looked_at", request, after={"table": table, "sheet": sheet})


def apply(found: Import, seen: dict[str, Any]) -> None:
    """Keep what was seen of a file."""
    found.table, found.sheet = seen["table"], seen["sheet"]
    found.preview = seen


def choose(
    *,
    actor: Person,
    pk: int,
    mapping: dict[str, Any],
    save_as: str = "",
    request: HttpRequest | None = None,
) -> None:
    """Say which column is which, and have the file checked."""
    _must(actor, Role.MEMBER)
    with transaction.atomic():
        found = _locked(pk, BEFORE)
        found.mapping, found.found = mapping, {}
        found.save(update_fields=["mapping", "found"])
        _hand_over(found, Status.CHECKING)
        if save_as:
            said = {"mapping": mapping, "person": actor}
            Mapping.objects.update_or_create(name=save_as, table=found.table, defaults=said)
        _record(actor, found, "checked", request, after=mapping)


def go_on(found: Import) -> None:
    """Load a file that was checked without asking, in the transaction of the check."""
    _hand_over(found, Status.LOADING)
    found.started_at = timezone.now()
    found.save(update_fields=["started_at"])
    _record(None, found, "started", None)


def tell(table: str) -> None:
    """Announce that a table has changed; it takes orders or contracts to compute anything."""
    known = {"transactions", "contracts"}.intersection(files.store().names())
    if table == Table.ORDERS or known:
        announce("transactions_changed")


def start(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Have a checked file imported."""
    _must(actor, Role.MEMBER)
    with transaction.atomic():
        found = _locked(pk, [Status.CHECKED])
        _hand_over(found, Status.LOADING)
        found.started_at, found.person = timezone.now(), actor
        found.save(update_fields=["started_at", "person"])
        _record(actor, found, "started", request)


def undo(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Have an import taken out again."""
    _must(actor, Role.MANAGER)
    with transaction.atomic():
        found = _locked(pk, [Status.DONE])
        _hand_over(found, Status.UNDOING)
        _record(actor, found, "undo_started", request)


def discard(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Let go of a file that has not been imported."""
    _must(actor, Role.MEMBER)
    with transaction.atomic():
        found = _locked(pk, BEFORE)
        if found.batch in loads.batches(files.store(), found.table):
            raise NotNow
        _record(actor, found, "discarded", request)
        found.delete()
    files.forget(found.batch)


def rejected(*, actor: Person, pk: int, request: HttpRequest | None = None) -> Path:
    """Give the rows left out; that someone took them is recorded, as of any export."""
    _must(actor, Role.MEMBER)
    found = Import.objects.get(pk=pk)
    path = files.folder_of(found.batch) / "rejected.parquet"
    if not path.is_file():
        raise Import.DoesNotExist
    _record(actor, found, "rejected_exported", request)
    return path


def _made(made: Import, table: str, verb: str, request: HttpRequest | None) -> Import:
    """Keep a new import; one that takes long to look at is looked at in the background."""
    made.size = Path(made.path).stat().st_size
    seen = _seen(made, table)
    if seen is not None:
        apply(made, seen)
    with transaction.atomic():
        made.table = made.table if seen is not None else table or made.table
        made.save()
        if seen is None:
            _hand_over(made, Status.LOOKING, guess=not table)
        _record(made.person, made, verb, request)
    return made


def _mapped(made: Import, table: str, mapping: dict[str, Any]) -> Import:
    made.size, made.table = Path(made.path).stat().st_size, table
    made.mapping = {"columns": {}, "date_order": None, "money": None} | mapping
    with transaction.atomic():
        made.save()
        _hand_over(made, Status.CHECKING)
        _record(made.person, made, "brought", None, after=made.mapping)
    return made


def _seen(found: Import, table: str, sheet: str = "") -> dict[str, Any] | None:
    """Look at a file, unless that takes longer than a person waits for a page."""
    path = Path(found.path)
    if not path.is_file() or heads.is_slow(path):
        return None
    return files.previewed(path, found.file_name, table, sheet)


def _hand_over(found: Import, to: Status, **said: Any) -> None:
    """Move an import on and have a job do it; within a transaction of the caller."""
    from kizuna.web.capture.imports import tasks

    found.status, found.error = to, ""
    found.save(update_fields=["status", "error"])
    found.job = int(tasks.OF[to].enqueue(pk=found.pk, **said).id)
    found.save(update_fields=["job"])


def _locked(pk: int, allowed: Collection[Status]) -> Import:
    """Take an import for this transaction alone; one whose job ended early is where it was."""
    found = Import.objects.select_for_update().get(pk=pk)
    status = queries.stands(found)
    if status not in allowed or (status in WORKING):
        raise NotNow
    return found


def _must(actor: Person, role: Role) -> None:
    if not actor.may(role):
        raise PermissionDenied


def _record(
    actor: Person | None,
    found: Import,
    verb: str,
    request: HttpRequest | None,
    after: dict[str, Any] | None = None,
) -> None:
    audit(
        actor=actor,
        action=f"capture.import.{verb}",
        target=str(found),
        after=after,
        request=request,
    )
