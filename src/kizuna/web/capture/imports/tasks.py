"""What the worker does for imports; each may be run again after a crash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from kizuna.jobs import load as load_job
from kizuna.jobs.load import Loaded, OrderFile
from kizuna.pipeline.errors import InputError
from kizuna.web.accounts.services import audit
from kizuna.web.capture.imports import files
from kizuna.web.capture.imports.models import Import, Status
from kizuna.web.jobs import progress
from kizuna.web.jobs.services import announce
from kizuna.web.jobs.tasks import job

STAGES = {
    "read": gettext_noop("Reading the file"),
    "compare": gettext_noop("Comparing with the orders that are there"),
    "write": gettext_noop("Writing the orders"),
}
CHANGED = gettext_noop("The file has changed since it was checked; check it again.")
GONE = gettext_noop("The file is no longer there; bring it in again.")
LONGEST_WAIT = 600.0
"""Seconds to wait for another import to end."""


@job(title=_("Check a file of orders"), unique=lambda pk: f"import {pk}")
def check_file(pk: int) -> None:
    """Count what an import would do."""
    _doing(pk, Status.CHECKING, _checked, Status.FAILED)


@job(title=_("Import a file of orders"), unique=lambda pk: f"import {pk}")
def load_file(pk: int) -> None:
    """Import a file that was checked."""
    _doing(pk, Status.LOADING, _loaded, Status.FAILED)


@job(title=_("Undo an import"), unique=lambda pk: f"import {pk}")
def undo_import(pk: int) -> None:
    """Take an import out."""
    _doing(pk, Status.UNDOING, _undone, Status.DONE)


def _doing(pk: int, status: Status, work: Callable[[Import], None], refused: Status) -> None:
    """Do the work where it is still to be done; what a person can mend is said to her."""
    found = Import.objects.filter(pk=pk, status=status).first()
    if found is None:
        return
    try:
        work(found)
    except InputError as error:
        with transaction.atomic():
            found.status, found.error = refused, str(error)
            found.save(update_fields=["status", "error"])
            action = f"capture.import.{status}_refused"
            audit(actor=None, action=action, target=str(found), after={"error": str(error)})


def _checked(found: Import) -> None:
    store = files.store()
    there = {known.batch: known for known in load_job.batches(store)}.get(found.batch)
    if there is not None:
        return _finish(found, there)
    outcome = load_job.check(
        store,
        _file(found),
        today=_local(timezone.now()).date(),
        rejected_to=_rejected(found),
        on_progress=_tell,
    )
    found.status, found.found, found.digest = Status.CHECKED, asdict(outcome), outcome.digest
    found.save(update_fields=["status", "found", "digest"])
    return None


def _loaded(found: Import) -> None:
    now, store = timezone.now(), files.store()
    known = {entry.batch for entry in load_job.batches(store)}
    if found.batch not in known and load_job.digest_of(_path(found)) != found.digest:
        raise InputError(CHANGED)
    outcome = load_job.load(
        store,
        _file(found),
        batch=found.batch,
        at=now,
        today=_local(now).date(),
        rejected_to=_rejected(found),
        wait=LONGEST_WAIT,
        on_progress=_tell,
    )
    _finish(found, outcome)


def _finish(found: Import, outcome: Loaded) -> None:
    """Say that the orders are in; what was uploaded is needed no longer."""
    with transaction.atomic():
        found.status, found.found, found.preview = Status.DONE, asdict(outcome), {}
        found.finished_at = timezone.now()
        found.save(update_fields=["status", "found", "preview", "finished_at"])
        counts = {name: found.found[name] for name in ("new", "changed", "unchanged")}
        audit(actor=None, action="capture.import.done", target=str(found), after=counts)
        if outcome.new or outcome.changed:
            announce("transactions_changed")
    if found.uploaded:
        Path(found.path).unlink(missing_ok=True)


def _undone(found: Import) -> None:
    load_job.undo(files.store(), found.batch, wait=LONGEST_WAIT, on_progress=_tell)
    with transaction.atomic():
        found.status = Status.UNDONE
        found.save(update_fields=["status"])
        audit(actor=None, action="capture.import.undone", target=str(found))
        announce("transactions_changed")


def _file(found: Import) -> OrderFile:
    said = found.mapping
    return OrderFile(
        path=_path(found),
        name=found.file_name,
        columns=said["columns"],
        date_order=said["date_order"],
        currency=said["money"],
        timezone=settings.TIME_ZONE,
    )


def _path(found: Import) -> Path:
    path = Path(found.path)
    if not path.is_file():
        raise InputError(GONE)
    return path


def _rejected(found: Import) -> Path:
    folder = files.folder_of(found.batch)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / "rejected.parquet"


def _local(now: datetime) -> datetime:
    return now.astimezone(ZoneInfo(settings.TIME_ZONE))


def _tell(stage: str, share: float) -> None:
    progress.report(share, STAGES[stage])
