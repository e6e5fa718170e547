"""Who leaves within the horizon: a penalised logistic hazard over facts.

Story. On a day a customer has facts. The log-odds of leaving within the horizon are the sum of what
each fact adds; facts may bend, and a fact that is not known adds its own. A row is a customer on a
day (a landmark, van Houwelingen 2007): several days of one customer are several rows, and the
errors of the coefficients allow for that.

A ridge keeps facts that tell nothing near 0; how strong it is, cross-validation decides, with all
days of a customer on the same side.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit, logit, ndtri

from kizuna.experience.calibration import LEVEL, FloatArray, log_loss
from kizuna.experience.terms import Term

type Groups = NDArray[np.intp]

PENALTIES = (3000.0, 300.0, 100.0, 30.0, 10.0, 1.0)
FOLDS = 5
HARDLY = 0.5
"""Standard errors of its loss by which a penalty may seem worse than the best one."""
TRIED_ROWS = 4_000
"""Rows that the penalty is chosen on; of more, whole customers are left out."""
ITERATIONS = 40
TOLERANCE = 1e-7


@dataclass(frozen=True, slots=True, eq=False)
class Hazard:
    """Log-odds of leaving as a sum over facts.

    Attributes
    ----------
    terms : how each fact enters.
    intercept : log-odds of a customer who is average in everything.
    coefficients : of the terms' columns, shape (columns,).
    covariance : of the intercept and the coefficients, shape (1 + columns, 1 + columns).
    penalty : strength of the ridge.

    """

    terms: tuple[Term, ...]
    intercept: float
    coefficients: FloatArray
    covariance: FloatArray
    penalty: float

    @classmethod
    def fit(
        cls,
        names: Sequence[str],
        facts: FloatArray,
        left: NDArray[np.bool_],
        groups: Groups | None = None,
        penalty: float | None = None,
    ) -> Self:
        """Fit to rows of facts, shape (rows, facts), NaN where not known; never raises on data.

        `groups` tells which rows are of one customer; without it each row is one of its own.
        """
        y = np.asarray(left, np.float64)
        whose = np.arange(len(y)) if groups is None else np.asarray(groups)
        terms = tuple(Term.of(n, column) for n, column in zip(names, facts.T, strict=True))
        Z = _design(terms, facts)
        live = np.abs(Z).max(axis=0, initial=0.0) > 0
        beta, covariance = np.zeros(len(live)), np.zeros((len(live), len(live)))
        Z = Z[:, live]  # a fact that nobody has, or all have alike, costs as much as a good one
        strength = _chosen_penalty(Z, y, whose) if penalty is None else penalty
        beta[live] = _climb(Z, y, strength)
        covariance[np.ix_(live, live)] = _covariance(Z, y, whose, beta[live], strength)
        return cls(terms, float(beta[0]), beta[1:], covariance, strength)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Rebuild one from `to_json`."""
        data = json.loads(text)
        terms = tuple(map(Term.from_dict, data["terms"]))
        own, covariance = np.array(data["coefficients"]), np.array(data["covariance"])
        return cls(terms, data["intercept"], own, covariance, data["penalty"])

    def to_json(self) -> str:
        """Write all of it."""
        return json.dumps(
            {
                "terms": [term.to_dict() for term in self.terms],
                "intercept": self.intercept,
                "coefficients": self.coefficients.tolist(),
                "covariance": self.covariance.tolist(),
                "penalty": self.penalty,
            }
        )

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(term.name for term in self.terms)

    def log_odds(self, facts: FloatArray) -> FloatArray:
        """Log-odds of leaving, shape (rows,)."""
        odds: FloatArray = self.intercept + self.effects(facts).sum(axis=1)
        return odds

    def probability(self, facts: FloatArray) -> FloatArray:
        """Probability of leaving within the horizon, shape (rows,)."""
        p: FloatArray = expit(self.log_odds(facts))
        return p

    def effects(self, facts: FloatArray) -> FloatArray:
        """What each fact adds to the log-odds against the average customer, (rows, facts)."""
        out = np.zeros((len(facts), len(self.terms)), order="F")
        for k, own, columns in self._columns(facts):
            out[:, k] = columns @ self.coefficients[own]
        return out

    def error(self, facts: FloatArray) -> FloatArray:
        """Give the standard error of the log-odds, from the coefficients, shape (rows,)."""
        return self.effects_and_error(facts)[1]

    def effects_and_error(self, facts: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Both at once: their columns are the same."""
        out = np.zeros((len(facts), len(self.terms)), order="F")
        used, parts = [0], [np.ones(len(facts))]
        for k, own, columns in self._columns(facts):
            out[:, k] = columns @ self.coefficients[own]
            used.extend(range(own.start + 1, own.stop + 1))
            parts.append(columns)
        Z = np.column_stack(parts)
        variance = np.einsum("ij,ij->i", Z @ self.covariance[np.ix_(used, used)], Z)
        return out, np.sqrt(np.maximum(variance, 0.0))

    def _columns(self, facts: FloatArray) -> Iterator[tuple[int, slice, FloatArray]]:
        """Give the number, the place and the columns of each fact that tells anything.

        Of many facts nothing is recorded: their coefficients are 0, for sure.
        """
        at = 0
        for k, term in enumerate(self.terms):
            own = slice(at, at + term.width)
            at = own.stop
            if self.coefficients[own].any() or self.covariance[own.start + 1 : at + 1].any():
                yield k, own, term.columns(facts[:, k])


def interval(
    log_odds: FloatArray, error: FloatArray, level: float = LEVEL
) -> tuple[FloatArray, FloatArray]:
    """Bounds of a probability from its log-odds and their standard error."""
    half = float(ndtri(0.5 + level / 2)) * error
    return expit(log_odds - half), expit(log_odds + half)


def folds(groups: Groups, k: int = FOLDS) -> NDArray[np.intp]:
    """Deal customers to k folds without chance: every k-th customer to the same one."""
    _, index = np.unique(groups, return_inverse=True)
    # neighbours in the list may be alike: a multiplicative step scatters them
    fold: NDArray[np.intp] = (index * 7919) % k
    return fold


def _design(terms: Sequence[Term], facts: FloatArray) -> FloatArray:
    columns = [term.columns(facts[:, k]) for k, term in enumerate(terms)]
    return np.column_stack([np.ones(len(facts)), *columns])


def _chosen_penalty(Z: FloatArray, y: FloatArray, groups: Groups) -> float:
    """Give the strongest penalty that is hardly worse on customers left out than the best one.

    The smallest loss alone is a matter of luck: too weak a penalty is overconfident ever after.
    """
    stride = max(1, len(y) // TRIED_ROWS)
    whose = np.unique(groups, return_inverse=True)[1]
    some = whose % stride == 0
    Z, y, whose = Z[some], y[some], whose[some]
    if min(y.sum(), len(y) - y.sum()) < FOLDS:
        return PENALTIES[0]
    fold, loss = folds(whose), np.zeros((len(PENALTIES), len(y)))
    for k in range(FOLDS):
        loss[:, fold == k] = _losses(Z, y, fold == k)
    return PENALTIES[int(np.argmax(_as_good(loss, whose)))]


def _as_good(loss: FloatArray, groups: Groups) -> NDArray[np.bool_]:
    """Tell which penalties lose no more than the best, but for a part of the error of that."""
    more = loss - loss[np.argmin(loss.sum(axis=1))]
    by_customer = np.array([np.bincount(groups, one) for one in more])
    error = np.sqrt((by_customer**2).sum(axis=1))
    good: NDArray[np.bool_] = by_customer.sum(axis=1) <= HARDLY * error
    return good


def _losses(Z: FloatArray, y: FloatArray, out: NDArray[np.bool_]) -> FloatArray:
    """Loss of each row left out, by penalty; each climb starts where the last one ended."""
    beta: FloatArray | None = None
    losses = np.zeros((len(PENALTIES), int(out.sum())))
    for i, penalty in enumerate(PENALTIES):
        beta = _climb(Z[~out], y[~out], penalty, beta)
        losses[i] = log_loss(expit(Z[out] @ beta), y[out]) if out.any() else 0.0
    return losses


def _climb(
    Z: FloatArray, y: FloatArray, penalty: float, start: FloatArray | None = None
) -> FloatArray:
    """Newton's method on the penalised log-likelihood; halves a step that does not gain."""
    beta = _start(Z, y) if start is None else start
    here = _value(Z, y, beta, penalty)
    for _ in range(ITERATIONS):
        step = _step(Z, y, beta, penalty)
        there = _value(Z, y, beta + step, penalty)
        while there < here and np.abs(step).max() > TOLERANCE:
            step /= 2
            there = _value(Z, y, beta + step, penalty)
        beta, gain, here = beta + step, there - here, there
        if gain < TOLERANCE * max(1.0, abs(here)):
            break
    return beta


def _start(Z: FloatArray, y: FloatArray) -> FloatArray:
    """Give everybody the same rate, kept from 0 and 1 by half a case."""
    beta = np.zeros(Z.shape[1])
    beta[0] = logit((y.sum() + 0.5) / (len(y) + 1.0))
    return beta


def _ridge(columns: int, penalty: float) -> FloatArray:
    """Penalty of each column; the intercept has next to none."""
    ridge = np.full(columns, penalty)
    ridge[0] = 1e-3
    return ridge


def _value(Z: FloatArray, y: FloatArray, beta: FloatArray, penalty: float) -> float:
    eta = Z @ beta
    likelihood = y @ eta - np.logaddexp(0.0, eta).sum()
    return float(likelihood - (_ridge(len(beta), penalty) * beta**2).sum() / 2)


def _step(Z: FloatArray, y: FloatArray, beta: FloatArray, penalty: float) -> FloatArray:
    p, ridge = expit(Z @ beta), _ridge(len(beta), penalty)
    curvature = (Z * (p * (1 - p))[:, None]).T @ Z + np.diag(ridge)
    step: FloatArray = cho_solve(cho_factor(curvature), Z.T @ (y - p) - ridge * beta)
    return step


def _covariance(
    Z: FloatArray, y: FloatArray, groups: Groups, beta: FloatArray, penalty: float
) -> FloatArray:
    """Sandwich: the days of one customer are not independent of each other.

    What the ridge draws towards 0 errs as well: a penalty is a prior of the coefficients, and says
    how large they are apart from what was seen (Nychka 1988, for smoothing). The days of a customer
    repeat each other, so that a penalty chosen beside them is as much too strong as they are many.
    """
    p, ridge = expit(Z @ beta), _ridge(len(beta), penalty)
    seen = (Z * (p * (1 - p))[:, None]).T @ Z
    curvature = seen + np.diag(ridge)
    _, index = np.unique(groups, return_inverse=True)
    scores = np.zeros((int(index.max()) + 1, Z.shape[1]))
    np.add.at(scores, index, Z * (y - p)[:, None])
    bread = cho_factor(curvature)
    meat = scores.T @ scores
    repeated = float(np.trace(meat) / max(np.trace(seen), 1e-9))
    found: FloatArray = cho_solve(bread, cho_solve(bread, meat + repeated * np.diag(ridge)).T)
    return found
