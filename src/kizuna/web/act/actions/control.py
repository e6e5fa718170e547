"""The global control: customers whom nothing optional reaches, to measure all actions together.

Turns follow the calendar, so that nobody keeps a list of them. For a day before and after a turn
begins, those of both turns are left alone: two machines whose clocks differ agree on nobody less.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils import timezone

from kizuna.experiments.assignment import GlobalControl, unit_of
from kizuna.web.act.actions.models import GlobalPlace, Programme
from kizuna.web.act.actions.whose import accounts_of, keys_of
from kizuna.web.know.customers.models import CustomerFact

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


def held(customer_ids: Sequence[str], at: datetime) -> set[str]:
    """Give those of some customers, each under its own key, whom nothing optional reaches then."""
    kept = programme()
    if not kept.is_on or not customer_ids:
        return set()
    day, mine = timezone.localdate(at), keys_of(customer_ids)
    stored = _stored(kept, day, list(mine))
    accounts = accounts_of(customer_ids)
    found = set()
    for one, turn in _turns(kept, day):
        placed = stored.get(turn, {})
        known = {mine[key]: False for key in placed}
        known |= {mine[key]: True for key, is_held in placed.items() if is_held}
        found |= {
            customer
            for customer in customer_ids
            if known.get(customer, _by_chance(kept, customer, accounts, one))
        }
    return found


def place(customer_ids: Sequence[str], at: datetime) -> set[str]:
    """Store where chance puts customers in this turn; give those who are left alone now."""
    alone = held(customer_ids, at)
    kept = programme()
    if not kept.is_on:
        return alone
    day, mine = timezone.localdate(at), keys_of(customer_ids)
    turn = turn_of(kept, day)
    there = {mine[key] for key in _stored(kept, day, list(mine)).get(turn, {})}
    missing = [customer for customer in customer_ids if customer not in there]
    if missing:
        _store(kept, missing, day, at)
        alone |= held(missing, at)
    return alone


def _store(kept: Programme, missing: list[str], day: date, at: datetime) -> None:
    accounts, values = accounts_of(missing), predicted(missing)
    GlobalPlace.objects.bulk_create(
        [
            GlobalPlace(
                turn=turn_of(kept, day),
                customer_id=customer,
                unit_id=unit_of(customer, accounts.get(customer)),
                version=kept.version,
                is_held=_by_chance(kept, customer, accounts, day),
                share=kept.share,
                placed_at=at,
                predicted=values.get(customer),
            )
            for customer in missing
        ],
        ignore_conflicts=True,
    )


def predicted(customer_ids: Sequence[str]) -> dict[str, float | None]:
    """Give the value that was foretold of customers."""
    known = CustomerFact.objects.filter(pk__in=customer_ids)
    return dict(known.values_list("customer_id", "residual_clv"))


def _science(kept: Programme) -> GlobalControl:
    return GlobalControl(kept.salt, kept.share, kept.months)


def _turns(kept: Programme, day: date) -> list[tuple[date, str]]:
    """Give the turns of the days around a day, each with a day that is in it."""
    days = (day - A_DAY, day, day + A_DAY)
    return [(one, turn) for turn, one in {turn_of(kept, one): one for one in days}.items()]


def _stored(kept: Programme, day: date, keys: list[str]) -> dict[str, dict[str, bool]]:
    turns = [turn for _one, turn in _turns(kept, day)]
    rows = GlobalPlace.objects.filter(turn__in=turns, customer_id__in=keys)
    found: dict[str, dict[str, bool]] = {}
    for turn, key, is_held in rows.values_list("turn", "customer_id", "is_held"):
        found.setdefault(turn, {})[key] = is_held
    return found


def _by_chance(kept: Programme, customer: str, accounts: dict[str, str], day: date) -> bool:
    return _science(kept).holds(unit_of(customer, accounts.get(customer)), day)
