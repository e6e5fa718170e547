"""Personas: kinds of customers found in how they behave, and the check that they are not chance.

Story: a customer is of one of k hidden kinds; within a kind each trait is normal, and traits are
independent of each other. Assumptions: traits are put on a scale where this is plausible
(logarithms of counts and money) and standardised. A trait that is not known is left out of the
likelihood of its row, which is right when it is missing at random (full-information likelihood).
Parameters: shares of the kinds; mean and spread of each trait in each kind, in standard units.
Sources: McLachlan & Peel 2000 (EM for mixtures); Schwarz 1978 (BIC); Hubert & Arabie 1985
(adjusted Rand index); Hennig 2007 (stability under resampling).
Limits: kinds that differ in the correlation of traits alone are not seen.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from kizuna.clv.data import FloatArray

MOST, LEAST_SHARE, STABLE, STARTS, RESAMPLES = 6, 0.05, 0.75, 4, 10
ROUNDS, TOLERANCE, SPREAD = 200, 1e-6, 0.5
NEEDED = 200
"""Customers before anything is looked for."""


@dataclass(frozen=True, eq=False)
class Personas:
    """Shares (k,), means and spreads (k, traits) in standard units; centre, scale of the traits."""

    shares: FloatArray
    means: FloatArray
    spreads: FloatArray
    centre: FloatArray
    scale: FloatArray

    @classmethod
    def fit(cls, traits: FloatArray, k: int, rng: np.random.Generator) -> Self:
        """Fit k kinds to traits (n, traits); NaN is not known. The best of several starts."""
        centre = np.nanmean(traits, axis=0)
        scale = np.maximum(np.nanstd(traits, axis=0), 1e-9)
        rows = (traits - centre) / scale
        fits = [_climb(rows, _start(rows, k, rng)) for _ in range(STARTS if k > 1 else 1)]
        shares, means, spreads = max(fits, key=lambda fit: fit[1])[0]
        order = np.argsort(-shares, kind="stable")
        return cls(shares[order], means[order], spreads[order], centre, scale)

    @property
    def k(self) -> int:
        """Number of kinds."""
        return len(self.shares)

    def probabilities(self, traits: FloatArray) -> FloatArray:
        """Probability of each kind, shape (n, k); rows sum to 1."""
        joint = self._joint(traits)
        result: FloatArray = np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
        return result

    def log_likelihood(self, traits: FloatArray) -> float:
        """Log-likelihood of the standardised traits that are known."""
        return float(logsumexp(self._joint(traits), axis=1).sum())

    def bic(self, traits: FloatArray) -> float:
        """Schwarz's criterion; less is better."""
        parameters = self.k - 1 + 2 * self.means.size
        return parameters * float(np.log(len(traits))) - 2 * self.log_likelihood(traits)

    def to_json(self) -> str:
        """Write the parameters."""
        return json.dumps({name: getattr(self, name).tolist() for name in NAMES})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read them back."""
        values: dict[str, Any] = json.loads(text)
        return cls(**{name: np.array(values[name], dtype=np.float64) for name in NAMES})

    def _joint(self, traits: FloatArray) -> FloatArray:
        rows = (traits - self.centre) / self.scale
        return _log_joint(rows, (self.shares, self.means, self.spreads))


NAMES = ("shares", "means", "spreads", "centre", "scale")


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The kinds chosen by BIC among those large enough, and how stable they are (mean ARI)."""

    personas: Personas
    bic: FloatArray
    stability: float

    @property
    def is_stable(self) -> bool:
        """Whether there is more than one kind, and resampling finds the same ones."""
        return self.personas.k > 1 and self.stability >= STABLE


