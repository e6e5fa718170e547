"""What was done to customers, and what it cost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from kizuna.web.act.actions.models import Action, Deed


def record_deed(
    *,
    key: str,
    action: Action,
    customer_id: str,
    kind: str,
    at: datetime,
    units: float = 1,
    minutes: float = 0,
    discount: int = 0,
) -> Deed:
    """Record what was done, once a key; its cost is that of the action at this moment.

    `discount` is what was given and is in no order: points, a present. Of an order whose amount
    is already lower for it, leave it out.
    """
    cost = round(units * action.cost_per_unit + minutes * action.cost_per_minute)
    told = {
        "action": action,
        "customer_id": customer_id,
        "kind": kind,
        "done_at": at,
        "units": units,
        "minutes": minutes,
        "cost": cost,
        "discount": discount,
    }
    made: Deed = Deed.objects.get_or_create(key=key, defaults=told)[0]
    return made


def record_deeds(*, done: Iterable[tuple[str, Action, str, datetime]], kind: str) -> None:
    """Record one of each of many deeds, once a key: key, action, customer and moment."""
    Deed.objects.bulk_create(
        [
            Deed(
                key=key,
                action=action,
                customer_id=customer_id,
                kind=kind,
                done_at=at,
                cost=round(action.cost_per_unit),
            )
            for key, action, customer_id, at in done
        ],
        ignore_conflicts=True,
    )
