"""Personas: kinds of customers found in how they behave, and the check that they are not chance.

Story: a customer is of one of k hidden kinds. What is known of her are shares (k of n occasions: so
many of her purchases were in gift season) and measures (a mean over n occasions). Within a kind an
occasion of a share is a toss of the kind's coin, a measure is normal, and traits are independent of
each other. Occasions of one customer resemble each other (`ALIKE`), so that n of them tell as much
as n / (1 + (n - 1) · ALIKE) of different customers: two purchases tell less than twenty, and ten
thousand no more than ten. Assumptions: measures are put on a scale where a normal is plausible
(logarithms of money). A trait that is not known is left out of the likelihood of its row, which is
right when it is missing at random.
Parameters: shares of the kinds; of each kind the level of each trait (the probability of a share,
the mean of a measure in standard units), and the spread of each measure.
Sources: Lazarsfeld & Henry 1968, Goodman 1974 (latent class); McLachlan & Peel 2000 (EM for
mixtures); Kish 1965 (design effect); Biernacki, Celeux & Govaert 2000 (ICL: the kinds must not
overlap) and 2003 (short runs of EM first); Hubert & Arabie 1985 (adjusted Rand index); Kuhn 1955
(Hungarian method); Hennig 2007 (stability under resampling; Jaccard's index of one kind).
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

type Flags = NDArray[np.bool_]

ALIKE = 0.1
"""How far occasions of one customer resemble each other beyond her kind: their correlation."""
MOST, LEAST_SHARE, STABLE, STARTS, RESAMPLES = 6, 0.05, 0.75, 6, 10
FIRST_ROUNDS, ROUNDS, TOLERANCE, SPREAD = 10, 200, 1e-5, 0.1
DISSOLVED = 0.5
"""Overlap up to which a kind is no longer the same (Hennig 2007); beyond it none but one is."""


@dataclass(frozen=True, slots=True, eq=False)
class Traits:
    """What is known of customers, shape (n, traits): values, of how many occasions each is.

    values : NaN is not known. is_share : which traits are shares, shape (traits,).
    """

    values: FloatArray
    counts: FloatArray
    is_share: Flags

    def __len__(self) -> int:
        return len(self.values)

    def of(self, rows: NDArray[np.int64]) -> Traits:
        """Give some rows."""
        return Traits(self.values[rows], self.counts[rows], self.is_share)


@dataclass(frozen=True, eq=False)
class Personas:
    """Shares of the kinds (k,), levels and spreads of traits (k, traits), centre, scale (traits,).

    The spread of a share is not used, its centre is 0 and its scale 1.
    """

    shares: FloatArray
    levels: FloatArray
    spreads: FloatArray
    centre: FloatArray
    scale: FloatArray
    is_share: Flags

    @classmethod
    def fit(cls, traits: Traits, k: int, rng: np.random.Generator) -> Self:
        """Fit k kinds: short runs from several starts, and the best of them to its end."""
        centre, scale = _scale(traits)
        sums = _Sums.of(traits, centre, scale)
        starts = range(STARTS if k > 1 else 1)
        fits = [_climb(sums, _start(sums, k, rng), FIRST_ROUNDS) for _ in starts]
        shares, levels, spreads = _climb(sums, max(fits, key=lambda fit: fit[1])[0], ROUNDS)[0]
        order = np.argsort(-shares, kind="stable")
        return cls(shares[order], levels[order], spreads[order], centre, scale, traits.is_share)

    @property
    def k(self) -> int:
        """Number of kinds."""
        return len(self.shares)

    def probabilities(self, traits: Traits) -> FloatArray:
        """Probability of each kind, shape (n, k); rows sum to 1."""
        joint = self._joint(traits)
        result: FloatArray = np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
        return result

    def kinds(self, traits: Traits) -> NDArray[np.int64]:
        """Give the likeliest kind of each, shape (n,)."""
        return np.asarray(self._joint(traits).argmax(axis=1), np.int64)

    def log_densities(self, traits: Traits) -> FloatArray:
        """Log-density of what is known of each customer, shape (n,)."""
        found: FloatArray = logsumexp(self._joint(traits), axis=1)
        return found

    def icl(self, traits: Traits) -> float:
        """Integrated completed likelihood: BIC and twice the doubt; less is better."""
        parameters = self.k - 1 + self.levels.size + self.k * int((~self.is_share).sum())
        chances = self.probabilities(traits)
        doubt = -float((chances * np.log(np.maximum(chances, 1e-300))).sum())
        fit = float(self.log_densities(traits).sum())
        return parameters * float(np.log(len(traits))) - 2 * fit + 2 * doubt

    def to_json(self) -> str:
        """Write the parameters."""
        return json.dumps({name: getattr(self, name).tolist() for name in NAMES})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read them back."""
        values: dict[str, Any] = json.loads(text)
        return cls(**{name: np.array(values[name]) for name in NAMES})

    def _joint(self, traits: Traits) -> FloatArray:
        sums = _Sums.of(traits, self.centre, self.scale)
        return _log_joint(sums, (self.shares, self.levels, self.spreads))


