"""How long things are kept: for ever, until somebody sets a period; each night the old goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.jobs import retention
from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.capture.privacy import queries, services
from kizuna.web.capture.privacy.models import Held, Retention
from kizuna.web.capture.privacy.periods import BESIDE, CLEARINGS


@dataclass(frozen=True, slots=True)
class Period:
    """What is kept, and for how long; no months: for ever."""

    held: Held
    months: int | None
    applied_at: datetime | None = None
    removed: int = 0

    @property
    def kept(self) -> int | None:
        """For how many months it is kept as things stand."""
        return self.months or (CLEARINGS[self.held].usual if self.held in CLEARINGS else None)


def periods() -> list[Period]:
    """List all that may have a period."""
    rows = {one.held: one for one in Retention.objects.all()}
    return [
        Period(held, one.months, one.applied_at, one.removed)
        if (one := rows.get(held.value))
        else Period(held, None)
        for held in Held
    ]


def would_go(held: str, months: int) -> int:
    """Count what a period would remove at once; nothing changes."""
    before = retention.months_before(timezone.now(), months)
    if held in CLEARINGS:
        return CLEARINGS[held].count(before)
    if held == Held.WEBHOOKS:
        return _messages(before).count()
    beside = BESIDE[held].count(before) if held in BESIDE else 0
    return retention.count(queries.store(), held, before) + beside


def set_period(
    *, actor: Person, held: str, months: int | None, request: HttpRequest | None = None
) -> None:
    """Keep something for some months from now on; None: for ever."""
    if not actor.may(Role.MANAGER):
        raise PermissionDenied
    with transaction.atomic():
        former = Retention.objects.select_for_update().filter(held=held).first()
        if months is None:
            Retention.objects.filter(held=held).delete()
        else:
            said = {"months": months, "set_by": actor, "set_at": timezone.now()}
            Retention.objects.update_or_create(held=held, defaults=said)
        audit(
            actor=actor,
            action="privacy.retention.set",
            target=f"retention {held}",
            before={"months": former and former.months},
            after={"months": months},
            request=request,
        )


def apply() -> int:
    """Let go of what is older than its period; give how many rows and files.

    Raises
    ------
    Busy
        While a refresh runs: it reads versions that would go.

    """
    services.wait_for_refresh()
    gone = {one.held: _apply(one) for one in Retention.objects.order_by("held")}
    # what is in the records alone changes no table
    if any(many for held, many in gone.items() if held not in CLEARINGS):
        services.publish_what_is_left()
    if any(gone.values()):
        services.scrub()
    return sum(gone.values())


def _apply(one: Retention) -> int:
    now = timezone.now()
    before = retention.months_before(now, one.months)
    if one.held in CLEARINGS:
        gone = CLEARINGS[one.held].clear(before)
    elif one.held == Held.WEBHOOKS:
        found = _messages(before)
        gone = found.count()
        found.delete()
    else:
        gone = retention.apply(queries.store(), one.held, before)
        gone += BESIDE[one.held].clear(before) if one.held in BESIDE else 0
    with transaction.atomic():
        Retention.objects.filter(pk=one.pk).update(applied_at=now, removed=gone)
        if gone:
            said = {"removed": gone, "before": before.isoformat()}
            target = f"retention {one.held}"
            audit(actor=None, action="privacy.retention.applied", target=target, after=said)
    return gone


def _messages(before: datetime) -> models.QuerySet[models.Model]:
    return apps.get_model("webhooks", "Message")._default_manager.filter(at__lt=before)
