"""What the models of customer lifetime value are fitted to: frozen arrays, checked once.

Three nouns, after Fader and Hardie: `Purchases` (how often and how recently a customer bought,
no contract), `Spend` (how much an order is worth), `Contracts` (how long a contract lasted).
A row is a customer or, with `weight`, a pattern shared by that many customers: grouping equal rows
first changes no estimate and saves most of the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

type FloatArray = NDArray[np.float64]

GRID_POINTS = 1_000_000
"""Most steps that a column on a grid may span."""
ROUNDING = 1e-10
"""Values nearer than this to a grid point, relative to the largest, lie on it."""
GROUP_ANYWAY = 20_000
"""Rows up to which sorting floats costs nothing worth saving."""
DIRECT = 4
"""Table size, in multiples of the rows, up to which looking up beats sorting."""
MAX_KEY = 2.0**62


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
        if getattr(self, "weight", None) is not None:
            return self.compress_with_index()[0]
        return self._counted([_codes(c) for c in self.columns])

    def group(self) -> Self:
        """Compress where that is quick and helps a fit; else give the rows as they are.

        Quick: few rows, or values on a grid such as whole days. Weighted rows are left alone.
        """
        if getattr(self, "weight", None) is not None:
            return self
        columns = [_on_grid(c) for c in self.columns]
        on_grid = [c for c in columns if c is not None]
        if len(on_grid) == len(columns):
            return self._counted(on_grid)
        return self.compress() if len(self) <= GROUP_ANYWAY else self

    def compress_with_index(self) -> tuple[Self, NDArray[np.intp]]:
        """Collapse equal rows; also give, for each row, the index of its pattern, shape (rows,)."""
        first, index = distinct(*self.columns)
        weight = np.bincount(index, weights=self.weights, minlength=len(first))
        return type(self)(*(c[first] for c in self.columns), weight), index  # type: ignore[call-arg]

    def _counted(self, columns: Sequence[_Codes]) -> Self:
        """Collapse unweighted rows by sorting one key a row, without keeping track of the rows."""
        if _size(columns) > MAX_KEY:
            return self.compress_with_index()[0]
        ordered = np.sort(_join(columns))
        starts, _ = _runs(ordered)
        count = np.diff(np.append(starts, len(ordered))).astype(np.float64)
        return type(self)(*_split(ordered[starts], columns), count)  # type: ignore[call-arg]

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

    def rate_and_span(self) -> tuple[float, float]:
        """Mean repeat purchases a period (as if ½ at least) and mean age: scales to start a fit."""
        total = float(self.weights @ self.T)
        span = total / self.n if total > 0 else 1.0
        bought = max(float(self.weights @ self.x), 0.5)
        return bought / (span * max(self.n, 1.0)), span

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
    codes = [_codes(c) for c in columns]
    key, size = _join(codes), _size(codes)
    if size <= DIRECT * len(key):
        return _distinct_by_place(key, int(size))
    order = np.argsort(key)
    starts, fresh = _runs(key[order])
    index = np.empty(len(key), np.intp)
    index[order] = np.cumsum(fresh) - 1
    return order[starts], index


def _distinct_by_place(
    key: NDArray[np.int64], size: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Find distinct keys below `size` by a table of places instead of a sort."""
    row = np.full(size, -1, np.intp)
    row[key] = np.arange(len(key))
    seen = row >= 0
    place = np.cumsum(seen) - 1
    return row[seen], place[key]


@dataclass(frozen=True, slots=True, eq=False)
class _Codes:
    """A column as whole numbers, and the table that turns them back: table[codes] is the column."""

    codes: NDArray[np.int64]
    table: FloatArray


def _codes(column: FloatArray) -> _Codes:
    """Number the values of a column: as places on a grid or, when there is none, by sorting."""
    found = _on_grid(column)
    if found is not None:
        return found
    table, codes = np.unique(column, return_inverse=True)
    return _Codes(codes.astype(np.int64), table)


def _on_grid(column: FloatArray) -> _Codes | None:
    """Number values that are whole numbers or multiples of one step up to rounding, else None."""
    return _places(column, 1.0) or _places(column, _grid_step(column))


def _places(column: FloatArray, step: float) -> _Codes | None:
    top = float(column.max(initial=0.0))
    if step <= 0.0 or top > GRID_POINTS * step:
        return None
    steps = np.rint(column * (1.0 / step))
    if not (np.abs(steps * step - column) <= ROUNDING * top).all():
        return None
    codes = steps.astype(np.int64)
    table = np.zeros(int(codes.max(initial=0)) + 1)
    table[codes] = column
    return _Codes(codes, table)


def _grid_step(column: FloatArray) -> float:
    """Guess the step of a grid: the smallest gap in a sample, sharpened by the largest value."""
    sample = np.unique(column[:: max(1, len(column) // 4096)])
    top = float(column.max(initial=0.0))
    gap = float(np.diff(sample).min(initial=top))
    return top / round(top / gap) if gap > ROUNDING * top else 0.0


def _size(columns: Sequence[_Codes]) -> float:
    """Count the keys that `_join` may give."""
    return float(np.prod([float(len(c.table)) for c in columns]))


def _join(columns: Sequence[_Codes]) -> NDArray[np.int64]:
    """Join the codes of several columns into one key for each row."""
    size, key = 1.0, np.zeros_like(columns[0].codes)
    for column in columns:
        if size * len(column.table) > MAX_KEY:
            values, key = np.unique(key, return_inverse=True)
            size = float(len(values))
        key = key * len(column.table) + column.codes
        size *= len(column.table)
    return key


def _split(key: NDArray[np.int64], columns: Sequence[_Codes]) -> list[FloatArray]:
    """Undo `_join`: the value of each column behind each key."""
    values = []
    for column in reversed(columns):
        key, code = np.divmod(key, len(column.table))
        values.append(column.table[code])
    return values[::-1]


def _runs(ordered: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Find where runs of equal keys start, as indices and as a mask."""
    fresh = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=fresh[1:])
    return np.flatnonzero(fresh), fresh


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
