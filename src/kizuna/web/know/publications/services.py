"""Ask for a refresh, and publish what it found: readers keep the former state until the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from kizuna.jobs.options import ValueOptions
from kizuna.jobs.refresh import RefreshResult
from kizuna.jobs.refresh import refresh as refresh_job
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.queries import organisation
from kizuna.web.accounts.services import audit
from kizuna.web.know.publications.hooks import PUBLISHED_HOOKS
from kizuna.web.know.publications.models import Publication, Status

type Told = Callable[[float, str], None]

STAGES = {
    "read": gettext_noop("Reading the orders"),
    "test": gettext_noop("Testing the models on history kept back"),
    "value": gettext_noop("Valuing every customer"),
}
STOPPED = gettext_noop("The run stopped with an error; it will be tried again.")
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
    if latest is not None and latest.status == Status.FAILED and latest.error == STOPPED:
        return latest
    open_ones = Publication.objects.filter(status__in=[Status.RUNNING, Status.ASKED])
    return open_ones.order_by("pk").first()


def publish(*, publication_id: int, tell: Told = lambda share, text: None) -> Publication:
    """Run the pipeline and publish; a failure leaves the former publication as it was."""
    started = Publication.objects.filter(pk=publication_id)
    started.update(status=Status.RUNNING, started_at=timezone.now(), error="", finished_at=None)
    publication = started.get()
    try:
        found = refresh_job(
            store(), run_options(), on_progress=lambda stage, share: tell(share, STAGES[stage])
        )
    except InputError as error:
        return _failed(publication, str(error))
    except Exception:
        _failed(publication, STOPPED)
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


def _failed(publication: Publication, error: str) -> Publication:
    publication.status, publication.error = Status.FAILED, error
    publication.finished_at = timezone.now()
    publication.save(update_fields=["status", "error", "finished_at"])
    return publication
