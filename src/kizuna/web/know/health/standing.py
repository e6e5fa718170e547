"""What people say of a customer's health now: the override in force, and the rating that holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from kizuna.web.capture.identities.queries import belonging, belonging_to_any, whose
from kizuna.web.know.health.models import Override, Rating
from kizuna.web.know.profiles.models import Profile
from kizuna.web.know.profiles.queries import changes

OVERRIDES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Standing:
    """The latest rating, and whether it still holds; who hands over takes it with them."""

    rating: Rating | None
    holds: bool


def in_force(today: date | None = None) -> QuerySet[Override]:
    """Give the overrides in force on a day."""
    open_ones = Override.objects.filter(ended_at=None)
    return open_ones.filter(until_on__gte=today or timezone.localdate())


def override_of(customer_id: str) -> Override | None:
    """Give the override in force of a customer."""
    found = in_force().filter(belonging(customer_id)).select_related("set_by")
    return found.order_by("-set_at").first()


def overrides_on(customer_ids: Sequence[str]) -> dict[str, Override]:
    """Give the overrides in force of some customers."""
    kept = in_force().filter(belonging_to_any(customer_ids)).annotate(whose=whose())
    found = kept.select_related("set_by").order_by("set_at")
    return {override.whose: override for override in found}


def overrides_of(customer_id: str) -> list[Override]:
    """List the latest overrides of a customer, in force or over."""
    kept = Override.objects.filter(belonging(customer_id)).select_related("set_by", "ended_by")
    return list(kept.order_by("-set_at")[:OVERRIDES_SHOWN])


def rating_of(customer_id: str, profile: Profile, owner_email: str | None) -> Standing:
    """Give the latest rating; it holds as long as the customer was not handed over since."""
    kept = Rating.objects.filter(belonging(customer_id)).select_related("rated_by")
    latest = kept.order_by("-rated_at", "-pk").first()
    if latest is None:
        return Standing(None, holds=False)
    same = latest.owner_id == profile.owner_id and (
        profile.owner_id is not None or latest.owner_email == (owner_email or "")
    )
    return Standing(latest, holds=same and not _handed_over(customer_id, latest))


def _handed_over(customer_id: str, rating: Rating) -> bool:
    """Whether the owner was another one in between, even if it is the same one again."""
    later = [change for change in changes(customer_id) if change.at > rating.rated_at]
    return any(c.before.get("owner") != c.after.get("owner") for c in later)
