"""What the worker does for databases; each may be run again after a crash."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from kizuna.pipeline.capture.databases import reading
from kizuna.pipeline.capture.databases.reading import Reading
from kizuna.pipeline.capture.databases.refusals import Refusal
from kizuna.web.accounts.services import audit
from kizuna.web.capture.imports.services import bring
from kizuna.web.capture.sources import places, queries, services, wording
from kizuna.web.capture.sources.models import Fetch, Outcome
from kizuna.web.jobs import progress
from kizuna.web.jobs.tasks import job

ROWS = gettext_noop("%(rows)s rows read")


@job(title=_("Read from a database"), unique=lambda pk: f"fetch {pk}")
def read_rows(pk: int) -> None:
    """Read a source, and hand the rows over to an import."""
    fetch = (
        Fetch.objects.filter(pk=pk, outcome=Outcome.READING)
        .select_related("source__connection", "person")
        .first()
    )
    if fetch is None:
        return
    try:
        found = reading.read(
            places.database_of(fetch.source.connection),
            places.selection_of(fetch.source),
            places.folder_of(fetch),
            low=fetch.began_from,
            on_rows=_tell,
        )
    except Refusal as error:
        _broken_off(fetch, error)
    else:
        _handed_over(fetch, found)
        places.forget(fetch)


@job(title=_("Read what is due from databases"), unique="due")
def read_due() -> int:
    """Start what is due."""
    return services.run_due(now=timezone.now())


def _handed_over(fetch: Fetch, found: Reading) -> None:
    """Make an import of the rows; in one transaction, so that a crash makes no second one."""
    with transaction.atomic():
        fetch.outcome, fetch.finished_at = Outcome.DONE, timezone.now()
        fetch.rows, fetch.ended_at = found.rows, found.high
        if found.path:
            _bring(fetch, found)
        fetch.save()
        after = {"rows": found.rows}
        audit(actor=None, action="capture.source.read", target=str(fetch.source), after=after)


def _bring(fetch: Fetch, found: Reading) -> None:
    source, last = fetch.source, queries.last_import(fetch.source)
    assert found.path
    fetch.entry = bring(
        actor=fetch.person,
        path=found.path,
        name=_name(fetch, timezone.now()),
        table=last.table if last else source.rows_are,
        mapping=last.mapping if last else None,
        at_once=source.at_once,
        source=f"{source.connection.name}: {source.name}",
    )


def _name(fetch: Fetch, at: datetime) -> str:
    what = fetch.source.table or fetch.source.connection.name
    return f"{get_valid_filename(what)[:80]}-{at:%Y%m%d-%H%M}.parquet"


def _broken_off(fetch: Fetch, error: Refusal) -> None:
    with transaction.atomic():
        fetch.outcome, fetch.finished_at = Outcome.FAILED, timezone.now()
        fetch.error = wording.kept(error)
        fetch.save()
        audit(
            actor=None,
            action="capture.source.broken_off",
            target=str(fetch.source),
            after={"code": error.code},
        )


def _tell(rows: int) -> None:
    progress.report(0.0, ROWS, rows=f"{rows:,}")
