"""Margin by score, what else was known held alike: the picture of an association."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa

from kizuna.experiments.interval import Interval
from kizuna.pipeline.experience_tables import HORIZONS, SCORES
from kizuna.pipeline.measure.experience_fit import Fit, fit, rows_of
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

BINS: Final = 10


def experience_bins(experience_points: pa.Table, *, run: Run) -> pa.Table:
    """Part the rows by score into parts of about the same size."""
    rows: list[dict[str, Any]] = []
    for score in SCORES:
        for horizon in HORIZONS:
            found = fit(rows_of(experience_points, score, horizon), score, horizon)
            if found is not None:
                rows += [{"score": score, "horizon_days": horizon} | bin_ for bin_ in _bins(found)]
    return pa.Table.from_pylist(rows, schema=arrow_schema("experience_bins"))


def _bins(found: Fit) -> list[dict[str, Any]]:
    """Equal scores fall into one bin; errors are by customer."""
    edges = np.unique(np.quantile(found.score, np.arange(1, BINS) / BINS))
    places = np.searchsorted(edges, found.score, side="left")
    told = [_bin(found, places == place) for place in np.unique(places)]
    return [{"bin": number} | row for number, row in enumerate(told, 1)]


def _bin(found: Fit, mine: Any) -> dict[str, Any]:
    margin, customer = found.adjusted[mine], found.customer[mine]
    mean, n = float(margin.mean()), len(margin)
    sums = np.bincount(customer, margin - mean)
    around = Interval.around(mean, float(np.sqrt(sums @ sums)) / n)
    row = {"points": n, "mean_score": float(found.score[mine].mean()), "margin": mean}
    return row | {"margin_low": around.low, "margin_high": around.high}
