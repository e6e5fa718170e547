"""Health of each customer, learned, with the points of each group; beside it the scorecard."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from kizuna.clv.data import FloatArray
from kizuna.experience.churn import ChurnModel
from kizuna.pipeline.know.churn_data import Facts, Panel, baseline_again
from kizuna.pipeline.know.health_bands import band_names
from kizuna.pipeline.know.health_data import (
    by_card,
    card_of,
    columns_of,
    groups_of,
    health_of,
    known_share,
    moment_of,
)
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema


def health_scores(
    churn_panel: pa.Table,
    fact_panel: pa.Table,
    churn_model: pa.Table,
    clv_model: pa.Table,
    health_bands: pa.Table,
    scorecards: pa.Table,
    *,
    run: Run,
) -> pa.Table:
    """Turn the probability of leaving around, and share it out; no row where there is no model.

    It is that of leaving at the next time at which the customer can: within the horizon, or, whom
    terms hold for longer, at their end.
    """
    schema, facts = arrow_schema("health_scores"), Facts.of(churn_panel, fact_panel)
    version, card = card_of(scorecards)
    parts: list[pa.Table] = []
    for row in churn_model.to_pylist():
        model, kind = ChurnModel.from_json(row["parameters"]), row["kind"]
        baseline, groups = baseline_again(row, clv_model, run), groups_of(kind)
        for batch in Panel.of(churn_panel, kind).now(run).batches():
            values = facts.matrix(batch)
            told = health_of(batch, model, values, baseline(batch), groups)
            found = told.health
            part: dict[str, Any] = {"customer_id": churn_panel["customer_id"].take(batch.row)}
            part |= columns_of(found, band_names(health_bands, kind, found.health))
            part |= moment_of(told)
            part["health_usual"] = np.full(len(batch), found.usual)
            part["health_known"] = known_share(values, groups)
            part |= _carded(by_card(card, values), version)
            parts.append(pa.table(part).select(schema.names).cast(schema))
    return pa.concat_tables(parts) if parts else schema.empty_table()


def _carded(score: FloatArray, version: int) -> dict[str, Any]:
    versions = pa.array(np.full(len(score), version, np.int32), mask=~np.isfinite(score))
    return {"scorecard": pa.array(score, from_pandas=True), "scorecard_version": versions}
