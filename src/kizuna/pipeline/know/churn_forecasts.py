"""Forecasts for days that were kept back, by each rival, made from earlier days alone.

Beside them, as `renewal`, what was forecast of those whom their terms held, for the ends of these
terms that came after the cut.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from kizuna.clv.data import FloatArray
from kizuna.experience.churn import ChurnModel, forecasts, learner_of
from kizuna.pipeline.churn_tables import KINDS, RENEWAL
from kizuna.pipeline.know.churn_data import Facts, Named, Panel, baseline_then, days
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema


def churn_forecasts(
    churn_panel: pa.Table,
    fact_panel: pa.Table,
    contract_spells: pa.Table,
    clv_model: pa.Table,
    *,
    run: Run,
) -> pa.Table:
    """Forecast the days kept back; no row where there is too little to learn or to test."""
    schema, parts = arrow_schema("churn_forecasts"), []
    facts = Facts.of(churn_panel, fact_panel)
    for kind in KINDS:
        panel = Panel.of(churn_panel, kind).known
        earlier, later = panel.split()
        earlier = earlier.to_learn()
        cut = float(later.day.min(initial=np.inf))
        rival = baseline_then(kind, panel, contract_spells, clv_model, run, cut)
        learnt = earlier.cases(facts.learnable(earlier, later), rival.forecast(earlier), cut)
        tested = later.cases(facts.matrix(later), rival.forecast(later))
        learner = learner_of(learnt)
        for name, probability in forecasts(learnt, tested, learner).items():
            left = later.left > 0
            parts.append(_rows(churn_panel, later, name, probability, left).cast(schema))
        if learner is not None and learner.choice is not None:
            ended = _at_their_ends(panel, learner, facts, rival, (cut, days(run.as_of)))
            parts.append(_rows(churn_panel, ended[0], RENEWAL, *ended[1:]).cast(schema))
    return pa.concat_tables(parts) if parts else schema.empty_table()


def _at_their_ends(
    panel: Panel, learner: ChurnModel, facts: Facts, rival: Named, between: tuple[float, float]
) -> tuple[Panel, FloatArray, np.ndarray]:
    """Give the rows of those who were held until after the cut, what was forecast, and who left."""
    values = facts.matrix(panel)
    before, by = (panel.chosen(values, day) for day in between)
    there = learner.chooses_later(values) & np.isnan(before) & np.isfinite(by)
    rows = panel.take(there)
    found = learner.leaving_at_choice(values[there], rival.forecast(rows))
    return rows, found.probability, by[there] > 0


def _rows(
    churn_panel: pa.Table, later: Panel, name: str, probability: FloatArray, left: np.ndarray
) -> pa.Table:
    rows = churn_panel.take(later.row)
    return pa.table(
        {
            "customer_id": rows["customer_id"],
            "day": rows["day"],
            "kind": rows["kind"],
            "model": [name] * len(later),
            "probability": probability,
            "has_left": left,
            "ended_on": rows["ended_on"],
        }
    )
