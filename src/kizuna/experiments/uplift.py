"""Whom an action moves: the effect on each customer, learned from who was held out by chance.

Story. A DR-learner (Kennedy 2023) gives each customer a doubly robust score whose mean, given
facts, is the effect; the scores are then regressed on facts. Outcome models are cross-fitted: no
row is scored by a model that saw it. Since propensities are known, the scores are right whatever
the outcome models are; those only make them less noisy.

Learned differences are mostly noise, and choosing by noise picks the luckiest. So they are drawn
toward the average effect by how well they foretell scores of rows that were left out (best linear
predictor; Chernozhukov, Demirer, Duflo and Fernández-Val 2018), wholly where they foretell nothing.

Limits. Rows must be randomised, or have true propensities above 0 and below 1.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kizuna.experiments.interval import LEVEL, FloatArray, Interval, quantile
from kizuna.experiments.response import Response, steadiness

FOLDS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Uplift:
    """Effect of an action on a customer, by facts.

    Attributes
    ----------
    response : of the scores.
    middle : mean of the scores that `response` foretold of the rows it was fitted to.
    average, average_error : the effect on all.
    trust, trust_error : how much of a learned difference came true on rows left out (1 is all).
    keep : share of a difference that is kept, 0 to 1.

    """

    response: Response
    middle: float
    average: float
    average_error: float
    trust: float
    trust_error: float
    keep: float

    @classmethod
    def fit(
        cls, facts: FloatArray, treated: ArrayLike, outcome: ArrayLike, propensity: ArrayLike
    ) -> Uplift:
        """Learn from rows: facts (rows, facts), who was treated, outcome, chance to be treated."""
        w, y, p = _checked(facts, treated, outcome, propensity)
        fold = np.arange(len(y)) % FOLDS
        scores = doubly_robust(facts, w, y, p)
        weight = steadiness(facts, scores - Response.fit(facts, scores).predict(facts))
        foretold = np.empty(len(y))
        for k in range(FOLDS):
            out = fold == k
            foretold[out] = Response.fit(facts[~out], scores[~out], weight[~out]).predict(
                facts[out]
            )
        trust, error = _trust(scores, foretold, weight)
        average, spread = float(scores.mean()), float(scores.std(ddof=1))
        model = Response.fit(facts, scores, weight)
        found = (average, spread / len(y) ** 0.5, trust, error, _kept(trust, error))
        return cls(model, float(model.predict(facts).mean()), *found)

    @property
    def differs(self) -> bool:
        """Tell whether customers surely differ in how they are moved."""
        return self.trust - quantile(LEVEL) * self.trust_error > 0

    def effect(self, facts: FloatArray) -> FloatArray:
        """Give the effect on each customer, drawn toward the average; shape (rows,)."""
        return self.average + self.keep * (self.response.predict(facts) - self.middle)

    def to_json(self) -> str:
        """Write all of it."""
        names = ("middle", "average", "average_error", "trust", "trust_error", "keep")
        numbers = {name: getattr(self, name) for name in names}
        return json.dumps(numbers | {"response": json.loads(self.response.to_json())})

    @classmethod
    def from_json(cls, text: str) -> Uplift:
        """Rebuild one from `to_json`."""
        data = json.loads(text)
        return cls(Response.from_json(json.dumps(data.pop("response"))), **data)


def doubly_robust(
    facts: FloatArray, treated: ArrayLike, outcome: ArrayLike, propensity: ArrayLike
) -> FloatArray:
    """Scores whose mean, given facts, is the effect; cross-fitted; shape (rows,)."""
    w, y, p = _checked(facts, treated, outcome, propensity)
    fold = np.arange(len(y)) % FOLDS
    with_it, without = np.empty(len(y)), np.empty(len(y))
    for k in range(FOLDS):
        out = fold == k
        for mean, arm in ((with_it, w), (without, ~w)):
            mean[out] = mean_of(facts, y, arm & ~out, facts[out])
    mine = np.where(w, with_it, without)
    weight = np.where(w, 1.0 / p, -1.0 / (1.0 - p))
    scores: FloatArray = with_it - without + weight * (y - mine)
    return scores


def mean_of(
    facts: FloatArray, y: FloatArray, rows: NDArray[np.bool_], at: FloatArray
) -> FloatArray:
    """Mean outcome of an arm; of an arm with next to nobody, the plain mean."""
    if rows.sum() < 2 * FOLDS:
        return np.full(len(at), y[rows].mean() if rows.any() else 0.0)
    mine, outcome = facts[rows], y[rows]
    left = outcome - Response.fit(mine, outcome).predict(mine)
    return Response.fit(mine, outcome, steadiness(mine, left)).predict(at)


def _trust(scores: FloatArray, foretold: FloatArray, weight: FloatArray) -> tuple[float, float]:
    """Slope of scores on what was foretold of them, and its robust error."""
    share = weight / weight.sum()
    x, y = foretold - share @ foretold, scores - share @ scores
    square = float(share @ x**2)
    if square <= 1e-12 * max(float(share @ y**2), 1e-300):
        return 0.0, float("inf")
    slope = float((share * x) @ y) / square
    return slope, float(np.sqrt((share * x) ** 2 @ (y - slope * x) ** 2)) / square


def _kept(trust: float, error: float) -> float:
    """Positive part of James and Stein on the slope, at most 1."""
    if trust <= 0 or not np.isfinite(error):
        return 0.0
    return float(np.clip(trust * max(1.0 - (error / trust) ** 2, 0.0), 0.0, 1.0))


def _checked(
    facts: FloatArray, treated: ArrayLike, outcome: ArrayLike, propensity: ArrayLike
) -> tuple[NDArray[np.bool_], FloatArray, FloatArray]:
    w, y = np.asarray(treated, np.bool_), np.asarray(outcome, np.float64)
    p = np.broadcast_to(np.asarray(propensity, np.float64), y.shape)
    if not (len(facts) == len(y) == len(w) and len(y) >= 2 * FOLDS):
        raise ValueError(f"rows must be as many in each array, at least {2 * FOLDS}")
    if not ((p > 0) & (p < 1)).all():
        raise ValueError("each row needs a chance above 0 and below 1 to be treated")
    return w, y, p


def average_effect(scores: FloatArray, level: float = LEVEL) -> Interval:
    """Give the effect on all customers from their doubly robust scores."""
    error = float(scores.std(ddof=1)) / len(scores) ** 0.5
    return Interval.around(float(scores.mean()), error, level)
