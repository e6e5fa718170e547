"""Writes: what contacts cost; each checks, changes, records and asks for new figures."""

from __future__ import annotations

from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.know.publications import queries as publications
from kizuna.web.know.publications.services import refresh
from kizuna.web.know.retention.models import ServiceRate


class ChannelTakenError(ValueError):
    """Another rate is of this channel."""


def save_rate(
    *,
    actor: Person,
    channel: str,
    per_contact: Decimal,
    per_minute: Decimal,
    pk: int | None = None,
    request: HttpRequest | None = None,
) -> ServiceRate:
    """Keep a rate, a new one or one that is there."""
    _permitted(actor)
    try:
        with transaction.atomic():
            kept = ServiceRate() if pk is None else _locked(pk)
            before = None if pk is None else kept.values
            kept.channel, kept.per_contact, kept.per_minute = channel, per_contact, per_minute
            kept.save()
            _told(actor, "saved", kept, before, kept.values, request)
    except IntegrityError as error:
        others = ServiceRate.objects.filter(channel=channel).values_list("pk", flat=True)
        raise ChannelTakenError(channel) if set(others) - {pk} else error from error
    return kept


def remove_rate(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Let a rate go; one that is gone already stays gone."""
    _permitted(actor)
    with transaction.atomic():
        kept = ServiceRate.objects.select_for_update().filter(pk=pk).first()
        if kept is None:
            return
        before = kept.values
        _told(actor, "removed", kept, before, None, request)
        kept.delete()


def _locked(pk: int) -> ServiceRate:
    return ServiceRate.objects.select_for_update().get(pk=pk)


def _told(
    actor: Person,
    what: str,
    rate: ServiceRate,
    before: dict[str, str] | None,
    after: dict[str, str] | None,
    request: HttpRequest | None,
) -> None:
    """Record it, and ask for figures by the new rates where there are any figures."""
    audit(
        actor=actor,
        action=f"know.servicerate.{what}",
        target=str(rate),
        before=before,
        after=after,
        request=request,
    )
    if publications.published() is not None:
        refresh(actor=actor)


def _permitted(actor: Person) -> None:
    if not actor.may(Role.MANAGER):
        raise PermissionDenied
