"""What the worker does for imports; each may be run again after a crash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.tasks import Task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from kizuna.jobs import load as load_job
from kizuna.pipeline.errors import InputError
from kizuna.web.accounts.services import audit
from kizuna.web.capture.imports import files, loads, others, services
from kizuna.web.capture.imports.loads import Loaded
from kizuna.web.capture.imports.models import Import, Status
from kizuna.web.jobs import progress
from kizuna.web.jobs.services import announce
from kizuna.web.jobs.tasks import job

STAGES = {
    "open": gettext_noop("Opening the file"),
    "read": gettext_noop("Reading the file"),
    "compare": gettext_noop("Comparing with what is there"),
    "write": gettext_noop("Writing the rows"),
}
CHANGED = gettext_noop("The file has changed since it was checked; check it again.")
GONE = gettext_noop("The file is no longer there; bring it in again.")
LONGEST_WAIT = 600.0
"""Seconds to wait for another import to end."""


@job(title=_("Look at a file"), unique=lambda pk, guess=False: f"look at import {pk}")
def look_at_file(pk: int, guess: bool = False) -> None:
    """Look at the first rows of a file that takes long to open."""
    _doing(pk, Status.LOOKING, partial(_looked_at, guess=guess), Status.FAILED)


@job(title=_("Check a file to import"), unique=lambda pk: f"check import {pk}")
def check_file(pk: int) -> None:
    """Count what an import would do."""
    _doing(pk, Status.CHECKING, _checked, Status.FAILED)


@job(title=_("Import a file"), unique=lambda pk: f"load import {pk}")
def load_file(pk: int) -> None:
    """Import a file that was checked."""
    _doing(pk, Status.LOADING, _loaded, Status.FAILED)


@job(title=_("Undo an import"), unique=lambda pk: f"undo import {pk}")
def undo_import(pk: int) -> None:
    """Take an import out."""
    _doing(pk, Status.UNDOING, _undone, Status.DONE)


@job(title=_("Look for imports from elsewhere"), unique="notice imports", run_again=True)
def notice_others() -> None:
    """Make imports of the command line known."""
    others.notice()


@job(title=_("Clear away unfinished uploads"), unique="sweep uploads")
def sweep_uploads() -> None:
    """Delete what uploads that never ended have left behind."""
    files.sweep(
        known=set(Import.objects.values_list("batch", flat=True)), now=timezone.now().timestamp()
    )


OF: dict[Status, Task[..., Any]] = {
    Status.LOOKING: look_at_file,
    Status.CHECKING: check_file,
    Status.LOADING: load_file,
    Status.UNDOING: undo_import,
}
"""What is done while an import is in a state."""


def _doing(pk: int, status: Status, work: Callable[[Import], None], refused: Status) -> None:
    """Do the work where it is still to be done; what a person can mend is said to her."""
    found = Import.objects.filter(pk=pk, status=status).first()
    if found is None:
        return
    try:
        work(found)
    except InputError as error:
        _refused(found, status, refused, str(error))
    except Exception as error:
        if not files.is_full(error):
            raise
        # what was checked is still checked: the same can be started again when there is room
        again = {Status.LOADING: Status.CHECKED}.get(status, refused)
        _refused(found, status, again, files.FULL)


def _refused(found: Import, status: Status, to: Status, said: str) -> None:
    with transaction.atomic():
        found.status, found.error = to, said
        found.save(update_fields=["status", "error"])
        action = f"capture.import.{status}_refused"
        audit(actor=None, action=action, target=str(found), after={"error": said})


def _looked_at(found: Import, guess: bool) -> None:
    progress.report(0.1, STAGES["open"])
    table = "" if guess else found.table
    services.apply(found, files.previewed(_given(found), found.file_name, table, found.sheet))
    found.status = Status.UPLOADED
    found.save(update_fields=["status", "preview", "table", "sheet"])


def _checked(found: Import) -> None:
    store = files.store()
    there = loads.batches(store, found.table).get(found.batch)
    if there is not None:
        return _finish(found, there)
    outcome = loads.check(
        store,
        _file(found),
        today=_local(timezone.now()).date(),
        rejected_to=_rejected(found),
        on_progress=_tell,
    )
    with transaction.atomic():
        found.status, found.found, found.digest = Status.CHECKED, asdict(outcome), outcome.digest
        found.save(update_fields=["status", "found", "digest"])
        if found.at_once:
            services.go_on(found)
    return None


def _loaded(found: Import) -> None:
    now, store = timezone.now(), files.store()
    known = loads.batches(store, found.table)
    if found.batch not in known and load_job.digest_of(_path(found)) != found.digest:
        raise InputError(CHANGED)
    outcome = loads.load(
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
            services.tell(found.table)
        announce("import_finished", import_id=found.pk)
    if found.uploaded:
        Path(found.path).unlink(missing_ok=True)
    files.sheet_of(found.batch).unlink(missing_ok=True)


def _undone(found: Import) -> None:
    store = files.store()
    loads.undo(store, found.table, found.batch, wait=LONGEST_WAIT, on_progress=_tell)
    with transaction.atomic():
        found.status = Status.UNDONE
        found.save(update_fields=["status"])
        audit(actor=None, action="capture.import.undone", target=str(found))
        services.tell(found.table)


def _file(found: Import) -> loads.File:
    path = _path(found)
    return loads.file_of(found.table, path, found.file_name, found.mapping, settings.TIME_ZONE)


def _path(found: Import) -> Path:
    """Give the file as it is read: of a workbook with several sheets, the one chosen."""
    path = _given(found)
    if not found.sheet:
        return path
    progress.report(0.02, STAGES["open"])
    return files.sheet_copied(found.batch, path, found.sheet)


def _given(found: Import) -> Path:
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
