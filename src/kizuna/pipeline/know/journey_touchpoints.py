"""The designed journey: the company's own touchpoints, or a preset of `journey_touchpoints.csv`."""

from __future__ import annotations

from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv

from kizuna.pipeline.tables import arrow_schema

if TYPE_CHECKING:
    from kizuna.pipeline.parameters import Run

SOURCES = ("event", "contact", "order", "contract", "answer")
ANYTHING = "*"


def journey_touchpoints(
    own_touchpoints: pa.Table, purchases_by_day: pa.Table, *, run: Run
) -> pa.Table:
    """Give the company's own; where it has none, those of a shop, or of software without orders."""
    own = [row | {"preset": ""} for row in own_touchpoints.to_pylist()]
    rows = own or preset("shop" if purchases_by_day.num_rows else "saas")
    return pa.Table.from_pylist(rows, schema=arrow_schema("journey_touchpoints"))


def preset(name: str) -> list[dict[str, Any]]:
    """Give the packaged touchpoints of a kind of company, in their order."""
    data = files(__package__).joinpath("journey_touchpoints.csv").read_bytes()
    rows: list[dict[str, Any]] = pyarrow.csv.read_csv(BytesIO(data)).to_pylist()
    return [row for row in rows if row["preset"] == name]


def names_of(names: str) -> tuple[str, ...]:
    """Read what is counted at a touchpoint; where that is anything, nothing else is said."""
    said = dict.fromkeys(name.strip().lower() for name in names.split("|") if name.strip())
    return (ANYTHING,) if ANYTHING in said else tuple(said)
