"""Ask for a refresh, and publish what it found: readers keep the former state until the end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from kizuna.jobs.business_days import Calendar, parse_country, parse_days
from kizuna.jobs.options import ValueOptions
from kizuna.jobs.refresh import RefreshResult
from kizuna.jobs.refresh import refresh as refresh_job
from kizuna.pipeline.contracts import ContractError
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.queries import organisation
from kizuna.web.accounts.services import audit
from kizuna.web.know.publications.checks import of_error
from kizuna.web.know.publications.hooks import GIVEN_HOOKS, PUBLISHED_HOOKS
from kizuna.web.know.publications.models import Publication, Status
from kizuna.web.trouble import Trouble, trouble_of

log = logging.getLogger("kizuna.publications")

type Told = Callable[[float, str], None]

STAGES = {
    "read": gettext_noop("Reading the orders"),
    "test": gettext_noop("Testing the models on history kept back"),
    "value": gettext_noop("Valuing every customer"),
}
STOPPED = gettext_noop("The run stopped with an error; it will be tried again.")
FULL = gettext_noop("The disk of the server is full; make room, and the run is tried again.")
CHECK_FAILED = gettext_noop(
    "A table did not pass its checks, so nothing was published: the former figures stand."
)
NO_ORDERS = gettext_noop("There are no orders yet; import some first.")
MIXED = gettext_noop("The orders are in more than one currency; import those of one only.")


def store() -> Store:
    """Give the store of this installation."""
    return Store(Path(settings.KIZUNA_HOME) / "store")


def run_options() -> ValueOptions:
    """Give what a run of this installation is asked to do, as its organisation counts."""
    counts = organisation()
    return ValueOptions(
        orders=(),
        timezone=settings.TIME_ZONE,
        margin=counts.margin,
        horizon_days=counts.horizon_days,
        discount=counts.discount,
    )


def business_calendar() -> Calendar:
    """Give the days on which this organisation is closed."""
    return Calendar(
        country=parse_country(settings.HOLIDAYS),
        turn_of_year=settings.TURN_OF_YEAR,
        own=parse_days(settings.CLOSED_DAYS),
        notice_in_business_days=settings.NOTICE_DAYS == "business",
    )


def refresh(*, actor: Person | None) -> Publication:
    """Ask for a publication; one that already waits is given instead. No actor: the system asks."""
    from kizuna.web.know.publications.tasks import publish as publish_task

    if actor is not None and not actor.may(Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        made, new = Publication.objects.get_or_create(
            status=Status.ASKED, defaults={"asked_by": actor}
        )
        if new:
            publish_task.enqueue()
            audit(actor=actor, action="know.publication.asked", target=str(made))
    return made


def publish_open(*, tell: Told = lambda share, text: None) -> None:
    """Publish for whoever asked; what a lost worker or an error left behind is begun again.

    Only one worker does this at a time, so that what is marked as running no longer runs.
    """
    while (found := _open_one()) is not None:
        publish(publication_id=found.pk, tell=tell)


def _open_one() -> Publication | None:
    latest = Publication.objects.order_by("-pk").first()
    if latest is not None and latest.status == Status.FAILED and latest.error in (STOPPED, FULL):
        return latest
    open_ones = Publication.objects.filter(status__in=[Status.RUNNING, Status.ASKED])
    return open_ones.order_by("pk").first()


def publish(*, publication_id: int, tell: Told = lambda share, text: None) -> Publication:
    """Run the pipeline and publish; a failure leaves the former publication as it was."""
    started = Publication.objects.filter(pk=publication_id)
    started.update(status=Status.RUNNING, started_at=timezone.now(), error="", finished_at=None)
    publication = started.get()
    try:
        for give in GIVEN_HOOKS:
            give(store())
        found = refresh_job(
            store(),
            run_options(),
            calendar=business_calendar(),
            today=timezone.localdate(),
            on_progress=lambda stage, share: tell(share, STAGES[stage]),
        )
    except InputError as error:
        return _failed(publication, str(error))
    except ContractError as error:
        log.exception("a check of the tables failed")
        return _failed(publication, CHECK_FAILED, of_error(error))
    except Exception as error:
        full = trouble_of(error) is Trouble.FULL
        _failed(publication, FULL if full else STOPPED)
        raise
    return record(publication=publication, found=found)


def record(*, publication: Publication, found: RefreshResult) -> Publication:
    """Make what was found the state that everyone reads, by one change of one row."""
    now = timezone.now()
    publication.status = Status.PUBLISHED
    publication.published_at = publication.finished_at = now
    publication.as_of = date.fromisoformat(found.material["as_of"])
    publication.versions, publication.read_versions = dict(found.versions), dict(found.read)
    publication.trace = [asdict(step) for step in found.steps]
    publication.summary = dict(found.material)
    with transaction.atomic():
        publication.save()
        audit(actor=None, action="know.publication.published", target=str(publication))
    for hook in PUBLISHED_HOOKS:
        hook(publication)
    return publication


def tidy() -> int:
    """Delete files of versions that nobody reads any more; give how many.

    What is published stays, however old it is, and so does whatever is younger than a week.
    """
    state = Publication.objects.filter(status=Status.PUBLISHED).order_by("-published_at", "-pk")
    latest = state.only("versions", "read_versions").first()
    kept = latest.read_versions | latest.versions if latest else {}
    tables = store()
    return sum(
        tables.vacuum(name, versions=[kept[name]] if name in kept else [])
        for name in tables.names()
    )


def _failed(
    publication: Publication, error: str, checks: list[dict[str, object]] | None = None
) -> Publication:
    publication.status, publication.error = Status.FAILED, error
    publication.finished_at, publication.failed_checks = timezone.now(), checks or []
    publication.save(update_fields=["status", "error", "finished_at", "failed_checks"])
    return publication
