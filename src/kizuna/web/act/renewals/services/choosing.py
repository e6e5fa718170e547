"""Which ladder a contract is on: the first whose conditions it meets, else that for all others.

A renewal that has taken a step stays on its ladder, so that nobody is in two experiments for one
term.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from fnmatch import fnmatchcase

from kizuna.web.act.renewals.models import Ladder, Renewal, Step
from kizuna.web.know.segments.queries import member_ids


def ladders() -> list[Ladder]:
    """Give the ladders that are in use, in the order in which they are asked."""
    kept = Ladder.objects.select_related("action", "duty", "segment").filter(ended_at=None)
    return sorted(kept, key=lambda one: (one.pk == Ladder.THE_ONE, one.position, one.pk))


def put(
    renewals: Sequence[Renewal], offered: Sequence[Ladder], members: Mapping[int, Set[str]]
) -> list[Renewal]:
    """Put renewals on their ladders; give those that changed, saved by the caller."""
    stepped = _stepped(renewals)
    there = {one.pk for one in offered}
    free = [one for one in renewals if one.ladder_id not in there or one.pk not in stepped]
    changed = []
    for one in free:
        before, one.ladder = one.ladder_id, _first(one, offered, members)
        if one.ladder_id != before:
            changed.append(one)
    return changed


def _stepped(renewals: Sequence[Renewal]) -> set[int]:
    """Name the renewals that have taken a step."""
    return set(Step.objects.filter(renewal__in=renewals).values_list("renewal", flat=True))


def fits_product(ladder: Ladder, product: str) -> bool:
    """Whether a product is among those that a ladder is for."""
    patterns = [line.strip().casefold() for line in ladder.products.splitlines() if line.strip()]
    return any(fnmatchcase(product.casefold(), _plain(pattern)) for pattern in patterns)


def _plain(pattern: str) -> str:
    """Let * alone be a sign."""
    return pattern.replace("[", "[[]").replace("?", "[?]")


def _first(
    renewal: Renewal, offered: Iterable[Ladder], members: Mapping[int, Set[str]]
) -> Ladder | None:
    return next((one for one in offered if _fits(one, renewal, members)), None)


def _fits(ladder: Ladder, renewal: Renewal, members: Mapping[int, Set[str]]) -> bool:
    if ladder.segment_id is not None and renewal.customer_id not in members[ladder.segment_id]:
        return False
    return not ladder.products or fits_product(ladder, renewal.product)


def members_of(offered: Iterable[Ladder]) -> dict[int, frozenset[str]]:
    """Give the customers of the segments that ladders are for."""
    ids = {one.segment_id for one in offered if one.segment_id is not None}
    return {pk: frozenset(member_ids(pk)) for pk in ids}
