"""The global control: customers whom nothing optional reaches, to measure all actions together.

Turns follow the calendar, so that nobody keeps a list of them. For a day before and after a turn
begins, those of both turns are left alone: two machines whose clocks differ agree on nobody less.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from kizuna.experiments.assignment import GlobalControl
from kizuna.web.act.actions.models import GlobalPlace, Programme
from kizuna.web.act.actions.whose import Who

A_DAY = timedelta(days=1)
AT_FIRST = {"is_on": True}
"""What is set before anybody sets anything."""


def programme() -> Programme:
    """Give the settings; the row is made when it is first asked for, for its salt is drawn once."""
    found = Programme.objects.filter(pk=Programme.THE_ONE).first()
    return found or Programme.objects.get_or_create(pk=Programme.THE_ONE, defaults=AT_FIRST)[0]


def turn_of(kept: Programme, day: date) -> str:
    """Name the turn that a day is in by its first month, such as 2026-07."""
    first = _science(kept).period(day) * kept.months
    return f"{first // 12:04}-{first % 12 + 1:02}"


def turn_ends_on(kept: Programme, day: date) -> date:
    """Give the first day of the next turn."""
    year, month = divmod((_science(kept).period(day) + 1) * kept.months, 12)
    return date(year, month + 1, 1)


def held(who: Who, at: datetime) -> set[str]:
    """Give those of some customers whom nothing optional reaches then."""
    kept = programme()
    return _held(kept, who, who.customers, at) if kept.is_on else set()


def place(who: Who, at: datetime) -> set[str]:
    """Store where chance puts customers in this turn; give those who are left alone now."""
    kept = programme()
    if not kept.is_on:
        return set()
    day = timezone.localdate(at)
    stored = _stored(kept, day, who)
    there = stored.get(turn_of(kept, day), {})
    missing = [customer for customer in who.customers if customer not in there]
    if not missing:
        return _alone(kept, who, who.customers, day, stored)
    _store(kept, who, missing, at)
    return _held(kept, who, who.customers, at)


def _held(kept: Programme, who: Who, customers: list[str], at: datetime) -> set[str]:
    day = timezone.localdate(at)
    return _alone(kept, who, customers, day, _stored(kept, day, who))


def _alone(
    kept: Programme,
    who: Who,
    customers: list[str],
    day: date,
    stored: dict[str, dict[str, bool]],
) -> set[str]:
    """Give those who are left alone in a turn of these days; what is stored counts, else chance."""
    found: set[str] = set()
    for one, turn in _turns(kept, day):
        placed = stored.get(turn, {})
        found |= {
            customer
            for customer in customers
            if (placed[customer] if customer in placed else _by_chance(kept, who, customer, one))
        }
    return found


def _store(kept: Programme, who: Who, missing: list[str], at: datetime) -> None:
    day = timezone.localdate(at)
    GlobalPlace.objects.bulk_create(
        [
            GlobalPlace(
                turn=turn_of(kept, day),
                customer_id=customer,
                unit_id=who.unit(customer),
                version=kept.version,
                is_held=_by_chance(kept, who, customer, day),
                share=kept.share,
                placed_at=at,
                predicted=who.predicted(customer),
            )
            for customer in missing
        ],
        ignore_conflicts=True,
    )


def _science(kept: Programme) -> GlobalControl:
    return GlobalControl(kept.salt, kept.share, kept.months)


def _turns(kept: Programme, day: date) -> list[tuple[date, str]]:
    """Give the turns of the days around a day, each with a day that is in it."""
    days = (day - A_DAY, day + A_DAY, day)
    return [(one, turn) for turn, one in {turn_of(kept, one): one for one in days}.items()]


def _stored(kept: Programme, day: date, who: Who) -> dict[str, dict[str, bool]]:
    """Give what is stored, by turn and customer; held under one key is held under all."""
    turns = [turn for _one, turn in _turns(kept, day)]
    rows = GlobalPlace.objects.filter(turn__in=turns, customer_id__in=list(who.keys))
    found: dict[str, dict[str, bool]] = {}
    for turn, key, is_held in rows.values_list("turn", "customer_id", "is_held"):
        customers = found.setdefault(turn, {})
        customer = who.keys[key]
        customers[customer] = customers.get(customer, False) or is_held
    return found


def _by_chance(kept: Programme, who: Who, customer: str, day: date) -> bool:
    return _science(kept).holds(who.unit(customer), day)
