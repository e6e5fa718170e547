"""The mean of an outcome given facts: a ridge on bent facts and their products.

Each fact enters straight and with bends at its quartiles, and pairs of facts enter as products. How
strong the ridge is, generalised cross-validation decides (Golub, Heath and Wahba 1979). It serves
the DR-learner, which stays unbiased when this is wrong and gets noisier only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from kizuna.experiments.interval import FloatArray

MOST_PAIRED = 12
"""Facts whose pairs enter; more would make more columns than there is to learn."""
QUARTILES = (25.0, 50.0, 75.0)
PENALTIES = np.logspace(-4.0, 4.0, 25)
LESS = 0.5
REACH = 4.0
"""Facts are cut this many standard deviations off their mean: no wild extrapolation."""


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """A fitted mean.

    Attributes
    ----------
    center, scale : of the facts, shape (facts,).
    bends : where each fact may bend, in standard deviations, shape (facts, 3).
    column_mean : of the columns that facts make, shape (columns,).
    intercept, coefficients : of the mean.

    """

    center: FloatArray
    scale: FloatArray
    bends: FloatArray
    column_mean: FloatArray
    intercept: float
    coefficients: FloatArray

    @classmethod
    def fit(
        cls, facts: FloatArray, outcome: FloatArray, weight: FloatArray | None = None
    ) -> Response:
        """Fit to rows of facts, shape (rows, facts); facts that are not known count as the mean."""
        center = np.nan_to_num(_mean(facts))
        scale = _spread(facts, center)
        z = _standard(facts, center, scale)
        bends = np.percentile(z, QUARTILES, axis=0).T
        columns = _columns(z, bends)
        share = np.ones(len(outcome)) if weight is None else weight
        share = share / share.sum()
        middle, mean = share @ columns, float(share @ outcome)
        root = np.sqrt(share * len(outcome))[:, None]
        beta = _ridge((columns - middle) * root, (outcome - mean) * root[:, 0])
        return cls(center, scale, bends, middle, mean, beta)

    def predict(self, facts: FloatArray) -> FloatArray:
        """Give the mean at each row of facts, shape (rows,)."""
        columns = _columns(_standard(facts, self.center, self.scale), self.bends)
        mean: FloatArray = self.intercept + (columns - self.column_mean) @ self.coefficients
        return mean

    def to_json(self) -> str:
        """Write all of it."""
        names = ("center", "scale", "bends", "column_mean", "coefficients")
        arrays = {name: getattr(self, name).tolist() for name in names}
        return json.dumps(arrays | {"intercept": self.intercept})

    @classmethod
    def from_json(cls, text: str) -> Response:
        """Rebuild one from `to_json`."""
        data = json.loads(text)
        intercept = data.pop("intercept")
        return cls(intercept=intercept, **{k: np.array(v) for k, v in data.items()})


def steadiness(facts: FloatArray, left: FloatArray) -> FloatArray:
    """Weigh rows by how little their outcomes vary: big spenders tell less of a mean than others.

    `left` is what a mean leaves of each outcome; its size is foretold from facts alone, so that no
    row is weighed by its own luck.
    """
    size = np.log(left**2 + 1e-4 * max(float((left**2).mean()), 1e-300))
    foretold = Response.fit(facts, size).predict(facts)
    low, high = np.percentile(foretold, (2.0, 98.0))
    return np.exp(np.median(foretold) - np.clip(foretold, low, high))


def _mean(facts: FloatArray) -> FloatArray:
    known = np.isfinite(facts)
    total: FloatArray = np.where(known, facts, 0.0).sum(axis=0)
    mean: FloatArray = total / np.maximum(known.sum(axis=0), 1)
    return mean


def _spread(facts: FloatArray, center: FloatArray) -> FloatArray:
    scale = np.sqrt(_mean((facts - center) ** 2))
    return np.where(scale > 0, scale, 1.0)


def _standard(facts: FloatArray, center: FloatArray, scale: FloatArray) -> FloatArray:
    z = (facts - center) / scale
    return np.clip(np.where(np.isfinite(z), z, 0.0), -REACH, REACH)


def _columns(z: FloatArray, bends: FloatArray) -> FloatArray:
    hinges = np.maximum(z[:, :, None] - bends[None], 0.0).reshape(len(z), -1)
    first, second = np.triu_indices(min(z.shape[1], MOST_PAIRED), 1)
    # bends and products must earn their place: what is plain is penalised less
    return np.hstack([z, LESS * hinges, LESS * z[:, first] * z[:, second]])


def _ridge(X: FloatArray, y: FloatArray) -> FloatArray:
    """Least squares with the ridge that predicts best, rows left out one by one in effect."""
    n = len(y)
    values, vectors = np.linalg.eigh(X.T @ X / n)
    values = np.maximum(values, 0.0)
    along = vectors.T @ (X.T @ y / n)
    total = float(y @ y) / n
    best, chosen = np.inf, np.zeros(X.shape[1])
    for penalty in PENALTIES * max(float(values.mean()), 1e-12):
        keep = values / (values + penalty)
        beta = along / (values + penalty)
        left = total - 2.0 * along @ beta + values @ beta**2
        score = left / max(1.0 - keep.sum() / n, 1e-3) ** 2
        if score < best:
            best, chosen = score, vectors @ beta
    return np.asarray(chosen)
