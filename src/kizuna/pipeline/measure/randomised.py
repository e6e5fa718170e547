"""The rows of an action from which is learned whom it moves: placed by chance, days over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kizuna.experiments.assignment import CONTROL
from kizuna.experiments.interval import FloatArray
from kizuna.pipeline.choice_tables import FACTS
from kizuna.pipeline.experiment_tables import GLOBAL_KIND

FEWEST: Final = 200
"""Units in each arm; with fewer nothing is learned of an action."""
MOST_ROWS: Final = 100_000
HORIZONS: Final = (28, 90, 180, 365)
TOLD: Final = ("horizon_days", "arm", "contaminated", "outcome", "cost")

type Row = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Randomised:
    """Units of one action, in an order that has nothing to do with them.

    Attributes
    ----------
    about : the experiment's row.
    horizon : days that are counted.
    treated, control : units in each arm, before any were left out for their number.
    facts : shape (units, facts); w : treated; y : margin; spent : on the unit; p : chance of w.

    """

    about: Row
    horizon: int
    treated: int
    control: int
    facts: FloatArray
    w: NDArray[np.bool_]
    y: FloatArray
    spent: FloatArray
    p: FloatArray

    @property
    def enough(self) -> bool:
        """Whether both arms have units enough to learn from."""
        return min(self.treated, self.control) >= FEWEST and bool(
            ((self.p > 0) & (self.p < 1)).all()
        )

    @property
    def cost(self) -> float:
        """Spent on a unit treated."""
        return float(self.spent[self.w].mean()) if self.w.any() else 0.0


def randomised(
    choice_facts: pa.Table, experiment_units: pa.Table, assignments: pa.Table, experiments: pa.Table
) -> Iterator[Randomised]:
    """Give each action's units with what was known of them, in the order of the experiments."""
    chances = assignments.group_by(["experiment_id", "unit_id"]).aggregate([("holdout", "min")])
    keys = ["experiment_id", "unit_id"]
    units = experiment_units.select([*keys, *TOLD])
    rows = units.join(chances, keys, join_type="inner").join(choice_facts, keys, join_type="inner")
    for about in sorted(experiments.to_pylist(), key=lambda row: str(row["experiment_id"])):
        if about["kind"] != GLOBAL_KIND:
            yield _of(rows, about)


def horizon_of(about: Row) -> int:
    """Give the longest of the horizons that are counted, up to the one it is judged at."""
    return max((days for days in HORIZONS if days <= about["horizon_days"]), default=HORIZONS[0])


def _of(rows: pa.Table, about: Row) -> Randomised:
    horizon = horizon_of(about)
    mine = pa.compute.and_(
        pa.compute.equal(rows["experiment_id"], about["experiment_id"]),
        pa.compute.and_(
            pa.compute.equal(rows["horizon_days"], horizon), pa.compute.invert(rows["contaminated"])
        ),
    )
    found = rows.filter(mine).sort_by("unit_id")
    w = np.array([arm != CONTROL for arm in found["arm"].to_pylist()], np.bool_)
    some = np.random.default_rng(0).permutation(len(w))[:MOST_ROWS]
    facts = np.column_stack([numbers(found, name)[some] for name in FACTS])
    chance = 1.0 - numbers(found, "holdout_min")[some]
    y, spent = numbers(found, "outcome")[some], numbers(found, "cost")[some]
    counts = int(w.sum()), int((~w).sum())
    return Randomised(about, horizon, *counts, facts, w[some], y, spent, chance)


def numbers(table: pa.Table, name: str) -> FloatArray:
    """Give a column as numbers; what is not known is NaN."""
    column = table[name].combine_chunks().cast(pa.float64())
    return np.asarray(column.to_numpy(zero_copy_only=False), np.float64)
