"""What a way of choosing would have earned, told by customers whom chance had already placed.

AIPW (Robins, Rotnitzky and Zhao 1994; Dudík, Langford and Li 2011): outcome models fill in what was
not done, and rows where the choice and chance agree correct them. Without outcome models this is
ERUPT, Σ 1{w = π(x)}·y / p(w | x) over n, which is right too and about twice as noisy. Never value a
choice on rows that it was learned from; never switch on a point estimate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kizuna.experiments.allocation import Choice
from kizuna.experiments.interval import LEVEL, FloatArray, Interval
from kizuna.experiments.uplift import FOLDS, mean_of


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """Rows whom chance had placed.

    Attributes
    ----------
    taken : what was done, 0 is nothing; shape (rows,).
    outcome : money, less what was spent on the row.
    propensity : chance of each, shape (rows, 1 + actions).
    foretold : mean outcome of each, cross-fitted, same shape; zeros give ERUPT.

    """

    taken: Choice
    outcome: FloatArray
    propensity: FloatArray
    foretold: FloatArray

    def __post_init__(self) -> None:
        chance = self.propensity[np.arange(len(self.taken)), self.taken]
        if not (chance > 0).all():
            raise ValueError("what was done must have had a chance above 0")

    def scores(self, choice: Choice) -> FloatArray:
        """Give what each row would have earned under a choice, unbiased; shape (rows,)."""
        rows = np.arange(len(self.taken))
        chance = self.propensity[rows, choice]
        if not (chance > 0).all():
            raise ValueError("a choice that chance never made cannot be valued")
        agrees = self.taken == choice
        off = self.outcome - self.foretold[rows, self.taken]
        scores: FloatArray = self.foretold[rows, choice] + np.where(agrees, off / chance, 0.0)
        return scores

    def value(self, choice: Choice, level: float = LEVEL) -> Interval:
        """Give the mean a customer would have earned under a choice."""
        return _mean(self.scores(choice), level)

    def gain(self, choice: Choice, instead_of: Choice, level: float = LEVEL) -> Interval:
        """Give what one choice earns more than another a customer, row by row."""
        return _mean(self.scores(choice) - self.scores(instead_of), level)


def foretold(facts: FloatArray, taken: Choice, outcome: FloatArray, actions: int) -> FloatArray:
    """Mean outcome under nothing and each action, cross-fitted; shape (rows, 1 + actions)."""
    fold = np.arange(len(outcome)) % FOLDS
    means = np.empty((len(outcome), 1 + actions))
    for k in range(FOLDS):
        out = fold == k
        for action in range(1 + actions):
            rows = (taken == action) & ~out
            means[out, action] = mean_of(facts, outcome, rows, facts[out])
    return means


def _mean(scores: FloatArray, level: float) -> Interval:
    error = float(scores.std(ddof=1)) / len(scores) ** 0.5
    return Interval.around(float(scores.mean()), error, level)
