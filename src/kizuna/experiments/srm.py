"""Are the arms as large as they were to be? If not, something lost units, and no verdict stands.

Sample ratio mismatch: χ² of what was stored at eligibility against the shares that chance was given
(Fabijan et al. 2019). At p < .001 a verdict is blanked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

FAILS = 0.001


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Counts of the arms against what they were to be."""

    counts: tuple[int, ...]
    expected: tuple[float, ...]
    chi_squared: float
    p: float

    @property
    def holds(self) -> bool:
        """Tell whether the arms may be compared."""
        return self.p >= FAILS


def sample_ratio(counts: ArrayLike, expected: ArrayLike) -> SampleRatio:
    """Compare the sizes of arms with their shares, or with their sums of propensities."""
    seen, share = np.asarray(counts, np.float64), np.asarray(expected, np.float64)
    if seen.shape != share.shape or seen.ndim != 1 or len(seen) < 2:
        raise ValueError(f"counts and shares must be flat and as many; got {seen.shape}")
    if not ((share > 0).all() and (seen >= 0).all()):
        raise ValueError("shares must be above 0, and counts not below")
    due = share / share.sum() * seen.sum()
    square = float(((seen - due) ** 2 / due).sum()) if seen.sum() else 0.0
    p = float(chdtrc(len(seen) - 1, square))
    return SampleRatio(tuple(int(c) for c in seen), tuple(float(d) for d in due), square, p)
