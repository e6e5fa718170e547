"""How the repeat purchases of a new customer add up, month by month; see `what_if`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from kizuna.clv.loss import new_purchases
from kizuna.pipeline.know.clv_scores import model_of
from kizuna.pipeline.know.what_if import DAYS_PER_MONTH, DRAWS, LOSSES, draws_of, rival_of
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

MONTHS = 36


def what_if_months(clv_model: pa.Table, clv_rivals: pa.Table, *, run: Run) -> pa.Table:
    """Follow a new customer for 36 months; no row where there is no model."""
    schema = arrow_schema("what_if_months")
    models = {row["role"]: row for row in clv_model.to_pylist()}
    if "purchases" not in models:
        return schema.empty_table()
    row = models["purchases"]
    rivals = [rival_of(rival) for rival in clv_rivals.to_pylist()]
    told = [model_of(row), draws_of(row, run), *rivals]
    months = np.arange(1, MONTHS + 1)
    times = (months * DAYS_PER_MONTH / run.days_per_period).tolist()
    bought = [
        np.vstack([np.atleast_2d(new_purchases(m, times, loss=loss)) for m in told])
        for loss in LOSSES
    ]
    grid = np.meshgrid(np.arange(1 + DRAWS + len(rivals)), LOSSES, months, indexing="ij")
    columns = [*(axis.ravel() for axis in grid), np.stack(bought, axis=1).ravel()]
    return pa.table(dict(zip(schema.names, columns, strict=True))).cast(schema)
