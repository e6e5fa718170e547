"""Both kinds of health of the customers and days that were kept back, and what came of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kizuna.clv.data import FloatArray
from kizuna.experience.bound import FACT
from kizuna.pipeline.churn_tables import KINDS, RENEWAL
from kizuna.pipeline.know.churn_data import Facts, Mask, fact_names
from kizuna.pipeline.know.health_data import by_card, card_of


@dataclass(frozen=True, slots=True, eq=False)
class Tested:
    """One kind of customer by one kind of health: scores 0 to 100, and who left.

    `renewal` is the learned health of those whom terms hold beyond the horizon, tested on what they
    did at the end of these terms; of the others it is `learned`.
    """

    kind: str
    score: str
    health: FloatArray
    left: Mask


def tested(
    churn_forecasts: pa.Table, churn_report: pa.Table, fact_panel: pa.Table, scorecards: pa.Table
) -> Iterator[Tested]:
    """Give the learned health, and the scorecard's where it has a score, on the same days."""
    used = {row["kind"]: row for row in churn_report.to_pylist() if row["used"]}
    for kind in [kind for kind in KINDS if kind in used]:
        rows = _forecast(churn_forecasts, kind, used[kind]["model"])
        if not rows.num_rows:
            continue
        later = _forecast(churn_forecasts, kind, RENEWAL)
        values = Facts.of(rows, fact_panel).all()
        there = ~_held(values, used[kind]) if later.num_rows else np.ones(len(values), bool)
        health, left = _health(rows)
        yield Tested(kind, "learned", health[there], left[there])
        carded = by_card(card_of(scorecards)[1], values)
        known = np.isfinite(carded) & there
        if known.any():
            yield Tested(kind, "scorecard", carded[known], left[known])
        if later.num_rows:
            yield Tested(kind, RENEWAL, *_health(later))


def _forecast(forecasts: pa.Table, kind: str, model: str) -> pa.Table:
    return forecasts.filter((pc.field("kind") == kind) & (pc.field("model") == model))


def _health(rows: pa.Table) -> tuple[FloatArray, Mask]:
    left = np.asarray(rows["has_left"].to_numpy(zero_copy_only=False), bool)
    return 100.0 * (1.0 - np.asarray(rows["probability"].to_numpy(), np.float64)), left


def _held(values: FloatArray, used: dict[str, Any]) -> Mask:
    days = values[:, fact_names().index(FACT)]
    held: Mask = np.nan_to_num(days, nan=0.0) >= used["horizon_days"]
    return held
