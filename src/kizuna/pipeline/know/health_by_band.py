"""Back-test of health by band: of those in each band, how many left."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from kizuna.experience.calibration import share_interval
from kizuna.experience.health import BANDS
from kizuna.pipeline.know.health_bands import band_names
from kizuna.pipeline.know.health_tested import Tested, tested
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema


def health_by_band(
    churn_forecasts: pa.Table,
    churn_report: pa.Table,
    fact_panel: pa.Table,
    scorecards: pa.Table,
    health_bands: pa.Table,
    *,
    run: Run,
) -> pa.Table:
    """Count who left by band; a band that nobody was in has no row."""
    found = tested(churn_forecasts, churn_report, fact_panel, scorecards)
    rows = [row for t in found for row in _rows(t, health_bands)]
    return pa.Table.from_pylist(rows, schema=arrow_schema("health_by_band"))


def _rows(found: Tested, health_bands: pa.Table) -> list[dict[str, Any]]:
    names = band_names(health_bands, found.kind, found.health).to_numpy(zero_copy_only=False)
    return [_row(found, band, names == band) for band in BANDS if (names == band).any()]


def _row(found: Tested, band: str, there: np.ndarray) -> dict[str, Any]:
    rows, lost = int(there.sum()), int(found.left[there].sum())
    low, high = share_interval(lost, rows)
    return {
        "kind": found.kind,
        "score": found.score,
        "band": band,
        "customers": rows,
        "lost": lost,
        "rate": lost / rows,
        "rate_low": low,
        "rate_high": high,
    }
