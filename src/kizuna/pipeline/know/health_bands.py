"""From which health a customer is in which band: set by people, or else the usual bands.

A contract that lasts is the rule, a shop's customer who buys again within the horizon is not: so
the same health means something else for the two, and their bands begin elsewhere.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from kizuna.clv.data import FloatArray
from kizuna.experience.health import BANDS, LIMITS, bands
from kizuna.pipeline.know.churn_data import texts
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

BY_KIND = {"contract": LIMITS, "purchase": (25.0, 50.0)}


def health_bands(own_health_bands: pa.Table, *, run: Run) -> pa.Table:
    """Give the bands that people set; the usual ones of a kind of which they set none."""
    own = own_health_bands.to_pylist()
    there = {row["kind"] for row in own}
    rows = own + [row for row in _usual() if row["kind"] not in there]
    return pa.Table.from_pylist(rows, schema=arrow_schema("health_bands"))


def _usual() -> list[dict[str, object]]:
    return [
        {"kind": kind, "band": band, "from_health": start}
        for kind, limits in BY_KIND.items()
        for band, start in zip(BANDS, (0.0, *limits), strict=True)
    ]


def band_names(health_bands: pa.Table, kind: str, score: FloatArray) -> pa.Array:
    """Name the band of each score; empty where the score is not known."""
    own = health_bands.filter(pc.field("kind") == kind).sort_by("from_health")
    names = [*own["band"].to_pylist(), None]
    limits = tuple(own["from_health"].to_pylist()[1:])
    return texts(names, bands(score, limits) % len(names))
