"""What is known of the simulated company up to its last day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from kizuna.demo.behaviour import Orders, People

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
