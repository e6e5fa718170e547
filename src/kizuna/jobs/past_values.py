"""What customers were worth on past days: by the model of today, from what they had bought by then.

The model has learnt from these days too. It has a few numbers for everybody, so that this makes it
look hardly better than it would have been; whoever reads of it is told all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import pyarrow as pa

from kizuna.clv.value import residual_clv
from kizuna.jobs.past_purchases import TABLE as BOUGHT
from kizuna.pipeline.engine import Engine, identifier
from kizuna.pipeline.know.clv_model import fit_of
from kizuna.pipeline.know.clv_scores import data_of, model_of, terms_of
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.store import Store

TABLE, MODEL = "past_values", "clv_model"
FACTS = ("p_alive", "expected_purchases", "expected_spend", "residual_clv", "value_at_risk")
BATCH = 200_000
_HISTORIES = f"""
SELECT customer_id, day, frequency, mean_spend,
    date_diff('day', first_purchase, last_purchase) / {{days}}::DOUBLE AS recency,
    date_diff('day', first_purchase, day) / {{days}}::DOUBLE AS age
FROM {BOUGHT}"""


def asked(only: Collection[str], store: Store) -> Sequence[str]:
    """Name the facts of these that are told here; none where there is no model."""
    wanted = [name for name in FACTS if name in only]
    if not wanted or MODEL not in store.names():
        return []
    with Engine(threads=1) as engine:
        store.register(engine, MODEL)
        roles = set(engine.table(MODEL)["role"].to_pylist())
    return wanted if {"purchases", "spend"} <= roles else []


def beside(engine: Engine, store: Store, told: str, names: Sequence[str], run: Run) -> str:
    """SQL: what is told of customers and days, with what they were worth then."""
    store.register(engine, MODEL)
    models = engine.table(MODEL)
    histories = engine.query(_HISTORIES.format(days=run.days_per_period))
    engine.register(TABLE, pa.concat_tables(_valued(histories, models, run)))
    columns = ", ".join(f"v.{identifier(name)}" for name in names)
    return (
        f"SELECT t.*, {columns} FROM ({told}) AS t "
        f"LEFT JOIN {TABLE} AS v ON t.customer_id = v.customer_id AND t.day = v.day"
    )


def _valued(histories: pa.Table, models: pa.Table, run: Run) -> Iterator[pa.Table]:
    rows = {row["role"]: row for row in models.to_pylist()}
    purchase, spend = model_of(rows["purchases"]), fit_of(rows["spend"]).model
    for start in range(0, max(histories.num_rows, 1), BATCH):
        part = histories.slice(start, BATCH)
        value = residual_clv(purchase, spend, *data_of(part, run), **terms_of(run))
        worth = value.clv * run.minor_units
        yield pa.table(
            {
                "customer_id": part["customer_id"],
                "day": part["day"],
                "p_alive": value.p_alive,
                "expected_purchases": value.expected_purchases,
                "expected_spend": value.expected_spend * run.minor_units,
                "residual_clv": worth,
                "value_at_risk": (1.0 - value.p_alive) * worth,
            }
        )
