"""How likely each customer is to leave within the horizon, with its 90 % interval."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from kizuna.experience.churn import ChurnModel
from kizuna.pipeline.know.churn_data import Facts, Panel, named_again, texts
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema


def churn_scores(
    churn_panel: pa.Table,
    fact_panel: pa.Table,
    churn_model: pa.Table,
    clv_model: pa.Table,
    *,
    run: Run,
) -> pa.Table:
    """Score everybody on the last day; no row where there is no model."""
    schema, facts = arrow_schema("churn_scores"), Facts.of(churn_panel, fact_panel)
    parts = []
    for row in churn_model.to_pylist():
        model = ChurnModel.from_json(row["parameters"])
        baseline = named_again(row, clv_model, run)
        for batch in Panel.of(churn_panel, row["kind"]).now(run).batches():
            found = model.predict(
                facts.matrix(batch), baseline.forecast(batch), baseline.own(batch, model.used)
            )
            bounds = (found.probability, found.low, found.high)
            certain = [np.where(batch.notice, 1.0, values) for values in bounds]
            alike = np.zeros(len(batch), np.int32)
            part = {
                "customer_id": churn_panel["customer_id"].take(batch.row),
                "churn_probability": certain[0],
                "churn_low": certain[1],
                "churn_high": certain[2],
                "churn_horizon_days": batch.horizon.astype(np.int32),
                "churn_kind": texts([row["kind"]], alike),
                "churn_model": texts([model.used, "notice"], batch.notice.astype(np.int32)),
            }
            parts.append(pa.table(part, schema=schema))
    return pa.concat_tables(parts) if parts else schema.empty_table()
