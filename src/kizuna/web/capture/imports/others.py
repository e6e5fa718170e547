"""Imports that came by another way, as by the command line: made known here, and announced."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from kizuna.pipeline.store import Store
from kizuna.web.accounts.services import audit
from kizuna.web.capture.imports import files, loads, services
from kizuna.web.capture.imports.loads import Loaded
from kizuna.web.capture.imports.models import Import, Seen, Status

COMMAND = "kizuna import"


def unseen() -> dict[str, int]:
    """Give the tables whose logs have changed since they were last looked at, with the version."""
    store, seen = files.store(), dict(Seen.objects.values_list("log", "version"))
    there = set(store.names())
    versions = {t: store.versions(log)[-1].number for t, log in loads.LOGS.items() if log in there}
    return {table: v for table, v in versions.items() if seen.get(loads.LOGS[table]) != v}


def ask_to_notice() -> bool:
    """Have the logs looked at, if one has changed; tell whether."""
    from kizuna.web.capture.imports.tasks import notice_others

    if not unseen():
        return False
    notice_others.enqueue()
    return True


def notice() -> None:
    """Make known what stands in the logs and not here, and what is here and no longer there."""
    for table, version in unseen().items():
        _notice(files.store(), table, version)


def _notice(store: Store, table: str, version: int) -> None:
    # read in this order: what is done here stands in a log that is read afterwards
    known = {entry.batch: entry for entry in Import.objects.filter(table=table)}
    there = loads.batches(store, table)
    gone = [e for e in known.values() if e.status == Status.DONE and e.batch not in there]
    with transaction.atomic():
        made = [_made(table, found) for name, found in there.items() if name not in known]
        undone = [_undone(entry) for entry in gone]
        Seen.objects.update_or_create(log=loads.LOGS[table], defaults={"version": version})
        if any([*made, *undone]):
            services.tell(table)


def _made(table: str, found: Loaded) -> bool:
    """Keep an import that is done already; tell whether it changed anything."""
    at, known = datetime.fromisoformat(found.at), asdict(found)
    values: dict[str, Any] = {
        "table": table, "status": Status.DONE, "file_name": found.file[-255:], "source": COMMAND,
        "uploaded": False, "size": 0, "digest": found.digest, "found": known,
        "started_at": at, "finished_at": at,
    }  # fmt: skip
    entry, new = Import.objects.get_or_create(batch=found.batch, defaults=values)
    if new:
        Import.objects.filter(pk=entry.pk).update(created_at=at)
        counts = {name: known[name] for name in ("new", "changed", "unchanged")}
        audit(actor=None, action="capture.import.noticed", target=str(entry), after=counts)
    return new and bool(found.new or found.changed)


def _undone(entry: Import) -> bool:
    moved = Import.objects.filter(pk=entry.pk, status=Status.DONE)
    if not moved.update(status=Status.UNDONE):
        return False
    audit(actor=None, action="capture.import.undone_elsewhere", target=str(entry))
    return True
