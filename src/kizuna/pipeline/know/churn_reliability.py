"""Forecasts of churn in bins: what was predicted, and what came of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kizuna.experience.calibration import reliability
from kizuna.pipeline.churn_tables import KINDS
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema


def churn_reliability(churn_forecasts: pa.Table, *, run: Run) -> pa.Table:
    """Part the forecasts of each rival in ten bins; no row where nothing was tested."""
    rows = [
        {"kind": kind, "model": model} | row
        for kind in KINDS
        for model in ("rate", "baseline", "learner")
        for row in _bins(
            churn_forecasts.filter((pc.field("kind") == kind) & (pc.field("model") == model))
        )
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema("churn_reliability"))


def _bins(forecasts: pa.Table) -> list[dict[str, Any]]:
    if not forecasts.num_rows:
        return []
    left = np.asarray(forecasts["has_left"].to_numpy(zero_copy_only=False), bool)
    found = reliability(forecasts["probability"].to_numpy(), left)
    return [
        {
            "bin": k,
            "rows": b.rows,
            "predicted": b.predicted,
            "observed": b.observed,
            "observed_low": b.low,
            "observed_high": b.high,
        }
        for k, b in enumerate(found, 1)
    ]
