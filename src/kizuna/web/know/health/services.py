"""Writes: ratings, overrides, bands and scorecards; each checks, changes and records at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest
from django.utils import timezone

from kizuna.experience.scorecard import Card
from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.capture.identities.queries import belonging
from kizuna.web.know.health.models import Bands, Override, Rating, Scorecard
from kizuna.web.know.profiles.queries import profile
from kizuna.web.know.publications import queries as publications
from kizuna.web.know.publications.services import refresh

type Limits = Mapping[str, Sequence[float]]


def rate(
    *,
    actor: Person,
    customer_id: str,
    rating: int,
    reason: str = "",
    owner_email: str | None = None,
    request: HttpRequest | None = None,
) -> Rating:
    """Keep what somebody thinks of a customer, with whose customer she is now."""
    _permitted(actor, Role.MEMBER)
    with transaction.atomic():
        made = Rating.objects.create(
            customer_id=customer_id,
            rating=rating,
            reason=reason,
            owner=profile(customer_id).owner,
            owner_email=owner_email or "",
            rated_by=actor,
        )
        _told(actor, "rated", customer_id, None, {"rating": rating, "reason": reason}, request)
    return made


def override(
    *,
    actor: Person,
    customer_id: str,
    health: int,
    reason: str,
    until_on: date,
    request: HttpRequest | None = None,
) -> Override:
    """Set the health of a customer by hand until a day; the one before it ends."""
    _permitted(actor, Role.MEMBER)
    with transaction.atomic():
        before = _ended(actor, customer_id)
        made = Override.objects.create(
            customer_id=customer_id, health=health, reason=reason, until_on=until_on, set_by=actor
        )
        _told(actor, "overridden", customer_id, before, made.values, request)
        _computed_anew(actor)
    return made


def end_override(*, actor: Person, customer_id: str, request: HttpRequest | None = None) -> None:
    """Let what is computed count again; where nothing is set by hand, nothing happens."""
    _permitted(actor, Role.MEMBER)
    with transaction.atomic():
        before = _ended(actor, customer_id)
        if before is not None:
            _told(actor, "override_ended", customer_id, before, None, request)
            _computed_anew(actor)


def set_bands(*, actor: Person, limits: Limits, request: HttpRequest | None = None) -> Bands:
    """Keep a new version of where bands begin, and have health told by it."""
    _permitted(actor, Role.MANAGER)
    with transaction.atomic():
        former = Bands.objects.order_by("-pk").first()
        plain = {kind: [float(start) for start in starts] for kind, starts in limits.items()}
        made = Bands.objects.create(limits=plain, set_by=actor)
        audit(
            actor=actor,
            action="know.health.bands_set",
            target=str(made),
            before=former.limits if former else None,
            after=plain,
            request=request,
        )
        _computed_anew(actor)
    return made


def set_card(*, actor: Person, card: Card, request: HttpRequest | None = None) -> Scorecard:
    """Keep a new version of the scorecard, and have customers scored by it."""
    _permitted(actor, Role.MANAGER)
    with transaction.atomic():
        latest = Scorecard.objects.aggregate(latest=Max("version"))["latest"] or 1
        former = Scorecard.objects.filter(version=latest).first()
        plain = card.plain()
        made = Scorecard.objects.create(version=latest + 1, card=plain, set_by=actor)
        audit(
            actor=actor,
            action="know.health.scorecard_set",
            target=str(made),
            before=former.card if former else None,
            after=plain,
            request=request,
        )
        _computed_anew(actor)
    return made


def _ended(actor: Person, customer_id: str) -> dict[str, Any] | None:
    """End the override that is open, whether in force still or run out; give what it said."""
    open_ones = Override.objects.select_for_update().filter(belonging(customer_id), ended_at=None)
    before = [found.values for found in open_ones.order_by("set_at")]
    open_ones.update(ended_at=timezone.now(), ended_by=actor)
    return before[-1] if before else None


def _told(
    actor: Person,
    what: str,
    customer_id: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    request: HttpRequest | None,
) -> None:
    audit(
        actor=actor,
        action=f"know.health.{what}",
        target=f"customer {customer_id}",
        before=before,
        after=after,
        request=request,
    )


def _computed_anew(actor: Person) -> None:
    """Ask for figures by the new terms, where there are any figures."""
    if publications.published() is not None:
        refresh(actor=actor)


def _permitted(actor: Person, role: Role) -> None:
    if not actor.may(role):
        raise PermissionDenied
