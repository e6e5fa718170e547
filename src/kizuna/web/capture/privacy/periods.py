"""What apps further right keep in the records and let go of after a period.

Each adds itself when it starts. What is needed for results (what was done to whom, and who was
placed where by chance) has no period.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Model, QuerySet

A_PART = 500


@dataclass(frozen=True, slots=True)
class Clearing:
    """How rows older than a moment are counted, and let go of; both give how many.

    `usual`: for how many months they are kept where nobody sets a period; None: for ever.
    """

    count: Callable[[datetime], int]
    clear: Callable[[datetime], int]
    usual: int | None = None


CLEARINGS: dict[str, Clearing] = {}
"""Kind of what is kept (`Held`) → how it is cleared."""
BESIDE: dict[str, Clearing] = {}
"""Kind of what is kept in tables → how that of the same is cleared which the records hold."""


def clears(held: str, one: Clearing) -> None:
    """Have a kind cleared, by several apps one after another where several keep it."""
    CLEARINGS[held] = _both(CLEARINGS[held], one) if held in CLEARINGS else one


def _both(first: Clearing, second: Clearing) -> Clearing:
    return Clearing(
        lambda before: first.count(before) + second.count(before),
        lambda before: first.clear(before) + second.clear(before),
        first.usual,
    )


def in_parts[M: Model](rows: QuerySet[M], take: Callable[[list[M]], object]) -> int:
    """Give old rows to whoever lets go of them, part by part, each a transaction; give how many.

    What was let go of must not be found again.
    """
    gone, last = 0, 0
    while True:
        with transaction.atomic():
            part = list(rows.filter(pk__gt=last).order_by("pk")[:A_PART])
            if not part:
                return gone
            take(part)
        gone, last = gone + len(part), part[-1].pk
