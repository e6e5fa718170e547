"""Health on the ends of past months: the model of now, on what was known on each of these days."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from kizuna.experience.churn import ChurnModel
from kizuna.pipeline.know.churn_data import Facts, Panel, baseline_again
from kizuna.pipeline.know.health_bands import band_names
from kizuna.pipeline.know.health_data import columns_of, groups_of, health_of, left_within
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema


def health_trail(
    churn_panel: pa.Table,
    fact_panel: pa.Table,
    churn_model: pa.Table,
    clv_model: pa.Table,
    health_bands: pa.Table,
    *,
    run: Run,
) -> pa.Table:
    """Score the days before the last one; no row where there is no model of the kind."""
    schema, facts = arrow_schema("health_trail"), Facts.of(churn_panel, fact_panel)
    parts: list[pa.Table] = []
    for row in churn_model.to_pylist():
        model, kind = ChurnModel.from_json(row["parameters"]), row["kind"]
        baseline, groups = baseline_again(row, clv_model, run), groups_of(kind)
        panel = Panel.of(churn_panel, kind)
        last = panel.now(run).day.min(initial=np.inf)
        for batch in panel.take(panel.day < last).batches():
            at = health_of(batch, model, facts.matrix(batch), baseline(batch), groups)
            found = at.health
            told = churn_panel.select(["customer_id", "day"]).take(batch.row)
            part: dict[str, Any] = {name: told[name] for name in told.column_names}
            part["churn_probability"] = left_within(at, model)
            part |= columns_of(found, band_names(health_bands, kind, found.health))
            parts.append(pa.table(part).select(schema.names).cast(schema))
    return pa.concat_tables(parts) if parts else schema.empty_table()
