"""The true recurring revenue of the simulated company, month by month, to the yen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from kizuna.demo.subscriptions import Contract, Subscriptions, months_later, seats_on

KINDS = ("new", "expansion", "contraction", "churn", "reactivation")


@dataclass(frozen=True, slots=True)
class Move:
    """What a customer pays more or less a month, from a day on."""

    day: date
    kind: str
    change: int


def revenue_truth(drawn: Subscriptions) -> dict[str, Any]:
    """Say what the contracts are worth, what moved that, and why some were ended."""
    rows = bridge(drawn)
    ended = [c for c in drawn.contracts if c.reason is not None]
    running = [c for c in drawn.contracts if c.runs_on(drawn.as_of)]
    return {
        "contracts": len(drawn.contracts),
        "changes": len(drawn.changes),
        "running": len(running),
        "running_by_plan": dict(Counter(c.plan.key for c in running)),
        "seats": sum(seats_on(drawn, drawn.as_of).values()),
        "mrr": rows[-1]["closing"] if rows else 0,
        "cancel_reasons": dict(Counter(c.reason.text for c in ended if c.reason)),
        "bridge": rows,
    }


def bridge(drawn: Subscriptions) -> list[dict[str, Any]]:
    """Give each month since the first contract: opening + moves = closing, to the yen."""
    moves = sorted(_moves(drawn), key=lambda move: move.day)
    if not moves:
        return []
    by_month = defaultdict(list)
    for move in moves:
        by_month[move.day.replace(day=1)].append(move)
    rows, month, opening = list[dict[str, Any]](), moves[0].day.replace(day=1), 0
    while month <= drawn.as_of:
        sums = {k: sum(m.change for m in by_month[month] if m.kind == k) for k in KINDS}
        closing = opening + sum(sums.values())
        rows.append({"month": f"{month}", "opening": opening, **sums, "closing": closing})
        month, opening = months_later(month, 1), closing
    return rows


def _moves(drawn: Subscriptions) -> Iterator[Move]:
    """Tell the moves of each customer from all of her contracts together, day by day."""
    changes: dict[int, Counter[date]] = defaultdict(Counter)
    for number, contract in enumerate(drawn.contracts):
        for day, change in _steps(drawn, number, contract):
            changes[contract.customer][day] += change
    for days in changes.values():
        paid, most = 0, 0
        for day in sorted(days):
            if days[day] and day <= drawn.as_of:
                yield Move(day, _kind(paid, paid + days[day], most), days[day])
                paid += days[day]
                most = max(most, paid)


def _steps(drawn: Subscriptions, number: int, contract: Contract) -> Iterator[tuple[date, int]]:
    """Give the days on which one contract brings more or less a month, and by how much."""
    months = contract.plan.billing_months
    paid = _monthly(contract.price, months)
    yield contract.started_on, paid
    mine = [change for change in drawn.changes if change.contract == number]
    for change in sorted(mine, key=lambda change: change.changed_on):
        yield change.changed_on, _monthly(change.amount, months) - paid
        paid = _monthly(change.amount, months)
    if contract.ended_on is not None:
        yield contract.ended_on + timedelta(days=1), -paid


def _monthly(amount: int, months: int) -> int:
    return (2 * amount + months) // (2 * months)


def _kind(before: int, after: int, most: int) -> str:
    if before == 0:
        return "reactivation" if most else "new"
    if after == 0:
        return "churn"
    return "expansion" if after > before else "contraction"
