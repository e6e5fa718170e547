"""All that an effect needs of an arm: its size, means and cross-products.

The engine sums them up customer by customer; sums of parts are added, so that a million customers
are a few numbers. The first column is the outcome, those after it are covariates, known before the
customer became eligible.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kizuna.experiments.interval import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Sums over the units of one arm.

    Attributes
    ----------
    n : units, each counted once: customers, or accounts where the account is what is assigned.
    mean : of the outcome and each covariate, shape (columns,).
    scatter : sums of products of what each column is off its mean, shape (columns, columns).

    """

    n: int
    mean: FloatArray
    scatter: FloatArray

    @classmethod
    def of(cls, outcome: ArrayLike, *covariates: ArrayLike) -> Moments:
        """Sum up rows: one outcome a unit, and its covariates."""
        rows = np.column_stack([np.asarray(c, np.float64) for c in (outcome, *covariates)])
        if not np.isfinite(rows).all():
            raise ValueError(f"row {int(np.argmin(np.isfinite(rows).all(axis=1)))}: not a number")
        mean = rows.mean(axis=0) if len(rows) else np.zeros(rows.shape[1])
        off = rows - mean
        return cls(len(rows), mean, off.T @ off)

    @classmethod
    def from_sums(cls, n: int, sums: ArrayLike, products: ArrayLike) -> Moments:
        """Take what an engine summed up: Σ column, and Σ column·column."""
        total = np.atleast_1d(np.asarray(sums, np.float64))
        mean = total / n if n else np.zeros(len(total))
        scatter = np.atleast_2d(np.asarray(products, np.float64)) - n * np.outer(mean, mean)
        np.fill_diagonal(scatter, np.maximum(np.diag(scatter), 0.0))
        return cls(n, mean, scatter)

    @classmethod
    def from_json(cls, text: str) -> Moments:
        """Rebuild one from `to_json`."""
        data = json.loads(text)
        return cls(data["n"], np.array(data["mean"]), np.array(data["scatter"]))

    def to_json(self) -> str:
        """Write all of it."""
        mean, scatter = self.mean.tolist(), self.scatter.tolist()
        return json.dumps({"n": self.n, "mean": mean, "scatter": scatter})

    def __add__(self, other: Moments) -> Moments:
        """Put two parts together (Chan, Golub and LeVeque 1979)."""
        n = self.n + other.n
        if not n:
            return self
        gap = other.mean - self.mean
        between = np.outer(gap, gap) * (self.n * other.n / n)
        mean = self.mean + gap * (other.n / n)
        return Moments(n, mean, self.scatter + other.scatter + between)

    @property
    def variance(self) -> float:
        """Variance of the outcome."""
        return float(self.scatter[0, 0]) / max(self.n - 1, 1)

    def mapped(self, matrix: ArrayLike) -> Moments:
        """Give the moments of other columns, each a row of `matrix` times the present ones."""
        m = np.atleast_2d(np.asarray(matrix, np.float64))
        return Moments(self.n, m @ self.mean, m @ self.scatter @ m.T)

    def left_over(self, slope: FloatArray) -> float:
        """Variance of the outcome that covariates leave, with these slopes."""
        weights = np.concatenate([[1.0], -slope])
        square = float(weights @ self.scatter @ weights)
        return max(square, 0.0) / max(self.n - 1 - len(slope), 1)
