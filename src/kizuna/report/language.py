"""Words, numbers, money and dates of a reader: English as written, Japanese from its catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.messages.pofile import read_po
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
)
from markupsafe import Markup

CODE = Markup("<code>{}</code>")
LOCALES = Path(__file__).parent / "locale"
MONTH = {"en": "MMM yyyy", "ja": "y年M月"}
SHORT_MONTH = {"en": "MMM yyyy", "ja": "y/MM"}
DAY = {"en": "d MMM yyyy", "ja": "y年M月d日"}
JOINERS = {"en": ", ", "ja": "、"}
UNKNOWN = "–"


@cache
def catalogue(code: str) -> dict[str, str]:
    """Messages of a language, English message to translation; empty for English.

    Raises
    ------
    FileNotFoundError
        For a language without a catalogue.
    """
    if code == "en":
        return {}
    with (LOCALES / f"{code}.po").open("rb") as file:
        found = read_po(file, locale=code)
    return {str(m.id): str(m.string) for m in found if m.id and m.string and not m.fuzzy}


class Language:
    """A reader's language and the organisation's currency.

    Numbers are handed over raw and come back written; amounts are in the major unit.
    """

    def __init__(self, code: str = "en", currency: str | None = None) -> None:
        """Take a language code ("en" or "ja") and an ISO currency; None or XXX means no sign."""
        self.code = code
        self.locale = Locale(code)
        self.messages = catalogue(code)
        self.currency = currency if currency and currency != "XXX" else None
        self.precision = get_currency_precision(self.currency) if self.currency else 2

    def __call__(self, message: str, /, **values: object) -> str:
        """Translate a message and fill its named placeholders."""
        text = self.messages.get(message, message)
        return text.format(**values) if values else text

    def rich(self, message: str, /, **values: object) -> Markup:
        """Translate a message into HTML: values escaped and in bold, markup as it is."""
        bold = Markup("<b>{}</b>")
        shown = {n: v if isinstance(v, Markup) else bold.format(v) for n, v in values.items()}
        return Markup("{}").format(self(message)).format(**shown)

    def knows(self, message: str) -> bool:
        """Whether a message can be said in this language."""
        return self.code == "en" or message in self.messages

    def counted(self, one: str, many: str, n: float, **values: object) -> str:
        """Translate the singular or plural of a message that counts `{n}`."""
        chosen = one if n == 1 else many
        return self(chosen, n=self.number(n), **values)

    def number(self, value: float | None, digits: int = 0) -> str:
        """Write a number with a fixed count of decimals."""
        if value is None or value != value:
            return UNKNOWN
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return _signs(format_decimal(value, pattern, locale=self.locale))

    def figure(self, value: float | None, digits: int = 3) -> str:
        """Write a number to so many significant digits."""
        if value is None or value != value:
            return UNKNOWN
        return self.number(value, _decimals(value, digits))

    def percent(self, share: float | None, digits: int = 0) -> str:
        """Write a share as a percentage."""
        if share is None or share != share:
            return UNKNOWN
        pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
        return _signs(format_percent(share, pattern, locale=self.locale))

    def small_percent(self, share: float) -> str:
        """Write a share without decimals, but never as 0% or 100% when it is not."""
        if 0 < share < 0.01:
            return self("less than {share}", share=self.percent(0.01))
        if 0.99 < share < 1:
            return self("more than {share}", share=self.percent(0.99))
        return self.percent(share)

    def rate(self, share: float) -> str:
        """Write a share that was given, with no more decimals than it has."""
        return self.percent(share, 0 if abs(share * 100 - round(share * 100)) < 1e-9 else 1)

    def money(self, value: float | None, *, like: float | None = None) -> str:
        """Write an amount; large ones without decimals. `like` is the largest of its column."""
        if value is None or value != value:
            return UNKNOWN
        size = abs(value if like is None else like)
        digits = 0 if size >= 1000 else self.precision
        return self._money(value, digits)

    def short_money(self, value: float) -> str:
        """Write an amount as briefly as an axis needs: ¥12万, $40K."""
        digits = 0 if abs(value) >= 1 and value == round(value) else _decimals(value, 2)
        if abs(value) < 10_000:
            return self._money(value, min(digits, 2) if value else 0)
        if self.currency is None:
            return format_compact_decimal(value, locale=self.locale, fraction_digits=1)
        return _signs(
            format_compact_currency(value, self.currency, locale=self.locale, fraction_digits=1)
        )

    def day(self, day: date) -> str:
        """Write a day."""
        return format_date(day, DAY[self.code], locale=self.locale)

    def month(self, day: date) -> str:
        """Write the month of a day, briefly."""
        return format_date(day, SHORT_MONTH[self.code], locale=self.locale)

    def join(self, parts: Iterable[str]) -> str:
        """Join the parts of a list."""
        return JOINERS[self.code].join(parts)

    def sentences(self, *parts: str) -> str:
        """Put sentences one after another, as the language spaces them; markup stays markup."""
        gap = "" if self.code == "ja" else " "
        found = [part for part in parts if part]
        if any(isinstance(part, Markup) for part in found):
            return Markup(gap).join(found)
        return gap.join(found)

    def column(self, values: Iterable[float | None]) -> Callable[[float | None], str]:
        """Give a writer of amounts that treats all of a column alike."""
        known = (abs(value) for value in values if value is not None and value == value)
        largest = max(known, default=0.0)
        return lambda value: self.money(value, like=largest)

    def _money(self, value: float, digits: int) -> str:
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        if self.currency is None:
            return _signs(format_decimal(value, pattern, locale=self.locale))
        return _signs(
            format_currency(
                value, self.currency, f"¤{pattern}", locale=self.locale, currency_digits=False
            )
        )


def _signs(text: str) -> str:
    """Set a true minus, and a yen sign as wide as the digits beside it."""
    return text.replace("￥", "¥").replace("-", "−")


def _decimals(value: float, digits: int) -> int:
    """Decimals that show `digits` significant digits."""
    if value == 0:
        return 0
    places, size = 0, abs(value)
    while size < 10 ** (digits - 1) and places < 6:
        size, places = size * 10, places + 1
    return places
