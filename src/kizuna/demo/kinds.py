"""What kinds of customers the simulated shop has: planted, so that who looks for them is judged.

A customer is of one kind for good. It says how often, for how much and when she buys, how much
goes back, whether she asks before she orders, and how often she only looks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kizuna.demo.season import USUAL, Year


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of customers, and how it compares with the average.

    buying, worth : factors of how often she buys and for how much. year : when.
    returned : share of orders sent back, besides that of all. asks : share of the orders about
    which she asks the service. looks : fewest and most visits without an order in three months.
    """

    key: str
    name: Mapping[str, str]
    share: float
    buying: float = 1.0
    worth: float = 1.0
    year: Year = USUAL
    returned: float = 0.0
    asks: float = 0.0
    browsing: float = 0.35
    looks: tuple[int, int] = (1, 4)


PLAIN: Final = Kind("plain", {"en": "Customer", "ja": "お客様"}, 1.0)
WORKDAYS: Final = Year(weekend=0.4)
GIFT_DAYS: Final = Year((0.1, 0.1, 0.2, 0.2, 5.0, 0.1, 0.3, 0.1, 0.1, 0.1, 0.2, 5.5))
KINDS: Final = (
    Kind(
        "regular",
        {"en": "Flowers for every week", "ja": "普段使いのお客様"},
        share=0.26,
        buying=3.2,
        worth=0.31,
        year=WORKDAYS,
        browsing=0.9,
        looks=(2, 5),
    ),
    Kind(
        "bargain",
        {"en": "Weekend bargains", "ja": "週末の特売のお客様"},
        share=0.28,
        buying=1.1,
        worth=0.65,
        year=Year(weekend=8.0),
        returned=0.2,
    ),
    Kind(
        "gift",
        {"en": "Gifts in season", "ja": "季節の贈り物のお客様"},
        share=0.25,
        buying=0.65,
        worth=2.4,
        year=GIFT_DAYS,
    ),
    Kind(
        "advice",
        {"en": "Advice before buying", "ja": "相談して選ぶお客様"},
        share=0.21,
        buying=0.85,
        worth=1.2,
        year=WORKDAYS,
        asks=0.8,
    ),
)


def draw_kinds(n: int, kinds: Sequence[Kind], rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw of which kind each customer is, shape (n,)."""
    if len(kinds) == 1:
        return np.zeros(n, np.int64)
    shares = np.array([kind.share for kind in kinds])
    return rng.choice(len(kinds), n, p=shares / shares.sum())


def of_each(kinds: Sequence[Kind], name: str, kind: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give a number of the kind of each customer, shape (n,)."""
    return np.array([float(getattr(one, name)) for one in kinds])[kind]


def kinds_truth(kinds: Sequence[Kind], kind: NDArray[np.int64], lang: str) -> list[dict[str, Any]]:
    """Say which kinds there are, and how many are of each."""
    counts = Counter(kind.tolist())
    return [
        {"key": one.key, "name": one.name[lang], "customers": counts[number]}
        for number, one in enumerate(kinds)
    ]
