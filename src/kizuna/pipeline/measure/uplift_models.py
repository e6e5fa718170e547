"""Whom each action moves, learned from those whom chance held out; or why that is not known."""

from __future__ import annotations

import pyarrow as pa

from kizuna.experiments.interval import Interval
from kizuna.experiments.srm import sample_ratio
from kizuna.experiments.uplift import Uplift
from kizuna.pipeline.measure.randomised import Randomised, Row, randomised
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema


def uplift_models(
    choice_facts: pa.Table,
    experiment_units: pa.Table,
    assignments: pa.Table,
    experiments: pa.Table,
    *,
    run: Run,
) -> pa.Table:
    """Learn of each action's units by how much it moves whom (DR-learner, Kennedy 2023)."""
    found = randomised(choice_facts, experiment_units, assignments, experiments)
    rows = [_learned(units) for units in found]
    return pa.Table.from_pylist(rows, schema=arrow_schema("uplift_models"))


def _learned(units: Randomised) -> Row:
    row = {"experiment_id": units.about["experiment_id"], "horizon_days": units.horizon}
    row |= {"treated": units.treated, "control": units.control}
    if not units.enough:
        return row | {"state": "few"}
    due = float((1.0 - units.p).mean()) * (units.treated + units.control)
    arms = [units.treated, units.control]
    if not sample_ratio(arms, [sum(arms) - due, due]).holds:
        return row | {"state": "mismatch"}
    model = Uplift.fit(units.facts, units.w, units.y, units.p)
    average = Interval.around(model.average, model.average_error)
    row |= {"average": average.estimate, "average_low": average.low, "average_high": average.high}
    state = "learned" if model.keep > 0 and model.differs else "average"
    return row | {"state": state, "keep": model.keep, "model": model.to_json()}
