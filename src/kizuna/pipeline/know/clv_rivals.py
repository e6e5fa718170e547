"""The purchase models that were not chosen, fitted too: how far models disagree is an error."""

from __future__ import annotations

import pyarrow as pa

from kizuna.pipeline.know.clv_model import MODEL_TYPES, fit_row
from kizuna.pipeline.know.clv_scores import data_of
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

FITTED_ROWS = 50_000
"""Customers that rivals are fitted to; of more, every k-th is taken."""


def clv_rivals(clv_inputs: pa.Table, clv_model: pa.Table, *, run: Run) -> pa.Table:
    """Fit each model that is not in use, on the calendar; no row where none is in use."""
    used = {row["name"] for row in clv_model.to_pylist() if row["role"] == "purchases"}
    names = [name for name in MODEL_TYPES if used and name not in used]
    purchases, _spend = data_of(clv_inputs, run)
    few = purchases.take(slice(None, None, max(1, len(purchases) // FITTED_ROWS)))
    fits = [fit_row(name, name, MODEL_TYPES[name].fit(few)) for name in names]
    wanted = arrow_schema("clv_rivals")
    rows = [{column: fit[column] for column in wanted.names} for fit in fits]
    return pa.Table.from_pylist(rows, schema=wanted)
