"""What is counted at which touchpoint, a row for each name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from kizuna.pipeline.know.journey_touchpoints import names_of
from kizuna.pipeline.tables import arrow_schema

if TYPE_CHECKING:
    from kizuna.pipeline.parameters import Run


def journey_names(journey_touchpoints: pa.Table, *, run: Run) -> pa.Table:
    """Give a row for each touchpoint and name."""
    rows = [
        {"touchpoint": row["touchpoint"], "source": row["source"], "name": name}
        for row in journey_touchpoints.to_pylist()
        for name in names_of(row["names"])
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema("journey_names"))
