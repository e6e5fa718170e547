"""What months of a subscription show of themselves: use of seats, payments, cases that go badly.

These are the traces of the drivers in `lives`; whoever looks for them sees no more than these.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random

from kizuna.demo.contacts import Served
from kizuna.demo.lives import Life, bills, month_of
from kizuna.demo.past import Past
from kizuna.demo.people import customer_id
from kizuna.demo.subscriptions import (
    OFFERED_MONTHS,
    Contract,
    Subscriptions,
    months_later,
    seats_on,
)
from kizuna.demo.visits import Used

TURNED, TURNED_DAYS, TURNED_SEATS = 5, 28, 6
HARD_DAY, RETRIED_AFTER = 5, timedelta(days=3)
"""Day of the month from which a case goes badly; after which a failed payment is made good."""


@dataclass(frozen=True, slots=True)
class Paid:
    """What became of a bill."""

    customer: int
    at: datetime
    event: str
    amount: int


def served(
    past: Past,
    drawn: Subscriptions,
    firms: frozenset[int],
    asked: Mapping[int, Sequence[date]],
) -> Iterator[Served]:
    """Give who could turn to the service, since it opened with the subscription."""
    hard = _hard_days(drawn)
    for number, (first, leaves) in enumerate(
        zip(past.people.first, past.people.leaves, strict=True)
    ):
        since = max(past.start + timedelta(days=int(first)), drawn.offered_on)
        until = min(past.start + timedelta(days=int(min(leaves, past.days))), past.as_of)
        if since < until:
            asks = tuple(day for day in asked.get(number, ()) if since <= day <= until)
            yield Served(number, since, until, number in firms, tuple(hard.get(number, ())), asks)


def _hard_days(drawn: Subscriptions) -> dict[int, list[date]]:
    """Give the days from which the cases of subscribers go badly."""
    found: dict[int, list[date]] = defaultdict(list)
    for made in drawn.contracts:
        for month, first in _months(drawn, made):
            day = first.replace(day=HARD_DAY + made.customer % 8)
            if drawn.lives[made.customer].hard[month] and day not in found[made.customer]:
                found[made.customer].append(day)
    return found


def payments(drawn: Subscriptions, end: datetime) -> Iterator[Paid]:
    """Tell how each monthly bill was paid, or failed at first.

    Who has turned away as well is in no hurry: what failed in the last month is not made good yet.
    """
    for number, made in enumerate(drawn.contracts):
        for month, first in _months(drawn, made) if bills(made.plan) else ():
            day = first.replace(day=min(made.started_on.day, 24))
            at = datetime.combine(day, time(6, number % 60), end.tzinfo)
            amount = _amount(drawn, number, day)
            told = [(at, "Payment Succeeded")]
            if drawn.lives[made.customer].failed[month]:
                told = [(at, "Payment Failed"), (at + RETRIED_AFTER, "Payment Succeeded")]
                told = told[:1] if _unpaid(drawn.lives[made.customer], month) else told
            yield from (
                Paid(made.customer, when, what, amount) for when, what in told if when < end
            )


def _unpaid(life: Life, month: int) -> bool:
    return month == OFFERED_MONTHS and life.cool[month] and life.failed[month]


def uses(drawn: Subscriptions) -> Iterator[Used]:
    """Give the weeks in which companies had seats, and how keen their people were."""
    weeks: dict[int, dict[int, tuple[int, bool]]] = defaultdict(dict)
    for week in count():
        day = drawn.as_of - timedelta(days=7 * week + 3)
        if day < drawn.offered_on:
            break
        month = month_of(day, drawn.offered_on)
        for customer, seats in seats_on(drawn, day).items():
            weeks[customer][week] = (seats, drawn.lives[customer].cool[month])
    now = seats_on(drawn, drawn.as_of)
    for customer in sorted(weeks):
        yield Used(customer, weeks[customer], now.get(customer, 0))


def turn_some(drawn: Subscriptions, chance: Random) -> Subscriptions:
    """Let a few accounts that were well turn in the last month: their people hardly come any more.

    One of them had a case that went badly besides, and the payment of one failed.
    """
    month = OFFERED_MONTHS
    well = [
        made.customer
        for made in drawn.contracts
        if (made.seats or 0) >= TURNED_SEATS
        and made.ended_on is None
        and month_of(made.started_on, drawn.offered_on) < month - 3
        and not any(drawn.lives[made.customer].cool[month - 3 :])
    ]
    chosen = chance.sample(well, min(TURNED, len(well)))
    lives = dict(drawn.lives)
    for at, customer in enumerate(chosen):
        life = lives[customer]
        lives[customer] = Life(
            (*life.cool[:-1], True),
            (*life.hard[:-1], life.hard[-1] or at == 0),
            (*life.failed[:-1], life.failed[-1] or at == 1),
        )
    return replace(drawn, lives=lives)


def turned(drawn: Subscriptions) -> dict[str, list[str]]:
    """Name the subscribers who turned in the last month, by what turned."""
    running = [made for made in drawn.contracts if made.runs_on(drawn.as_of)]
    kinds = ("use", "effort", "payment", "unpaid", "notice")
    found: dict[str, set[str]] = {kind: set() for kind in kinds}
    for made in running:
        who, life = customer_id(made.customer), drawn.lives[made.customer]
        since = month_of(made.started_on, drawn.offered_on)
        if made.cancelled_on and made.cancelled_on > drawn.as_of - timedelta(days=TURNED_DAYS):
            found["notice"].add(who)
        if since >= OFFERED_MONTHS:
            continue
        if made.seats and life.cool[-1] and not life.cool[-2]:
            found["use"].add(who)
        if life.hard[-1]:
            found["effort"].add(who)
        if life.failed[-1] and bills(made.plan):
            found["payment"].add(who)
            if _unpaid(life, OFFERED_MONTHS):
                found["unpaid"].add(who)
    return {what: sorted(who) for what, who in found.items()}


def _months(drawn: Subscriptions, made: Contract) -> Iterator[tuple[int, date]]:
    """Give the whole months of a contract after that of its start, with their first days."""
    month = month_of(made.started_on, drawn.offered_on) + 1
    while True:
        first = months_later(drawn.offered_on, month)
        if first > drawn.as_of or (made.ended_on and made.ended_on < months_later(first, 1)):
            return
        yield month, first
        month += 1


def _amount(drawn: Subscriptions, number: int, day: date) -> int:
    """Give the amount of a bill."""
    told = [c for c in drawn.changes if c.contract == number and c.changed_on <= day]
    last = max(told, key=lambda change: change.changed_on, default=None)
    return last.amount if last else drawn.contracts[number].price
