"""Costly smooth functions of (group, time), computed at few points and read for many rows.

A group is a number of purchases. `smooth_in_log` interpolates over the whole range of ages, for
predictions. `Lookup` and `Blend` are linear maps from points to rows with their transpose, for
likelihoods: what rows read from points has derivatives that rows add up at points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from kizuna.clv.data import FloatArray, distinct
from kizuna.clv.special import cuts, points_for

type Index = NDArray[np.intp]

MANY_ROWS = 1 << 16

type OfGroup = Callable[[Index, FloatArray], FloatArray]
"""A function of (group, T), elementwise over both, shape (rows,) each; result (..., rows)."""


def smooth_in_log(function: OfGroup, group: Index, T: FloatArray, shift: float) -> FloatArray:
    """Evaluate a costly function that is analytic in log(shift + T), for many rows of few groups.

    By Chebyshev interpolation within each group, to about 13 digits of the largest value there;
    directly where there are fewer rows than interpolation points. Of very many rows most are alike,
    for histories are told in whole days: these are evaluated once.
    """
    if len(T) > MANY_ROWS:
        first, index = distinct(group.astype(np.float64), T)
        if len(first) < len(T) // 4:
            return _smooth(function, group[first], T[first], shift)[..., index]
    return _smooth(function, group, T, shift)


def _smooth(function: OfGroup, group: Index, T: FloatArray, shift: float) -> FloatArray:
    z = np.log(shift + T)
    middle, half = (z.max() + z.min()) / 2.0, max((z.max() - z.min()) / 2.0, 1e-9)
    points = points_for(half, 30.0) + 2
    groups = int(group.max()) + 1
    if len(T) <= groups * points:
        return function(group, T)
    angle = (np.arange(points) + 0.5) * np.pi / points
    node = np.maximum(np.exp(middle + half * np.cos(angle)) - shift, 0.0)
    value = function(np.repeat(np.arange(groups), points), np.tile(node, groups))
    value = np.reshape(value, (*value.shape[:-1], groups, points))
    cosines = np.cos(np.outer(np.arange(points), angle)) * 2.0 / points
    cosines[0] /= 2.0
    coefficients = np.moveaxis(value @ cosines.T, -1, 0)
    u = (z - middle) / half
    parts = [_clenshaw(coefficients, group[cut], u[cut]) for cut in cuts(len(u))]
    return np.concatenate(parts, axis=-1)


def _clenshaw(coefficients: FloatArray, group: Index, u: FloatArray) -> FloatArray:
    """Sum the Chebyshev series of each row's group at u; coefficients (points, ..., groups)."""
    here, last = np.zeros_like(u), np.zeros_like(u)
    for coefficient in coefficients[:0:-1]:
        here, last = 2.0 * u * here - last + coefficient[..., group], here
    return np.asarray(u * here - last + coefficients[0][..., group])


STEP, ORDER = 0.025, 6
"""Mesh of a `Blend`: spacing in log time, and points that a row reads; good to 11 digits."""


@dataclass(frozen=True, slots=True, eq=False)
class Lookup:
    """Each row reads one point."""

    at: Index
    points: int

    def read(self, values: FloatArray) -> FloatArray:
        """Turn values at points, shape (k, points), into values at rows, shape (k, rows)."""
        return values[:, self.at]

    def add(self, weight: FloatArray) -> FloatArray:
        """Sum weights of rows at the points they read, shape (points,)."""
        return np.bincount(self.at, weights=weight, minlength=self.points)


@dataclass(frozen=True, slots=True, eq=False)
class Blend:
    """Each row reads `ORDER` neighbouring points of a mesh, by Lagrange's formula."""

    matrix: csr_array

    def read(self, values: FloatArray) -> FloatArray:
        """Turn values at points, shape (k, points), into values at rows, shape (k, rows)."""
        return np.ascontiguousarray((self.matrix @ np.ascontiguousarray(values.T)).T)

    def add(self, weight: FloatArray) -> FloatArray:
        """Sum weights of rows at the points they read, shape (points,)."""
        return np.asarray(self.matrix.T @ weight)

    @classmethod
    def on_mesh(
        cls, group: Index, z: FloatArray, halves: Sequence[slice]
    ) -> tuple[Index, FloatArray, list[Self]]:
        """Lay a mesh over z within each group; give the points' group and z, and a map a half."""
        place = (z - z.min()) / STEP
        cell = np.floor(place).astype(np.intp)
        width = int(cell.max()) + ORDER
        first = group * width + cell
        used = np.zeros((int(group.max()) + 1) * width, np.bool_)
        for k in range(ORDER):
            used[first + k] = True
        rank = (np.cumsum(used) - 1).astype(np.int32)
        point = np.flatnonzero(used)
        node = z.min() + STEP * (point % width - (ORDER // 2 - 1))
        read = [cls._reading(rank, first[h], (place - cell)[h], len(point)) for h in halves]
        return point // width, node, read

    @classmethod
    def _reading(cls, rank: NDArray[np.int32], first: Index, u: FloatArray, points: int) -> Self:
        share = np.stack([_lagrange(k, u) for k in range(ORDER)], axis=-1)
        columns = rank[first[:, None] + np.arange(ORDER)]
        ends = np.arange(0, ORDER * len(first) + 1, ORDER, dtype=np.int32)
        shape = (len(first), points)
        return cls(csr_array((share.ravel(), columns.ravel(), ends), shape=shape))


def _lagrange(k: int, u: FloatArray) -> FloatArray:
    """Weight of neighbour k for a row at u in [0, 1) between the two middle ones."""
    offsets = np.arange(ORDER) - (ORDER // 2 - 1)
    weight = np.ones_like(u)
    for other in np.delete(offsets, k):
        weight *= (u - other) / (offsets[k] - other)
    return weight
