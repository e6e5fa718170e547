"""What the models of customer lifetime value are fitted to: frozen arrays, checked once.

Three nouns, after Fader and Hardie: `Purchases` (how often and how recently a customer bought,
no contract), `Spend` (how much an order is worth), `Contracts` (how long a contract lasted).
A row is a customer or, with `weight`, a pattern shared by that many customers: grouping equal rows
first changes no estimate and saves most of the work.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

type FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Columns of equal length, with an optional weight: what the three nouns share."""

    @classmethod
    def column_names(cls) -> tuple[str, ...]:
        """Names of the columns that make a pattern, i.e. all but `weight`."""
        return tuple(f.name for f in fields(cls) if f.name != "weight")

    @property
    def columns(self) -> tuple[FloatArray, ...]:
        return tuple(getattr(self, name) for name in self.column_names())

    def __len__(self) -> int:
        """Count rows, i.e. patterns."""
        return len(self.columns[0])

    @property
    def weights(self) -> FloatArray:
        """Customers behind each row, shape (rows,); ones when no weight was given."""
        weight: FloatArray | None = getattr(self, "weight", None)
        return np.ones(len(self)) if weight is None else weight

    @property
    def n(self) -> float:
        """Count customers: the sum of the weights."""
        weight: FloatArray | None = getattr(self, "weight", None)
        return float(len(self)) if weight is None else float(weight.sum())

    def compress(self) -> Self:
        """Collapse equal rows into one row with their summed weight."""
        return self.compress_with_index()[0]

    def compress_with_index(self) -> tuple[Self, NDArray[np.intp]]:
        """Collapse equal rows; also give, for each row, the index of its pattern, shape (rows,)."""
        first, index = distinct(*self.columns)
        weight = np.bincount(index, weights=self.weights, minlength=len(first))
        return type(self)(*(c[first] for c in self.columns), weight), index  # type: ignore[call-arg]

    def take(self, index: NDArray[np.intp] | slice) -> Self:
        """Keep the rows at `index`."""
        columns = (c[index] for c in self.columns)
        return type(self)(*columns, self.weights[index])  # type: ignore[call-arg]


@dataclass(frozen=True, slots=True, eq=False)
class Purchases(Rows):
    """Repeat purchases of customers without a contract.

    Parameters
    ----------
    x : repeat purchases (the first is not counted), shape (rows,); whole numbers ≥ 0.
    t_x : age at the last purchase, in periods, shape (rows,); 0 when x is 0.
    T : age at the end of observation, in the same periods, shape (rows,); ≥ t_x.
    weight : customers who share the row, shape (rows,); omitted: one each.

    For discrete models (`BGBB`) t_x and T count opportunities and are whole numbers.

    Raises
    ------
    ValueError
        Naming the column, the first bad row and the remedy.

    """

    x: FloatArray
    t_x: FloatArray
    T: FloatArray
    weight: FloatArray | None = None

    def __post_init__(self) -> None:
        _freeze_columns(self)
        _check(self, "x", self.x == np.floor(self.x), "must be a whole number of repeat purchases")
        _check(self, "t_x", self.t_x <= self.T, "must not be later than T; use one unit for both")
        _check(self, "t_x", (self.x > 0) | (self.t_x == 0), "must be 0 where x is 0")

    def scaled(self, factor: float) -> Purchases:
        """Same histories in another unit of time: 7 turns weeks into days."""
        return Purchases(self.x, self.t_x * factor, self.T * factor, self.weight)


@dataclass(frozen=True, slots=True, eq=False)
class Spend(Rows):
    """Average value of a customer's orders.

    Parameters
    ----------
    x : orders that the mean was taken over, shape (rows,); whole numbers ≥ 0.
    mean : mean value of those orders, in units of money, shape (rows,); ignored where x is 0.
    weight : customers who share the row, shape (rows,); omitted: one each.

    """

    x: FloatArray
    mean: FloatArray
    weight: FloatArray | None = None

    def __post_init__(self) -> None:
        _freeze_columns(self)
        _check(self, "x", self.x == np.floor(self.x), "must be a whole number of orders")


@dataclass(frozen=True, slots=True, eq=False)
class Contracts(Rows):
    """How long contracts lasted, counted in renewal periods.

    Parameters
    ----------
    duration : periods, shape (rows,). Churned: the period in which the contract ended (≥ 1), so
        1 means lost at the first renewal. Not churned: periods survived so far (≥ 0).
    churned : 1 where the contract has ended, 0 where it still runs (censored), shape (rows,).
    weight : contracts that share the row, shape (rows,); omitted: one each.

    """

    duration: FloatArray
    churned: FloatArray
    weight: FloatArray | None = None

    def __post_init__(self) -> None:
        _freeze_columns(self)
        whole = self.duration == np.floor(self.duration)
        _check(self, "duration", whole, "must be a whole number of renewal periods")
        flag = (self.churned == 0) | (self.churned == 1)
        _check(self, "churned", flag, "must be 1 (ended) or 0 (still runs)")
        started = (self.churned == 0) | (self.duration >= 1)
        _check(self, "duration", started, "must be at least 1 where the contract has ended")

    @classmethod
    def from_survivors(cls, survivors: ArrayLike) -> Contracts:
        """Build from a survival table: contracts alive at periods 0, 1, …, k; shape (k + 1,)."""
        alive = np.asarray(survivors, dtype=np.float64)
        lost = alive[:-1] - alive[1:]
        last = len(lost)
        duration = np.append(np.arange(1.0, last + 1), float(last))
        churned = np.append(np.ones(last), 0.0)
        weight = np.append(lost, alive[-1])
        keep = weight > 0
        return cls(duration[keep], churned[keep], weight[keep])


def distinct(*columns: FloatArray) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Find distinct rows: index of one row of each pattern, and for each row its pattern."""
    if len(columns[0]) == 0:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    key = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        values, codes = np.unique(column, return_inverse=True)
        if key.max() > np.iinfo(np.int64).max // (len(values) + 1):
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
        key = key * len(values) + codes
    _, first, index = np.unique(key, return_index=True, return_inverse=True)
    return first, index


def _freeze_columns(rows: Rows) -> None:
    """Turn every column into a read-only float array of one length, finite and not negative."""
    weight: ArrayLike | None = getattr(rows, "weight", None)
    names = (*rows.column_names(), *(() if weight is None else ("weight",)))
    arrays = {name: np.array(getattr(rows, name), dtype=np.float64) for name in names}
    lengths = {name: array.shape for name, array in arrays.items()}
    if any(array.ndim != 1 for array in arrays.values()) or len(set(lengths.values())) > 1:
        raise ValueError(
            f"{type(rows).__name__}: columns must be flat and equally long, got {lengths}"
        )
    for name, array in arrays.items():
        array.flags.writeable = False
        object.__setattr__(rows, name, array)
        _check(rows, name, np.isfinite(array) & (array >= 0), "must be a finite number ≥ 0")


def _check(rows: Rows, name: str, good: NDArray[np.bool_], rule: str) -> None:
    if good.all():
        return
    row = int(np.argmin(good))
    value = getattr(rows, name)[row]
    raise ValueError(f"{type(rows).__name__}.{name}, row {row}: {value:g} {rule}")
