"""What choosing would have earned of those whom chance had placed, against what is done today."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from kizuna.experiments.allocation import Choice
from kizuna.experiments.interval import Interval
from kizuna.experiments.policy import Trial, foretold
from kizuna.experiments.uplift import FOLDS, Uplift
from kizuna.pipeline.measure.randomised import Randomised, Row, randomised
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema


def choice_values(
    choice_facts: pa.Table,
    experiment_units: pa.Table,
    assignments: pa.Table,
    experiments: pa.Table,
    uplift_models: pa.Table,
    *,
    run: Run,
) -> pa.Table:
    """Value each action's choice by AIPW, on rows that it was not learned from."""
    states = zip(
        *(uplift_models[name].to_pylist() for name in ("experiment_id", "state")), strict=True
    )
    told = {experiment for experiment, state in states if state in {"learned", "average"}}
    found = randomised(choice_facts, experiment_units, assignments, experiments)
    rows = [_value(units) for units in found if units.about["experiment_id"] in told]
    return pa.Table.from_pylist(rows, schema=arrow_schema("choice_values"))


def _value(units: Randomised) -> Row:
    chosen, outcome = _choices(units), units.y - units.spent
    taken = units.w.astype(np.intp)
    chances = np.column_stack([1.0 - units.p, units.p])
    trial = Trial(taken, outcome, chances, foretold(units.facts, taken, outcome, 1))
    row = {"experiment_id": units.about["experiment_id"], "units": len(outcome)}
    over_all = trial.gain(chosen, np.ones_like(chosen))
    over_none = trial.gain(chosen, np.zeros_like(chosen))
    found = row | {"chosen": float(chosen.mean())}
    return found | _ends("over_all", over_all) | _ends("over_none", over_none)


def _choices(units: Randomised) -> Choice:
    """Treat whom the action moves by more than it costs, as learned from the other rows."""
    fold, chosen = np.arange(len(units.y)) % FOLDS, np.zeros(len(units.y), np.intp)
    for k in range(FOLDS):
        out = fold == k
        model = Uplift.fit(units.facts[~out], units.w[~out], units.y[~out], units.p[~out])
        chosen[out] = model.effect(units.facts[out]) > units.cost
    return chosen


def _ends(name: str, found: Interval) -> Row:
    return {name: found.estimate, f"{name}_low": found.low, f"{name}_high": found.high}
