"""How a fact enters a linear predictor: bent at knots, with a place of its own for "not known".

A fact may be anything: a count, money with a long tail, a ratio, yes or no. It is centred at its
median, scaled by the middle half and drawn together by asinh, so that neither its unit nor one
enormous customer matters. Where it takes enough values it may bend (natural cubic spline).
Where it is missing for some, missing has a coefficient of its own: not known is not zero.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

type FloatArray = NDArray[np.float64]

KNOTS_AT = (0.05, 0.275, 0.5, 0.725, 0.95)
DISTINCT = 8
"""Values below which a fact does not bend."""
RARE = 0.005
"""Share of rows below which missing, or known, is too rare to learn from."""


@dataclass(frozen=True, slots=True)
class Term:
    """One fact as columns of a design.

    Attributes
    ----------
    name : of the fact.
    usual, unit : median of the fact and half-width of its middle half.
    reach : lowest and highest drawn-together value seen; beyond them it counts as these.
    knots : where it may bend; empty: it is straight.
    centre, spread : of each column, over the rows where the fact is known.
    missing : share of rows without it; 0 where missing has no column of its own.

    """

    name: str
    usual: float
    unit: float
    reach: tuple[float, float]
    knots: tuple[float, ...]
    centre: tuple[float, ...]
    spread: tuple[float, ...]
    missing: float

    @classmethod
    def of(cls, name: str, values: FloatArray) -> Self:
        """Learn from the values of a fact, NaN where not known, how it enters."""
        known = values[np.isfinite(values)]
        if not len(known):
            return cls(name, 0.0, 1.0, (0.0, 0.0), (), (0.0,), (0.0,), 0.0)
        usual, unit = float(np.median(known)), _unit(known)
        drawn = np.arcsinh((known - usual) / unit)
        reach, knots = (float(drawn.min()), float(drawn.max())), _knots(drawn)
        basis = _basis(drawn, knots)
        centre, spread = basis.mean(axis=0), basis.std(axis=0)
        spread[spread < 1e-9] = 0.0
        share = 1.0 - len(known) / len(values)
        missing = share if RARE <= share <= 1 - RARE else 0.0
        return cls(
            name, usual, unit, reach, knots, _floats(centre), _floats(spread), float(missing)
        )

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Rebuild one from `to_dict`."""
        tuples: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in data.items()
        }
        return cls(**tuples)

    def to_dict(self) -> dict[str, Any]:
        """Give what JSON can hold."""
        return asdict(self)

    @property
    def width(self) -> int:
        """Count the columns."""
        return len(self.centre) + (self.missing > 0)

    def columns(self, values: FloatArray) -> FloatArray:
        """Give the columns of these values, shape (rows, width); 0 on average over the fit."""
        known = np.isfinite(values)
        drawn = np.arcsinh((np.where(known, values, self.usual) - self.usual) / self.unit)
        basis = _basis(np.clip(drawn, *self.reach), self.knots) - np.array(self.centre)
        spread = np.array(self.spread)
        flat: FloatArray = np.zeros_like(basis)
        scaled: FloatArray = np.divide(basis, spread, out=flat, where=spread > 0)
        scaled[~known] = 0.0
        if not self.missing:
            return scaled
        indicator = (~known - self.missing) / np.sqrt(self.missing * (1 - self.missing))
        return np.column_stack([scaled, indicator])


def _unit(known: FloatArray) -> float:
    """Half the width of the middle half; where that is nothing, the standard deviation."""
    low, high = np.quantile(known, (0.25, 0.75))
    return float((high - low) / 2) or float(known.std()) or 1.0


def _knots(drawn: FloatArray) -> tuple[float, ...]:
    if len(np.unique(drawn[:: max(1, len(drawn) // 5000)])) < DISTINCT:
        return ()
    knots = np.unique(np.quantile(drawn, KNOTS_AT))
    apart = knots[np.concatenate([[True], np.diff(knots) > 1e-3])]
    return _floats(apart) if len(apart) >= 3 else ()


def _basis(x: FloatArray, knots: tuple[float, ...]) -> FloatArray:
    """Natural cubic spline: straight beyond the outer knots (Harrell 2015, section 2.4.5)."""
    if not knots:
        return x[:, None].astype(np.float64)
    *inner, before, last = knots
    width = (last - knots[0]) ** 2
    columns, late, later = [x], _cube(x - before), _cube(x - last)
    for knot in inner:
        bent = _cube(x - knot) - late * (last - knot) / (last - before)
        bent += later * (before - knot) / (last - before)
        columns.append(bent / width)
    return np.column_stack(columns)


def _cube(x: FloatArray) -> FloatArray:
    above = np.maximum(x, 0.0)
    cube: FloatArray = above * above * above  # a power of an array takes twenty times as long
    return cube


def _floats(values: FloatArray) -> tuple[float, ...]:
    return tuple(float(v) for v in values)
