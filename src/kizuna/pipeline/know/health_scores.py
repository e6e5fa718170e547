"""Health of each customer, learned, with the points of each group; beside it the scorecard."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from kizuna.clv.data import FloatArray
from kizuna.experience.churn import ChurnModel
from kizuna.experience.health import Health, health
from kizuna.pipeline.health_tables import GROUPS
from kizuna.pipeline.know.churn_data import Facts, Panel, baseline_again
from kizuna.pipeline.know.health_bands import band_names
from kizuna.pipeline.know.health_data import by_card, card_of, groups_of, known_share
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
    """Turn the probability of leaving around, and share it out; no row where there is no model."""
    schema, facts = arrow_schema("health_scores"), Facts.of(churn_panel, fact_panel)
    version, card = card_of(scorecards)
    parts = []
    for row in churn_model.to_pylist():
        model, kind = ChurnModel.from_json(row["parameters"]), row["kind"]
        baseline, groups = baseline_again(row, clv_model, run), groups_of(kind)
        for batch in Panel.of(churn_panel, kind).now(run).batches():
            values = facts.matrix(batch)
            effects = model.effects(values, baseline(batch))
            found = _noticed(health(effects, model.usual, groups, len(GROUPS)), batch)
            part = {"customer_id": churn_panel["customer_id"].take(batch.row)}
            part |= _columns(found, band_names(health_bands, kind, found.health))
            part["health_known"] = known_share(values, groups)
            part |= _carded(by_card(card, values), version)
            parts.append(pa.table(part).select(schema.names).cast(schema))
    return pa.concat_tables(parts) if parts else schema.empty_table()


def _noticed(found: Health, batch: Panel) -> Health:
    """Who has given notice has no health left: the relation has ended it."""
    score, points = found.health.copy(), found.points.copy()
    score[batch.notice] = 0.0
    points[batch.notice] = 0.0
    points[batch.notice, GROUPS.index("relation")] = -found.usual
    return Health(score, found.usual, points)


def _columns(found: Health, names: list[str | None]) -> dict[str, Any]:
    plain = {
        "health": found.health,
        "health_band": names,
        "health_usual": np.full(len(names), found.usual),
    }
    return plain | {f"health_{g}": found.points[:, k] for k, g in enumerate(GROUPS)}


def _carded(score: FloatArray, version: int) -> dict[str, Any]:
    versions = pa.array(np.full(len(score), version, np.int32), mask=~np.isfinite(score))
    return {"scorecard": pa.array(score, from_pandas=True), "scorecard_version": versions}