NAMES = ("shares", "levels", "spreads", "centre", "scale", "is_share")


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The kinds chosen by ICL among those large enough, and how stable they are (mean ARI)."""

    personas: Personas
    criteria: FloatArray
    stability: float

    @property
    def is_stable(self) -> bool:
        """Whether there is more than one kind, and resampling finds the same ones."""
        return self.personas.k > 1 and self.stability >= STABLE


def choose(traits: Traits, rng: np.random.Generator) -> Choice:
    """Fit 1 to `MOST` kinds; take the best by ICL of which none is smaller than `LEAST_SHARE`."""
    fits = [Personas.fit(traits, k, rng) for k in range(1, MOST + 1)]
    criteria = np.array([fit.icl(traits) for fit in fits])
    large = [fit.shares.min() >= LEAST_SHARE for fit in fits]
    best = fits[int(np.argmin(np.where(large, criteria, np.inf)))]
    return Choice(best, criteria, stability(traits, best, rng) if best.k > 1 else 1.0)


def stability(traits: Traits, fitted: Personas, rng: np.random.Generator) -> float:
    """Fit again to resampled rows; mean agreement with the kinds that all rows were given."""
    own, found = fitted.kinds(traits), []
    for _ in range(RESAMPLES):
        drawn = traits.of(rng.integers(0, len(traits), len(traits)))
        found.append(adjusted_rand(own, Personas.fit(drawn, fitted.k, rng).kinds(traits)))
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


def overlaps(one: Flags, other: Flags) -> FloatArray:
    """Jaccard's index of groups, (n, k) and (n, l): of both ÷ of either; shape (k, l)."""
    both = one.T.astype(np.float64) @ other.astype(np.float64)
    either = one.sum(axis=0)[:, None] + other.sum(axis=0)[None, :] - both
    found: FloatArray = both / np.maximum(either, 1.0)
    return found


def match(found: FloatArray, least: float = DISSOLVED) -> dict[int, int]:
    """Pair rows with columns for the largest overlap in all; pairs of `least` or less are none."""
    from scipy.optimize import linear_sum_assignment  # slow to import

    rows, columns = linear_sum_assignment(np.where(found > least, found, 0.0), maximize=True)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return {row: column for row, column in pairs if found[row, column] > least}


