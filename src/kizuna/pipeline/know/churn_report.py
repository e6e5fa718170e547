"""How each forecast of churn did on the days kept back, and which one is used."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kizuna.clv.data import FloatArray
from kizuna.experience.calibration import Calibration, excess_error, precision_at
from kizuna.experience.churn import Cases, Verdict, judge, lead_times
from kizuna.pipeline.churn_tables import KINDS, RENEWAL
from kizuna.pipeline.know.churn_data import Panel
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

FLAGGED = 0.1
"""Share of the forecasts that would be flagged: the highest."""


def churn_report(churn_panel: pa.Table, churn_forecasts: pa.Table, *, run: Run) -> pa.Table:
    """Judge the forecasts of each kind of customer; one row, untested, where there are none."""
    rows = [
        row
        for kind in KINDS
        if len(panel := Panel.of(churn_panel, kind))
        for row in _rows(kind, panel, _rivalling(churn_forecasts, kind))
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema("churn_report"))


def _rivalling(forecasts: pa.Table, kind: str) -> pa.Table:
    return forecasts.filter((pc.field("kind") == kind) & (pc.field("model") != RENEWAL))


def _rows(kind: str, panel: Panel, forecasts: pa.Table) -> list[dict[str, Any]]:
    earlier, later = panel.known.split()
    rivals = rivals_of(forecasts)
    events, whose = _bare(earlier.to_learn()).events, later.customer.astype(np.intp)
    verdict = judge(rivals, later.left > 0, events, whose)
    plain = {
        "kind": kind,
        "horizon_days": int(panel.horizon[0]),
        "reason": verdict.reason,
        "events": verdict.events,
        "needed": verdict.needed,
    }
    if not rivals:
        return [plain | {"model": verdict.used, "used": True}]
    days = pc.min_max(forecasts["day"]).as_py()
    plain |= {"tested_from": days["min"], "tested_until": days["max"]}
    return [plain | _scores(name, rivals[name], later, verdict) for name in rivals]


def rivals_of(forecasts: pa.Table) -> dict[str, FloatArray]:
    """Give the forecasts by name, each in the order of customer and day."""
    found = {}
    for name in ("rate", "baseline", "learner"):
        rows = forecasts.filter(pc.field("model") == name)
        rows = rows.sort_by([("customer_id", "ascending"), ("day", "ascending")])
        if rows.num_rows:
            found[name] = np.asarray(rows["probability"].to_numpy(), np.float64)
    return found


def _bare(panel: Panel) -> Cases:
    """Cases without facts, to count them."""
    return panel.cases(np.empty((len(panel), 0)), np.zeros(len(panel)))


def _scores(name: str, p: FloatArray, later: Panel, verdict: Verdict) -> dict[str, Any]:
    left = later.left > 0
    flagged = max(1, round(FLAGGED * len(p)))
    high = (p >= np.sort(p)[-flagged]) & (np.ptp(p) > 0)
    lead = lead_times(later.day, later.ended, later.customer, high)
    return _told(verdict.scores[name]) | {
        "model": name,
        "used": name == verdict.used,
        "off": excess_error(p, left, groups=later.customer),
        "flagged": flagged,
        "precision": precision_at(p, left, flagged),
        "lead_days": float(np.median(lead)) if len(lead) else None,
    }


def _told(score: Calibration) -> dict[str, Any]:
    values = asdict(score)
    return {"tested": values.pop("rows"), "tested_events": values.pop("events")} | values
