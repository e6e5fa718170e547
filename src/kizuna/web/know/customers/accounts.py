"""Accounts above and below a customer, and what all of them are worth together."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.profiles.models import Profile
from kizuna.web.know.profiles.queries import parent_of, right_below

DEEPEST = 5
MOST = 2_000
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Family:
    """The account above, those right below, and the sum over all below (amounts in minor units)."""

    parent: CustomerFact | None
    children: list[CustomerFact]
    below: int
    residual_clv: float | None
    historical_value: int
    complete: bool

    @property
    def exists(self) -> bool:
        """Whether there is any account above or below."""
        return self.parent is not None or bool(self.children)


def family(fact: CustomerFact) -> Family:
    """Give the accounts around a customer; levels and members beyond the bounds are left out."""
    above = parent_of(fact.customer_id)
    parent = CustomerFact.objects.filter(pk=above).first() if above else None
    seen, level = {fact.customer_id: fact}, [fact.customer_id]
    children: list[CustomerFact] = []
    for depth in range(DEEPEST):
        found = _right_below(level, MOST + 1 - len(seen)) if level else []
        new = [child for child in found if child.customer_id not in seen]
        children = new[:SHOWN] if depth == 0 else children
        seen |= {child.customer_id: child for child in new}
        level = [child.customer_id for child in new]
    known = [f.residual_clv for f in seen.values() if f.residual_clv is not None]
    return Family(
        parent,
        children,
        len(seen) - 1,
        sum(known) if known else None,
        sum(f.historical_value or 0 for f in seen.values()),
        not level and len(seen) <= MOST,
    )


def _right_below(parents: list[str], many: int) -> list[CustomerFact]:
    """Find who belongs to some accounts: as people set it, or else as it was brought in."""
    if many <= 0:
        return []
    set_here = Exists(Profile.objects.exclude(parent_id=None).filter(pk=OuterRef("pk")))
    # listed: beside another condition PostgreSQL looks through everyone for a subquery
    listed = right_below(parents, many)
    belongs = Q(pk__in=listed) | (Q(parent_id__in=parents) & ~set_here)
    return list(CustomerFact.objects.filter(belongs).order_by("customer_id")[:many])
