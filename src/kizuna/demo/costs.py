"""What it cost the simulated company to win its customers, and what a contact with them costs."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from kizuna.demo.behaviour import CHANNELS, People
from kizuna.demo.people import channel_name

SPREAD = 0.15
"""How much the price of a customer varies from month to month, on the log scale."""
SERVICE_RATES: Final = {
    "phone": (150, 45),
    "chat": (90, 35),
    "mail": (220, 0),
    "line": (110, 0),
    "*": (200, 0),
}
"""Yen that a contact and a minute of it cost by channel, people and lines; `*`: any other."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a channel cost in a month, in yen, and whom it brought."""

    channel: int
    month: date
    amount: int
    customers: int

    @property
    def last_day(self) -> date:
        """Last day of the month."""
        return self.month.replace(day=monthrange(self.month.year, self.month.month)[1])


def draw_costs(people: People, start: date, rng: np.random.Generator) -> list[Spent]:
    """Draw what each channel cost in each month in which it brought anyone."""
    won = Counter(
        (int(channel), (start + timedelta(days=int(day))).replace(day=1))
        for channel, day in zip(people.channel, people.first, strict=True)
    )
    return [
        Spent(channel, month, _price(CHANNELS[channel].cost, count, rng), count)
        for (channel, month), count in sorted(won.items(), key=lambda item: item[0][::-1])
    ]


def cost_rows(costs: list[Spent], lang: str) -> Iterator[Mapping[str, str]]:
    """Give the rows of the company's ledger."""
    for spent in costs:
        name = CHANNELS[spent.channel].name
        yield {
            "cost_id": f"{spent.month:%Y%m}-{name}",
            "kind": "獲得" if lang == "ja" else "acquisition",
            "channel": channel_name(spent.channel, lang),
            "from_on": f"{spent.month:%Y/%m/%d}",
            "until_on": f"{spent.last_day:%Y/%m/%d}",
            "amount": str(spent.amount),
        }


def cost_truth(costs: list[Spent]) -> dict[str, dict[str, float]]:
    """Sum up what a customer of each channel cost."""
    found = {}
    for number, channel in enumerate(CHANNELS):
        of = [spent for spent in costs if spent.channel == number]
        amount, customers = sum(s.amount for s in of), sum(s.customers for s in of)
        found[channel.name] = {
            "amount": float(amount),
            "customers": float(customers),
            "per_customer": amount / customers if customers else 0.0,
        }
    return found


def service_truth(contacts: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Sum up what contacts cost by channel; minutes that nobody wrote down cost nothing."""
    found: Counter[str] = Counter()
    for contact in contacts:
        once, minute = SERVICE_RATES[contact["channel"]]
        found[contact["channel"]] += once + minute * (contact["minutes"] or 0)
    return dict(sorted(found.items()))


def _price(cost: int, customers: int, rng: np.random.Generator) -> int:
    return round(cost * customers * float(np.exp(rng.normal(-(SPREAD**2) / 2, SPREAD))))
