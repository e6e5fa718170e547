"""Back-test of health: the learned one and the scorecard, on the same customers and days."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pyarrow as pa

from kizuna.experience.calibration import calibration
from kizuna.pipeline.know.health_tested import Tested, tested
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

KEPT = ("auc", "brier", "brier_of_rate", "slope", "ece")


def health_report(
    churn_forecasts: pa.Table,
    churn_report: pa.Table,
    fact_panel: pa.Table,
    scorecards: pa.Table,
    *,
    run: Run,
) -> pa.Table:
    """Score both as probabilities of staying; no row where nothing was tested."""
    found = tested(churn_forecasts, churn_report, fact_panel, scorecards)
    return pa.Table.from_pylist([_row(t) for t in found], schema=arrow_schema("health_report"))


def _row(found: Tested) -> dict[str, Any]:
    scores = asdict(calibration(1.0 - found.health / 100.0, found.left))
    return {
        "kind": found.kind,
        "score": found.score,
        "tested": scores["rows"],
        "lost": scores["events"],
    } | {name: scores[name] for name in KEPT}
