"""How far ahead leaving is looked for; to use other lengths, put another table in its place."""

from __future__ import annotations

import pyarrow as pa

from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

DAYS = {"contract": 90, "purchase": 180}


def churn_terms(*, run: Run) -> pa.Table:
    """Give the usual lengths."""
    rows = [{"kind": kind, "horizon_days": days} for kind, days in DAYS.items()]
    return pa.Table.from_pylist(rows, schema=arrow_schema("churn_terms"))
