"""Health beyond a run: what each publication told is kept, and changed terms are tried first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from kizuna.clv.data import FloatArray
from kizuna.experience.scorecard import Card
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.health_tables import GROUPS
from kizuna.pipeline.know.churn_data import Facts
from kizuna.pipeline.know.health_by_band import health_by_band
from kizuna.pipeline.know.health_data import by_card, card_of
from kizuna.pipeline.know.health_report import health_report
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema

type Row = dict[str, Any]
type Files = Mapping[str, Sequence[str]]

LOG, WRITER = "health_log", "health"
FEW_FILES = 40
A_POINT, FAR = 1.0, 10.0
"""A move that is worth a row; a move that is worth telling."""
SAMPLED = 20_000
"""Customers of today that a scorecard is tried on."""

_POINTS = ", ".join(f"now.health_{group}" for group in GROUPS)
CHANGED = f"""
WITH latest AS (
    SELECT * FROM (
        SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY publication DESC) AS place
        FROM {LOG}
    ) WHERE place = 1
),
now AS (
    SELECT health_scores.*, churn_scores.churn_model AS model
    FROM health_scores LEFT JOIN churn_scores USING (customer_id)
)
SELECT
    coalesce(now.customer_id, latest.customer_id) AS customer_id,
    CAST($1 AS BIGINT) AS publication, CAST($2 AS DATE) AS told_on,
    now.health, now.health_band, {_POINTS}, now.model, now.scorecard, now.scorecard_version
FROM now FULL OUTER JOIN latest ON latest.customer_id = now.customer_id
WHERE latest.customer_id IS NULL
    OR (now.health IS NULL) <> (latest.health IS NULL)
    OR abs(now.health - latest.health) >= {A_POINT}
    OR now.health_band <> latest.health_band
    OR now.model <> latest.model
    OR abs(now.scorecard - latest.scorecard) >= {A_POINT}
    OR now.scorecard_version <> latest.scorecard_version
ORDER BY customer_id"""

TESTED = "SELECT fact_panel.* FROM fact_panel SEMI JOIN churn_forecasts USING (customer_id, day)"
TODAY = f"""
SELECT * FROM fact_panel WHERE day = (SELECT max(day) FROM fact_panel)
ORDER BY hash(customer_id), customer_id LIMIT {SAMPLED}"""
NUMBER_BY_BAND = """
SELECT churn_kind AS kind, band, count(*) AS customers
FROM (
    SELECT churn_kind, (
        SELECT arg_max(band, from_health) FROM bands
        WHERE bands.kind = churn_scores.churn_kind AND bands.from_health <= health_scores.health
    ) AS band
    FROM health_scores INNER JOIN churn_scores USING (customer_id)
) GROUP BY ALL"""


@dataclass(frozen=True, slots=True)
class Tried:
    """A back-test under other terms: `health_report` and `health_by_band` as they would be."""

    report: Sequence[Row]
    by_band: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Shift:
    """What another scorecard would change for customers of today; scores are 0 to 100."""

    customers: int
    scored: int
    scored_before: int
    mean: float | None
    mean_before: float | None
    rising: int
    falling: int


def keep(store: Store, files: Files, *, number: int, told_on: date) -> int:
    """Keep what a publication told of whoever moved; once, however often it is called."""
    if store.batch_of(LOG, WRITER) >= number:
        return 0
    with Engine(threads=2) as engine:
        _register(engine, files, "health_scores", "churn_scores")
        _register(engine, {LOG: store.files(LOG) if LOG in store.names() else ()}, LOG)
        rows = engine.query(CHANGED, [number, told_on]).cast(arrow_schema(LOG))
    store.append_once(LOG, rows, writer=WRITER, number=number)
    if len(store.files(LOG)) > FEW_FILES:
        store.compact(LOG, by="customer_id")
    return int(rows.num_rows)


def tried(files: Files, *, scorecards: pa.Table, bands: pa.Table) -> Tried:
    """Test health on the days kept back with this scorecard and these bands."""
    with Engine(threads=2) as engine:
        _register(engine, files, "fact_panel", "churn_forecasts", "churn_report")
        forecasts, report = engine.table("churn_forecasts"), engine.table("churn_report")
        panel = engine.query(TESTED)
    given, run = (forecasts, report, panel, scorecards), Run(as_of=date.min)
    return Tried(
        health_report(*given, run=run).to_pylist(),
        health_by_band(*given, bands, run=run).to_pylist(),
    )


def shift(files: Files, *, scorecards: pa.Table, card: Card) -> Shift:
    """Score customers of today by the scorecard in use and by another one."""
    with Engine(threads=2) as engine:
        _register(engine, files, "fact_panel")
        rows = engine.query(TODAY)
    values = Facts.of(rows, rows).all() if rows.num_rows else np.empty((0, 0))
    if not len(values):
        return Shift(0, 0, 0, None, None, 0, 0)
    before, after = by_card(card_of(scorecards)[1], values), by_card(card, values)
    moved = after - before
    return Shift(
        customers=len(values),
        scored=int(np.isfinite(after).sum()),
        scored_before=int(np.isfinite(before).sum()),
        mean=_mean(after),
        mean_before=_mean(before),
        rising=int((moved >= FAR).sum()),
        falling=int((moved <= -FAR).sum()),
    )


def by_band(files: Files, bands: pa.Table) -> list[Row]:
    """Count the customers of today in each band."""
    with Engine(threads=2) as engine:
        _register(engine, files, "health_scores", "churn_scores")
        engine.register("bands", bands)
        found: list[Row] = engine.query(NUMBER_BY_BAND).to_pylist()
        return found


def _mean(scores: FloatArray) -> float | None:
    known = scores[np.isfinite(scores)]
    return float(known.mean()) if len(known) else None


def _register(engine: Engine, files: Files, *names: str) -> None:
    """Make tables readable by their files; one without any is empty."""
    for name in names:
        if files.get(name):
            engine.register_parquet(name, files[name])
        else:
            engine.register(name, arrow_schema(name).empty_table())
