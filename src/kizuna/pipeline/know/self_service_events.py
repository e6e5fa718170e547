"""Read `self_service_events.csv`, which may be edited."""

from __future__ import annotations

from importlib.resources import files
from io import BytesIO

import pyarrow as pa
import pyarrow.csv

from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema


def self_service_events(*, run: Run) -> pa.Table:
    """Give the packaged list."""
    data = files(__package__).joinpath("self_service_events.csv").read_bytes()
    read = pyarrow.csv.read_csv(BytesIO(data))
    return read.cast(arrow_schema("self_service_events"))
