"""What is known of the simulated company up to its last day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import numpy as np

from kizuna.demo.behaviour import Orders, People
from kizuna.demo.kinds import Kind

NO_ORDERS = Orders(np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """What is known of the company up to its last day.

    orders : those that customers place of their own accord. added : those that came about by what
        the company did, or left undone.
    """

    people: People
    orders: Orders
    start: date
    as_of: date
    timezone: str
    lang: str
    kinds: Sequence[Kind]
    added: Orders = NO_ORDERS

    @property
    def days(self) -> int:
        """Days from the opening of the shop up to the last one."""
        return (self.as_of - self.start).days + 1

    def alive(self, days: int) -> list[int]:
        """Give who was a customer already, and still, so many days before the end."""
        return [
            number
            for number, (first, leaves) in enumerate(
                zip(self.people.first, self.people.leaves, strict=True)
            )
            if first < self.days - days and leaves > self.days
        ]

    def kind(self, number: int) -> Kind:
        """Give of which kind a customer is."""
        return self.kinds[int(self.people.kind[number])]

    def asked(self, chance: Random) -> Mapping[int, list[date]]:
        """Draw on which days customers asked for advice: on that of an order, or shortly before."""
        found: dict[int, list[date]] = {}
        orders = zip(self.orders.customer, self.orders.day, self.orders.value, strict=True)
        for who, day, value in orders:
            asks = self.kind(who).asks
            if asks and value > 0 and chance.random() < asks:
                before = max(int(day) - chance.randint(0, 2), int(self.people.first[who]))
                found.setdefault(int(who), []).append(self.start + timedelta(days=before))
        return found
