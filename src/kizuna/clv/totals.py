"""How wrong a total can be: the model's error, measured where the future is already known.

In a total over many customers their own luck nearly cancels; what remains is that the whole shop
speeds up or slows down, which no stationary model foresees. That error is measured by forecasting,
from earlier cut-offs, what is known by now. A few back-tests know little, so they are averaged
with what back-tests on public data say of these models in general: 10 % for a horizon about as
long as the history (docs/models/choice.md), which counts as three back-tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

USUAL_ERROR = 0.10
USUAL_WEIGHT = 3


@dataclass(frozen=True, slots=True)
class PastTotal:
    """A total forecast at an earlier cut-off, and what came."""

    horizon: float
    predicted: float
    actual: float

    @property
    def log_error(self) -> float:
        """log(actual / predicted); 0 where one of them is nothing."""
        if self.predicted <= 0 or self.actual <= 0:
            return 0.0
        return float(np.log(self.actual / self.predicted))


@dataclass(frozen=True, slots=True)
class ModelError:
    """Standard error of the logarithm of a total, beyond luck and parameters.

    Attributes
    ----------
    sd : 0.10 means about 10 %.
    back_tests : on how many back-tests it rests, the general ones included: the degrees of
        freedom of Student's t for an interval.
    past : the back-tests on this very history.

    """

    sd: float
    back_tests: int
    past: tuple[PastTotal, ...] = ()


def model_error(past: Sequence[PastTotal]) -> ModelError:
    """Pool the errors of earlier forecasts with the usual error of such models."""
    known = [p for p in past if p.predicted > 0 and p.actual > 0]
    squares = sum(p.log_error**2 for p in known) + USUAL_WEIGHT * USUAL_ERROR**2
    number = len(known) + USUAL_WEIGHT
    return ModelError(float(np.sqrt(squares / number)), number, tuple(past))
