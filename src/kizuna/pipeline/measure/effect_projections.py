"""What an effect so far may come to in a year: a projection, kept apart from what was measured."""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa

from kizuna.experiments.effect import Effect
from kizuna.experiments.projection import Factor, projected
from kizuna.pipeline.measure.sums import Row, looked_at, of_all
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

LATE = 365


def effect_projections(effects: pa.Table, experiments: pa.Table, *, run: Run) -> pa.Table:
    """Project each action that has no year yet, by what others of its kind came to."""
    about = {row["experiment_id"]: row for row in experiments.to_pylist()}
    looks: dict[str, dict[int, Row]] = defaultdict(dict)
    for row in of_all(effects, about):
        if looked_at(row) and row["horizon_days"] > 0:
            looks[row["experiment_id"]][row["horizon_days"]] = row
    rows = [
        _row(mine[max(mine)], _completed(looks, about, experiment, max(mine)))
        for experiment, mine in sorted(looks.items())
        if LATE not in mine
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema("effect_projections"))


def _completed(
    looks: dict[str, dict[int, Row]], about: dict[str, Row], experiment: str, early: int
) -> list[tuple[float, float]]:
    """Give early and late effects of the other actions of its kind that have both."""
    kind = about[experiment]["kind"]
    return [
        (other[early]["effect"], other[LATE]["effect"])
        for name, other in sorted(looks.items())
        if about[name]["kind"] == kind and early in other and LATE in other
    ]


def _row(row: Row, completed: list[tuple[float, float]]) -> Row:
    kept = {name: row[name] for name in ("experiment_id", "arm", "horizon_days")}
    factor = Factor.learned([early for early, _ in completed], [late for _, late in completed])
    seen = Effect(row["treated"], row["control"], row["effect"], 0.0, row["error"], 0.0)
    found = projected(seen, factor)
    if factor is None or found is None:
        return kept | {"holdouts": len(completed)}
    kept |= {"holdouts": factor.holdouts, "factor": factor.ratio, "factor_error": factor.error}
    bounds = {"projected_low": found.low, "projected_high": found.high}
    return kept | bounds | {"projected": found.estimate}