type _Parts = tuple[FloatArray, FloatArray, FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Traits as the likelihood takes them, shape (n, shares) and (n, measures); 0: not known.

    yes, no : occasions of a share, as many as tell. once, sums, squares : the same of measures.
    """

    is_share: Flags
    points: FloatArray
    yes: FloatArray
    no: FloatArray
    known: FloatArray
    once: FloatArray
    sums: FloatArray
    squares: FloatArray
    constant: FloatArray

    @classmethod
    def of(cls, traits: Traits, centre: FloatArray, scale: FloatArray) -> _Sums:
        known = ~np.isnan(traits.values) & (traits.counts > 0)
        counts = np.where(known, np.nan_to_num(traits.counts), 1.0)
        tells = np.where(known, counts / (1 + (counts - 1) * ALIKE), 0.0)
        values = np.where(known, (np.nan_to_num(traits.values) - centre) / scale, 0.0)
        of, others = traits.is_share, ~traits.is_share
        each, x = tells[:, others], values[:, others]
        return cls(
            of,
            values / np.maximum(values.std(axis=0), 1e-9),
            tells[:, of] * values[:, of],
            tells[:, of] * (1 - values[:, of]),
            known[:, others].astype(np.float64),
            each,
            each * x,
            each * x**2,
            np.log(np.where(each > 0, each, 1.0)).sum(axis=1) / 2,
        )


def _scale(traits: Traits) -> tuple[FloatArray, FloatArray]:
    """Give centre and scale: those of measures; shares stay as they are."""
    centre = np.where(traits.is_share, 0.0, np.nanmean(traits.values, axis=0))
    spread = np.maximum(np.nanstd(traits.values, axis=0), 1e-9)
    return centre, np.where(traits.is_share, 1.0, spread)


def _start(sums: _Sums, k: int, rng: np.random.Generator) -> _Parts:
    """Take k customers far from each other (k-means++), and whoever is nearest to each."""
    rows = sums.points
    near = np.empty((k, len(rows)))
    far = np.ones(len(rows))
    for kind in range(k):
        total = far.sum()
        chosen = int(rng.choice(len(rows), p=far / total if total > 0 else None))
        near[kind] = ((rows - rows[chosen]) ** 2).sum(axis=1)
        far = near[: kind + 1].min(axis=0)
    return _renewed(sums, np.eye(k)[near.argmin(axis=0)])


def _climb(sums: _Sums, parts: _Parts, rounds: int) -> tuple[_Parts, float]:
    """EM until the likelihood stands still."""
    last = -np.inf
    for _ in range(rounds):
        joint = _log_joint(sums, parts)
        total = logsumexp(joint, axis=1, keepdims=True)
        now = float(total.sum())
        if now - last < TOLERANCE * len(joint):
            break
        last, parts = now, _renewed(sums, np.exp(joint - total))
    return parts, last


def _renewed(sums: _Sums, weights: FloatArray) -> _Parts:
    of = sums.is_share
    levels, spreads = np.zeros((2, weights.shape[1], len(of)))
    yes, no = weights.T @ sums.yes, weights.T @ sums.no
    levels[:, of] = (yes + 0.5) / (yes + no + 1)  # never 0 or 1, of what was seen of few
    mass = np.maximum(weights.T @ sums.once, 1e-9)
    means = weights.T @ sums.sums / mass
    squares = weights.T @ sums.squares - means**2 * mass
    # a spread has a floor: a price that many pay to the yen would otherwise be a kind
    spread = np.sqrt(np.maximum(squares / np.maximum(weights.T @ sums.known, 1e-9), SPREAD**2))
    levels[:, ~of], spreads[:, ~of] = means, spread
    return np.maximum(weights.mean(axis=0), 1e-12), levels, spreads


def _log_joint(sums: _Sums, parts: _Parts) -> FloatArray:
    """Log of share × density, shape (n, k); what is not known adds nothing."""
    shares, levels, spreads = parts
    of = sums.is_share
    chances, means, widths = levels[:, of].T, levels[:, ~of].T, spreads[:, ~of].T
    joint = sums.yes @ np.log(chances) + sums.no @ np.log(1 - chances)
    # the squares written out: products of matrices instead of an array (n, k, traits)
    joint += sums.sums @ (means * widths**-2.0) - sums.squares @ (widths**-2.0) / 2
    joint -= sums.once @ (means**2 * widths**-2.0) / 2
    joint -= sums.known @ np.log(widths * np.sqrt(2 * np.pi))
    result: FloatArray = joint + sums.constant[:, None] + np.log(shares)
    return result
