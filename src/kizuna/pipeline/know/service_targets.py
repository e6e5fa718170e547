"""How soon customers are promised an answer and a solution: set by the company, or else preset."""

from __future__ import annotations

import pyarrow as pa

from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

HOUR = 60


def service_targets(
    own_service_targets: pa.Table, service_calendars: pa.Table, *, run: Run
) -> pa.Table:
    """Give the company's promises; where it has none, a preset: nobody was promised it."""
    rows = [row | {"preset": False} for row in own_service_targets.to_pylist()]
    preset = {
        "policy": "usual",
        "position": 1,
        "channel": None,
        "calendar": service_calendars["calendar"][0].as_py(),
        "first_response_minutes": 8 * HOUR,
        "resolution_minutes": 24 * HOUR,
        "preset": True,
    }
    return pa.Table.from_pylist(rows or [preset], schema=arrow_schema("service_targets"))
