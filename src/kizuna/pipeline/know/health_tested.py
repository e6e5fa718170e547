"""Both kinds of health of the customers and days that were kept back, and what came of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kizuna.clv.data import FloatArray
from kizuna.pipeline.churn_tables import KINDS
from kizuna.pipeline.know.churn_data import Facts, Mask
from kizuna.pipeline.know.health_data import by_card, card_of


@dataclass(frozen=True, slots=True, eq=False)
class Tested:
    """One kind of customer by one kind of health: scores 0 to 100, and who left."""

    kind: str
    score: str
    health: FloatArray
    left: Mask


def tested(
    churn_forecasts: pa.Table, churn_report: pa.Table, fact_panel: pa.Table, scorecards: pa.Table
) -> Iterator[Tested]:
    """Give the learned health, and the scorecard's where it has a score, on the same days."""
    used = {row["kind"]: row["model"] for row in churn_report.to_pylist() if row["used"]}
    for kind in [kind for kind in KINDS if kind in used]:
        own = (pc.field("kind") == kind) & (pc.field("model") == used[kind])
        rows = churn_forecasts.filter(own)
        if not rows.num_rows:
            continue
        left = np.asarray(rows["has_left"].to_numpy(zero_copy_only=False), bool)
        learned = 100.0 * (1.0 - np.asarray(rows["probability"].to_numpy(), np.float64))
        yield Tested(kind, "learned", learned, left)
        carded = by_card(card_of(scorecards)[1], Facts.of(rows, fact_panel).all())
        known = np.isfinite(carded)
        if known.any():
            yield Tested(kind, "scorecard", carded[known], left[known])
