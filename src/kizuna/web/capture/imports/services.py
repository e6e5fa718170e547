"""What people do with imports: each checks the permission, changes, and records."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.tasks import Task
from django.utils import timezone

from kizuna.jobs.load import batches
from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.capture.imports import files, queries
from kizuna.web.capture.imports.files import Upload
from kizuna.web.capture.imports.models import BEFORE, WORKING, Import, Mapping, Status, new_batch


class NotNow(Exception):  # noqa: N818  -- said to a person, no fault of the program
    """The import is not in a state in which this can be done: someone else was faster."""


def upload(*, actor: Person, file: Upload, request: HttpRequest | None = None) -> Import:
    """Keep an uploaded file and look at it; a file that is no table leaves nothing behind."""
    _must(actor, Role.MEMBER)
    batch = new_batch()
    try:
        path = files.keep(batch, file)
        return _made(actor, batch, path, file.name or "", uploaded=True, request=request)
    except BaseException:
        files.forget(batch)
        raise


def take(*, actor: Person, name: str, request: HttpRequest | None = None) -> Import:
    """Take a file from the folder that the operator allows; it stays where it is."""
    _must(actor, Role.MEMBER)
    path = files.in_folder(name)
    return _made(actor, new_batch(), path, path.name, uploaded=False, request=request)


def choose(
    *,
    actor: Person,
    pk: int,
    mapping: dict[str, Any],
    save_as: str = "",
    request: HttpRequest | None = None,
) -> None:
    """Say which column is which, and have the file checked."""
    from kizuna.web.capture.imports.tasks import check_file

    _must(actor, Role.MEMBER)
    with transaction.atomic():
        found = _moved(pk, BEFORE, Status.CHECKING, check_file)
        found.mapping, found.found, found.error = mapping, {}, ""
        found.save(update_fields=["mapping", "found", "error"])
        if save_as:
            Mapping.objects.update_or_create(
                name=save_as, defaults={"mapping": mapping, "person": actor}
            )
        _record(actor, found, "checked", request, after=mapping)


def start(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Have a checked file imported."""
    from kizuna.web.capture.imports.tasks import load_file

    _must(actor, Role.MEMBER)
    with transaction.atomic():
        found = _moved(pk, [Status.CHECKED], Status.LOADING, load_file)
        found.started_at, found.person = timezone.now(), actor
        found.save(update_fields=["started_at", "person"])
        _record(actor, found, "started", request)


def undo(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Have an import taken out again."""
    from kizuna.web.capture.imports.tasks import undo_import

    _must(actor, Role.MANAGER)
    with transaction.atomic():
        found = _moved(pk, [Status.DONE], Status.UNDOING, undo_import)
        _record(actor, found, "undo_started", request)


def discard(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Let go of a file that has not been imported."""
    _must(actor, Role.MEMBER)
    with transaction.atomic():
        found = _locked(pk, BEFORE)
        if found.batch in {known.batch for known in batches(files.store())}:
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


def _made(
    actor: Person, batch: str, path: Path, name: str, *, uploaded: bool, request: HttpRequest | None
) -> Import:
    preview = files.previewed(path, name)
    with transaction.atomic():
        found = Import.objects.create(
            batch=batch,
            file_name=name[-255:],
            path=str(path),
            uploaded=uploaded,
            size=path.stat().st_size,
            preview=preview,
            person=actor,
        )
        _record(actor, found, "uploaded" if uploaded else "taken", request)
    return found


def _moved(pk: int, allowed: Collection[Status], to: Status, task: Task[..., Any]) -> Import:
    """Move an import on and have a job do it, in one transaction."""
    found = _locked(pk, allowed)
    found.status = to
    found.error = ""
    found.save(update_fields=["status", "error"])
    found.job = int(task.enqueue(pk=pk).id)
    found.save(update_fields=["job"])
    return found


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
    actor: Person,
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
