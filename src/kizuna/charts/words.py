"""The words and numbers of a picture: what a chart asks of a language."""

from __future__ import annotations

from datetime import date
from typing import Protocol


class Words(Protocol):
    """A language: translates messages and writes numbers; `report.Language` is one."""

    def __call__(self, message: str, /, **values: object) -> str:
        """Translate an English message with named placeholders."""
        ...

    def number(self, value: float, digits: int = 0) -> str:
        """Write a number."""
        ...

    def percent(self, share: float, digits: int = 0) -> str:
        """Write a share in [0, 1] as a percentage."""
        ...

    def money(self, value: float) -> str:
        """Write an amount in the major unit of the currency."""
        ...

    def short_money(self, value: float) -> str:
        """Write an amount as briefly as an axis needs."""
        ...

    def month(self, day: date) -> str:
        """Write the month of a day."""
        ...

    def day(self, day: date) -> str:
        """Write a day."""
        ...


class PlainEnglish:
    """English without a currency sign, for notebooks; needs no catalogue."""

    def __call__(self, message: str, /, **values: object) -> str:
        """Fill the placeholders of a message."""
        return message.format(**values) if values else message

    def number(self, value: float, digits: int = 0) -> str:
        """Write a number with thousands separators."""
        return f"{value:,.{digits}f}"

    def percent(self, share: float, digits: int = 0) -> str:
        """Write a share as a percentage."""
        return f"{share:.{digits}%}"

    def money(self, value: float) -> str:
        """Write an amount with two decimals."""
        return f"{value:,.2f}"

    def short_money(self, value: float) -> str:
        """Write an amount with three significant digits."""
        return f"{value:,.0f}" if abs(value) >= 1 or value == 0 else f"{value:.2g}"

    def month(self, day: date) -> str:
        """Write a month as 1997-01."""
        return f"{day:%Y-%m}"

    def day(self, day: date) -> str:
        """Write a day as 1997-01-31."""
        return f"{day:%Y-%m-%d}"


PLAIN_ENGLISH = PlainEnglish()
