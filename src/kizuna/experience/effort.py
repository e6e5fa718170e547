"""Effort of an issue from behaviour: how likely its customer is to say that it was hard.

The log-odds of a hard issue are a start and, for each driver (contact after contact, change of
channel, transfer, saying again, long wait, help sought alone in vain), a weight for each of it up
to a most. Effort is that probability, 0 to 100, **high = hard**.

Weights come from issues whose customers answered a customer effort question, by penalised logistic
regression: a normal prior about the documented weights, and none below 0, for nothing that costs a
customer effort makes an issue easier. Where answers are too few, the documented weights stand, and
effort is an index: it ranks issues, and is no probability of anything.

Drivers after Dixon, Freeman, Toman: Stop trying to delight your customers (Harvard Business Review,
July 2010); the weights are our own.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from kizuna.experience.calibration import auc, ece, recalibration

type FloatArray = NDArray[np.float64]
type BoolArray = NDArray[np.bool_]

DRIVERS = ("repeats", "switches", "transfers", "said_again", "long_waits", "self_service")
DOCUMENTED = (0.9, 0.5, 0.8, 0.6, 0.8, 0.7)
MOST = (4.0, 3.0, 3.0, 3.0, 3.0, 1.0)
START = -2.5
HARD = 50.0
"""Effort from which an issue is called hard."""
PRIOR_SD, START_SD = 0.5, 3.0
NEEDED, NEEDED_EACH = 100, 20
"""Answers that fitting takes, and hard and easy ones that it takes of each."""
FOLDS = 5
FOLD_NOISE = 0.01
"""What parting into folds alone takes off the AUC."""
NORMAL_90 = 1.6448536269514722


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """Weights of effort, in log-odds; the documented ones unless others are given."""

    start: float = START
    weights: tuple[float, ...] = DOCUMENTED

    @classmethod
    def fit(cls, counts: FloatArray, hard: BoolArray) -> Self:
        """Find the weights that answers speak for, drawn towards the documented ones.

        Parameters
        ----------
        counts : drivers of each issue, shape (n, 6), in the order of `DRIVERS`.
        hard : whether the customer said that it was hard, shape (n,).

        """
        from scipy.optimize import minimize  # costs each process that starts, and few of them fit

        capped = np.minimum(counts, MOST)
        prior = np.array([START, *DOCUMENTED])
        sd = np.array([START_SD, *(PRIOR_SD for _ in DRIVERS)])
        found = minimize(
            _loss,
            prior,
            args=(np.column_stack([np.ones(len(capped)), capped]), hard, prior, sd),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-10.0, 10.0), *((0.0, 10.0) for _ in DRIVERS)],
        )
        return cls(start=float(found.x[0]), weights=tuple(float(w) for w in found.x[1:]))

    def score(self, counts: FloatArray) -> FloatArray:
        """Give the effort of each issue, 0 to 100, shape (n,)."""
        added = np.minimum(counts, MOST) @ np.array(self.weights)
        return 100.0 * np.asarray(expit(self.start + added), np.float64)

    def points(self, counts: FloatArray) -> FloatArray:
        """Share out what effort is beyond that of an issue without any driver, shape (n, 6)."""
        each = np.minimum(counts, MOST) * np.array(self.weights)
        added = each.sum(axis=1, keepdims=True)
        beyond = self.score(counts)[:, None] - 100.0 * expit(self.start)
        return np.asarray(each * np.divide(beyond, added, where=added > 0, out=0 * added))

    def to_json(self) -> str:
        """Write it as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        given = json.loads(text)
        return cls(start=given["start"], weights=tuple(given["weights"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Weights that are used, and how they did on answers held out.

    Attributes
    ----------
    model : the weights.
    reason : why they are the documented ones: few, worse, upside_down; empty: they are fitted.
    auc, auc_low, auc_high : of the fitted weights, with a 90 % interval.
    index_auc : of the documented weights.
    slope : of answers on the held-out log-odds; 1 is best.
    calibration_error : mean distance of said and predicted in ten bins, weighted.

    """

    model: Effort
    reason: str
    answers: int
    hard: int
    auc: float | None = None
    auc_low: float | None = None
    auc_high: float | None = None
    index_auc: float | None = None
    slope: float | None = None
    calibration_error: float | None = None


def choose(counts: FloatArray, hard: BoolArray, groups: NDArray[np.int64], *, seed: int) -> Choice:
    """Fit where answers suffice, try it on customers held out, and keep what did better.

    Parameters
    ----------
    counts : drivers of each answered issue, shape (n, 6).
    hard : whether the customer said that it was hard, shape (n,).
    groups : whose answer it is: answers of one customer are held out together.
    seed : of the parting into folds.

    """
    plain = Choice(model=Effort(), reason="few", answers=len(hard), hard=int(hard.sum()))
    fewest = min(int(hard.sum()), int((~hard).sum()))
    if fewest == 0:
        return plain
    index = Effort().score(counts)
    _low, high = auc_interval(index, hard)
    plain = replace(plain, index_auc=auc(index / 100, hard)[0])
    if high < 0.5:
        return replace(plain, reason="upside_down")
    if len(hard) < NEEDED or fewest < NEEDED_EACH:
        return plain
    return _tried(plain, counts, hard, groups, seed)


def auc_interval(scores: FloatArray, hard: BoolArray) -> tuple[float, float]:
    """Give the 90 % interval of the AUC, by Hanley and McNeil (1982), cut at 0 and 1."""
    area, error = auc(scores / 100, hard)
    return max(area - NORMAL_90 * error, 0.0), min(area + NORMAL_90 * error, 1.0)


def _tried(
    plain: Choice, counts: FloatArray, hard: BoolArray, groups: NDArray[np.int64], seed: int
) -> Choice:
    held = _held_out(counts, hard, groups, np.random.default_rng(seed))
    low, high = auc_interval(held, hard)
    found = replace(
        plain,
        auc=auc(held / 100, hard)[0],
        auc_low=low,
        auc_high=high,
        slope=recalibration(held / 100, hard)[0],
        calibration_error=ece(held / 100, hard),
    )
    if auc(held / 100, hard)[0] < (plain.index_auc or 0.0) - FOLD_NOISE:
        return replace(found, reason="worse")
    return replace(found, model=Effort.fit(counts, hard), reason="")


def _held_out(
    counts: FloatArray, hard: BoolArray, groups: NDArray[np.int64], rng: np.random.Generator
) -> FloatArray:
    """Score each answer by weights fitted to those of other customers, 0 to 100."""
    names, of = np.unique(groups, return_inverse=True)
    fold = rng.permutation(len(names))[of] % FOLDS
    scores = np.empty(len(hard))
    for k in range(FOLDS):
        out = fold == k
        scores[out] = Effort.fit(counts[~out], hard[~out]).score(counts[out])
    return scores


def _loss(
    theta: FloatArray, x: FloatArray, hard: BoolArray, prior: FloatArray, sd: FloatArray
) -> tuple[float, FloatArray]:
    """Give the negative log-posterior and its gradient."""
    odds, off = x @ theta, (theta - prior) / sd
    likely = np.where(hard, odds, 0.0) - np.logaddexp(0.0, odds)
    gradient = x.T @ (expit(odds) - hard) + off / sd
    return float(-likely.sum() + off @ off / 2), np.asarray(gradient, np.float64)
