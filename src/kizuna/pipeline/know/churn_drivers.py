"""The facts that move each customer's probability of leaving at the next chance most."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kizuna.clv.data import FloatArray
from kizuna.experience.churn import BASELINE, ChurnModel
from kizuna.pipeline.know.churn_data import Facts, Panel, baseline_again, fact_names, texts
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

TOLD = 3
"""Facts told of each customer."""
LEAST = 0.05
"""Log-odds below which a fact does not move anything worth telling."""


def churn_drivers(
    churn_panel: pa.Table,
    fact_panel: pa.Table,
    churn_model: pa.Table,
    clv_model: pa.Table,
    *,
    run: Run,
) -> pa.Table:
    """Name the facts with the largest effects; none for who has given notice."""
    schema, facts = arrow_schema("churn_drivers"), Facts.of(churn_panel, fact_panel)
    parts = []
    for row in churn_model.to_pylist():
        model = ChurnModel.from_json(row["parameters"])
        baseline = baseline_again(row, clv_model, run)
        now = Panel.of(churn_panel, row["kind"]).now(run)
        open_ = now.take(~now.notice) if now.notice.any() else now
        for batch in open_.batches():
            values = facts.matrix(batch), baseline(batch)
            effects = effects_told(model, *values)
            whose = churn_panel["customer_id"].take(batch.row)
            parts.append(_told(whose, values, effects, usual_of(model)).cast(schema))
    return pa.concat_tables(parts) if parts else schema.empty_table()


def effects_told(model: ChurnModel, facts: FloatArray, baseline: FloatArray) -> FloatArray:
    """What moves the next chance to leave; that terms bind until then moves all whom they bind."""
    effects, later = model.effects_at_choice(facts, baseline), model.chooses_later(facts)
    if model.bound is not None:
        effects[later, model.bound.place] = 0.0
    return effects


def usual_of(model: ChurnModel) -> FloatArray:
    """Median of each fact among those learnt from, the baseline last; NaN where none is told."""
    usual = np.full(len(fact_names()) + 1, np.nan)
    for k, term in enumerate(model.learner.terms[:-1] if model.learner else ()):
        usual[k] = term.usual
    usual[-1] = 1.0 / (1.0 + np.exp(-model.usual))
    return usual


def _largest(size: FloatArray) -> NDArray[np.intp]:
    """Number the largest columns of each row, the largest first, of equal ones the first.

    Columns that are nowhere worth telling are left out: of many facts nobody has any.
    """
    worth = np.flatnonzero(size.max(axis=0, initial=0.0) >= LEAST)
    left = size[:, worth]
    found = np.empty((len(size), min(TOLD, len(worth))), np.intp)
    for k in range(found.shape[1]):
        found[:, k] = left.argmax(axis=1)
        left[np.arange(len(left)), found[:, k]] = -1.0
    return worth[found]


def _told(
    whose: pa.ChunkedArray,
    values: tuple[FloatArray, FloatArray],
    effects: FloatArray,
    usual: FloatArray,
) -> pa.Table:
    told = _largest(np.abs(effects))
    who = np.repeat(np.arange(len(effects)), told.shape[1])
    fact = told.ravel()
    rank = np.tile(np.arange(1, told.shape[1] + 1), len(effects))
    keep = np.abs(effects[who, fact]) >= LEAST
    who, fact, rank = who[keep], fact[keep], rank[keep]
    known, baseline = values
    last = known.shape[1]
    value = np.where(fact < last, known[who, np.minimum(fact, last - 1)], baseline[who])
    return pa.table(
        {
            "customer_id": whose.take(who),
            "rank": rank.astype(np.int32),
            "fact": texts([*fact_names(), BASELINE], fact),
            "effect": effects[who, fact],
            "value": pa.array(value, from_pandas=True),
            "usual": pa.array(usual[fact], from_pandas=True),
        }
    )