def choose(traits: FloatArray, rng: np.random.Generator) -> Choice:
    """Fit 1 to `MOST` kinds; take the best by BIC of which none is smaller than `LEAST_SHARE`."""
    fits = [Personas.fit(traits, k, rng) for k in range(1, MOST + 1)]
    criteria = np.array([fit.bic(traits) for fit in fits])
    large = [fit.shares.min() >= LEAST_SHARE for fit in fits]
    best = fits[int(np.argmin(np.where(large, criteria, np.inf)))]
    return Choice(best, criteria, stability(traits, best, rng) if best.k > 1 else 1.0)


def stability(traits: FloatArray, fitted: Personas, rng: np.random.Generator) -> float:
    """Fit again to resampled rows; mean agreement with the kinds that all rows were given."""
    own = fitted.probabilities(traits).argmax(axis=1)
    found = []
    for _ in range(RESAMPLES):
        drawn = traits[rng.integers(0, len(traits), len(traits))]
        other = Personas.fit(drawn, fitted.k, rng).probabilities(traits).argmax(axis=1)
        found.append(adjusted_rand(own, other))
    return float(np.mean(found))


def adjusted_rand(one: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    """Agreement of two partitions: 1 the same, 0 no more than chance."""
    counts = np.zeros((int(one.max()) + 1, int(other.max()) + 1))
    np.add.at(counts, (one, other), 1.0)

    def pairs(n: FloatArray) -> float:
        return float((n * (n - 1) / 2).sum())

    both, rows, columns = pairs(counts), pairs(counts.sum(axis=1)), pairs(counts.sum(axis=0))
    chance = rows * columns / max(pairs(np.array([float(len(one))])), 1.0)
    most = (rows + columns) / 2
    return 1.0 if most == chance else (both - chance) / (most - chance)


type _Parts = tuple[FloatArray, FloatArray, FloatArray]


def _start(rows: FloatArray, k: int, rng: np.random.Generator) -> _Parts:
    """Take k customers far from each other (k-means++) as first centres."""
    filled = np.nan_to_num(rows)
    chosen = [int(rng.integers(len(rows)))]
    for _ in range(k - 1):
        far = np.min([((filled - filled[at]) ** 2).sum(axis=1) for at in chosen], axis=0)
        total = far.sum()
        chosen.append(int(rng.choice(len(rows), p=far / total if total > 0 else None)))
    return np.full(k, 1 / k), filled[chosen].copy(), np.ones((k, rows.shape[1]))


def _climb(rows: FloatArray, parts: _Parts) -> tuple[_Parts, float]:
    """EM until the likelihood stands still."""
    known = ~np.isnan(rows)
    filled, last = np.nan_to_num(rows), -np.inf
    for _ in range(ROUNDS):
        joint = _log_joint(rows, parts)
        total = logsumexp(joint, axis=1, keepdims=True)
        now = float(total.sum())
        if now - last < TOLERANCE * len(rows):
            break
        last, parts = now, _renewed(np.exp(joint - total), filled, known)
    return parts, last


def _renewed(weights: FloatArray, filled: FloatArray, known: NDArray[np.bool_]) -> _Parts:
    mass = np.maximum(weights.T @ known, 1e-9)
    means = weights.T @ filled / mass
    squares = weights.T @ filled**2 / mass
    # a spread has a floor: each value of a coarse trait, 1 of 5, would otherwise be a kind
    spreads = np.sqrt(np.maximum(squares - means**2, SPREAD**2))
    return np.maximum(weights.mean(axis=0), 1e-12), means, spreads


def _log_joint(rows: FloatArray, parts: _Parts) -> FloatArray:
    """Log of share × density, shape (n, k); what is not known adds nothing."""
    shares, means, spreads = parts
    known, filled = (~np.isnan(rows)).astype(np.float64), np.nan_to_num(rows)
    weights = spreads.T**-2.0
    # the squares written out: three products of matrices instead of an array (n, k, traits)
    squares = filled**2 @ weights - 2 * filled @ (means.T * weights)
    squares += known @ (means.T**2 * weights)
    scales = known @ np.log(spreads.T * np.sqrt(2 * np.pi))
    joint: FloatArray = np.log(shares) - squares / 2 - scales
    return joint
