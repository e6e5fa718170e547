"""How an effect grows with the days since eligibility: a picture in progress, without a verdict.

At each day all units count that have come so far. Bounds are those of a sequence, which hold at all
looks together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from kizuna.experiments.assignment import CONTROL
from kizuna.experiments.effect import stratified
from kizuna.experiments.moments import Moments
from kizuna.experiments.sequential import Sequence
from kizuna.pipeline.measure.sums import Pairs, Row, contrasts_of, is_of, ratio_of, usable
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

NAMES = (
    *("units", "outcome", "predicted"),
    *("outcome_outcome", "outcome_predicted", "predicted_predicted"),
)

DAYS = (*range(1, 29), *range(35, 365, 7))
"""The ends of the buckets: days up to the 28th, weeks from then on."""
FEWEST = 0.1
"""Share of the units that must have come to a day; the curve of fewer is noise."""


def effect_days(
    effect_day_sums: pa.Table, experiment_counts: pa.Table, experiments: pa.Table, *, run: Run
) -> pa.Table:
    """Compare the arms of each experiment at each day that units of both have come to."""
    planned = {row["experiment_id"]: row["planned_units"] for row in experiments.to_pylist()}
    counts = {row["experiment_id"]: row for row in experiment_counts.to_pylist()}
    cells: dict[str, list[Row]] = defaultdict(list)
    for row in effect_day_sums.to_pylist():
        cells[row["experiment_id"]].append(row)
    rows = [
        {"experiment_id": experiment, "arm": arm, **point}
        for experiment, sums in sorted(cells.items())
        if experiment in planned and ratio_of(counts[experiment]).holds
        for arm, against in contrasts_of({row["arm"] for row in sums})
        if against == CONTROL
        for point in _curve(sums, arm, Sequence(max(planned[experiment], 1)))
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema("effect_days"))


def _curve(sums: list[Row], arm: str, sequence: Sequence) -> Iterator[Row]:
    arms = {name: _by_stratum(sums, name) for name in (arm, CONTROL)}
    at_first = _pairs(arms[arm], arms[CONTROL], DAYS[0])
    for day in DAYS:
        pairs = usable(_pairs(arms[arm], arms[CONTROL], day))
        found = stratified(pairs) if pairs else None
        if found is None or found.units < FEWEST * sum(t.n + c.n for t, c in at_first):
            return
        bounds = sequence.interval(found)
        yield {
            "day_no": day,
            "treated": found.treated,
            "control": found.control,
            "effect": found.difference,
            "effect_low": bounds.low if bounds else None,
            "effect_high": bounds.high if bounds else None,
        }


type Cells = dict[str, np.ndarray]


def _by_stratum(sums: list[Row], arm: str) -> Cells:
    """Give the rows of an arm by stratum: how far units have come, day, and the sums."""
    found: dict[str, list[list[float]]] = defaultdict(list)
    for row in sums:
        if is_of(row, arm):
            values = [row["reach_days"], row["day_no"], *(row[name] for name in NAMES)]
            found[row["stratum"]].append(values)
    return {stratum: np.array(rows, np.float64) for stratum, rows in found.items()}


def _pairs(treated: Cells, control: Cells, day: int) -> Pairs:
    both = sorted(treated.keys() & control.keys())
    return [(_until(treated[name], day), _until(control[name], day)) for name in both]


def _until(rows: np.ndarray, day: int) -> Moments:
    """Sum up units that have come to a day, over the days until then."""
    some = rows[(rows[:, 0] >= day) & (rows[:, 1] <= day)]
    n, outcome, predicted, yy, yp, pp = some[:, 2:].sum(axis=0)
    return Moments.from_sums(round(n), [outcome, predicted], [[yy, yp], [yp, pp]])
