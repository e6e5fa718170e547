"""A shop whose customers an action moves in known ways: some for good, many not, some for ill.

What chance leaves between customers is 20 times what the action moves on average; those of the
highest value would buy anyway, and those about to leave are only reminded that they may.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit


@dataclass(frozen=True)
class World:
    """Customers whom chance treated or not, half and half, and what is true of them."""

    facts: np.ndarray
    value: np.ndarray
    risk: np.ndarray
    effect: np.ndarray
    cost: np.ndarray
    treated: np.ndarray
    outcome: np.ndarray

    @classmethod
    def drawn(cls, customers: int, seed: int) -> World:
        """Draw a world; the effect is on margin, before what the action costs."""
        rng = np.random.default_rng(seed)
        facts = rng.normal(size=(customers, 6))
        value = np.exp(1.5 + 0.8 * facts[:, 0])
        risk = expit(-0.5 + 1.2 * facts[:, 1])
        persuadable = np.exp(-((facts[:, 1] - 0.3) ** 2)) * expit(2.0 * facts[:, 2])
        effect = 4.5 * persuadable - 1.5 * risk - 0.4 * facts[:, 0]
        cost = 1.0 + rng.gamma(2.0, 0.25, customers)
        treated = rng.random(customers) < 0.5
        spread = rng.gamma(0.25, 4.0, customers) * 0.8 * value
        return cls(facts, value, risk, effect, cost, treated, spread + treated * effect)

    def net(self, chosen: np.ndarray) -> float:
        """Give what a choice truly earns, less its cost."""
        return float(((self.effect - self.cost) * chosen).sum())
