"""What is known of the simulated company up to its last day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kizuna.demo.behaviour import Orders, People


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """What is known of the company up to its last day."""

    people: People
    orders: Orders
    start: date
    as_of: date
    timezone: str
    lang: str

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
