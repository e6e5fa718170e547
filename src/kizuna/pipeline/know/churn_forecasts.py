"""Forecasts for days that were kept back, by each rival, made from earlier days alone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from kizuna.experience.churn import forecasts
from kizuna.pipeline.churn_tables import KINDS
from kizuna.pipeline.know.churn_data import Facts, Panel, baseline_then
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
        learnt = earlier.cases(facts.learnable(earlier, later), rival.forecast(earlier))
        tested = later.cases(facts.matrix(later), rival.forecast(later))
        for name, probability in forecasts(learnt, tested).items():
            parts.append(_rows(churn_panel, later, name, probability).cast(schema))
    return pa.concat_tables(parts) if parts else schema.empty_table()


def _rows(churn_panel: pa.Table, later: Panel, name: str, probability: np.ndarray) -> pa.Table:
    rows = churn_panel.take(later.row)
    return pa.table(
        {
            "customer_id": rows["customer_id"],
            "day": rows["day"],
            "kind": rows["kind"],
            "model": [name] * len(later),
            "probability": probability,
            "has_left": rows["has_left"],
            "ended_on": rows["ended_on"],
        }
    )
