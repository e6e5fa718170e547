"""What the flower subscription (定期便) of the simulated company is: plans, prices, reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan: price in yen of a billing period, per seat where it has seats.

    leaving : share of those who end it, each time that a period (`term` months) is over.
    """

    key: str
    name: str
    name_ja: str
    price: int
    billing_months: int
    leaving: float
    term: int = 0
    notice_days: int = 0

    def named(self, lang: str) -> str:
        """Name of the plan in a language."""
        return self.name_ja if lang == "ja" else self.name


LIGHT: Final = Plan("light", "Light bouquet", "定期便 ライト", 1980, 1, 0.012)
STANDARD: Final = Plan("standard", "Standard bouquet", "定期便 スタンダード", 3480, 1, 0.008)
YEARLY: Final = Plan(
    "yearly", "Standard bouquet, yearly", "定期便 スタンダード 年払い", 37_000, 12, 0.2, 12, 30
)
GIFT: Final = Plan("gift", "Bouquet for family", "ご家族への定期便", 2480, 1, 0.06)
OFFICE: Final = Plan("office", "Flowers at work", "オフィス定期便", 4400, 1, 0.08, 12, 30)
OF_PERSONS: Final = ((LIGHT, 0.5), (STANDARD, 0.35), (YEARLY, 0.15))
RISE: Final = {"light": 2200, "standard": 3800}
"""Prices from the day of the price rise on."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a subscription was ended, and how often that is said."""

    text: str
    text_ja: str
    weight: int


SWITCHED: Final = Reason("changed plan", "プラン変更", 0)
REASONS: Final = (
    Reason("too expensive", "料金が高い", 5),
    Reason("moving house", "転居のため", 3),
    Reason("too many flowers", "花が余る", 3),
    Reason("problems with delivery", "配送の不満", 2),
    Reason("no reason given", "理由なし", 4),
)
