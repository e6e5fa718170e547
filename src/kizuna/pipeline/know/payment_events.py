"""Which events tell of a payment, and how it came out: the packaged list, which you may edit."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import csv

from kizuna.pipeline.tables import arrow_schema

if TYPE_CHECKING:
    from kizuna.pipeline.parameters import Run


def payment_events(*, run: Run) -> pa.Table:
    """Give the packaged list; it is the same for every run."""
    return read_payments(Path(str(files(__package__) / "payment_events.csv")))


def read_payments(path: Path) -> pa.Table:
    """Read a list of names of events with 'failed' or 'paid'.

    Raises
    ------
    ValueError
        When a name stands there twice, or the outcome is another.

    """
    found = csv.read_csv(path).cast(arrow_schema("payment_events"))
    names, outcomes = found["name"].to_pylist(), set(found["outcome"].to_pylist())
    if len(set(names)) != len(names) or not outcomes <= {"failed", "paid"}:
        raise ValueError(f"{path}: each event stands once, as 'failed' or as 'paid'")
    return found
