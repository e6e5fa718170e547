"""Histories cut at a day: what was known up to it, and what the same customers did next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa

from kizuna.clv.back_test import Cut
from kizuna.clv.data import FloatArray, Purchases, Spend
from kizuna.clv.fitting import Fit
from kizuna.clv.models import GammaGamma
from kizuna.clv.value import fit_spend
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.know.clv_model import repeat_ages
from kizuna.pipeline.run import Run, discover, execute, select

STEPS = ("order_history", "purchases", "spend", "future_purchases", "cohort_days")
DAYS = ("purchase_days", "returns")
"""Tables that hold for every cut; made once."""

SAMPLED_CUSTOMERS = 100_000
"""Customers that cut-offs before the holdout are studied on; of more, a share by hash."""

PATTERNS = """
SELECT p.frequency, p.recency, p.age, f.purchases AS actual, count(*) AS customers
FROM purchases AS p INNER JOIN future_purchases AS f ON p.customer_id = f.customer_id
GROUP BY p.frequency, p.recency, p.age, f.purchases
ORDER BY p.frequency, p.recency, p.age, f.purchases"""

CUSTOMERS = """
SELECT p.frequency, p.recency, p.age, f.purchases AS actual, 1 AS customers,
    greatest(coalesce(s.mean_spend, 0), 0) AS mean_spend, s.historical_value,
    f.amount AS actual_spend
FROM purchases AS p
INNER JOIN future_purchases AS f ON p.customer_id = f.customer_id
INNER JOIN spend AS s ON p.customer_id = s.customer_id
ORDER BY p.customer_id"""


@dataclass(frozen=True, slots=True, eq=False)
class SpendingCut:
    """A cut of all customers with their spend before it, and the spend model fitted to that."""

    cut: Cut
    spend: Spend
    spend_fit: Fit[GammaGamma] | None


def cut_with_spend(engine: Engine, run: Run, last_day: date, until: date) -> SpendingCut:
    """Cut all customers at a day, with what they spent before and after it.

    Leaves the tables of the cut in the engine; `purchase_days` must be there already.
    """
    cut_run = _execute(engine, run, last_day, until)
    rows = engine.query(CUSTOMERS)
    unit = run.minor_units
    spend = Spend(_column(rows, "frequency"), _column(rows, "mean_spend") / unit)
    fit = fit_spend(spend) if spend.x.any() else None
    found = replace(
        _cut(engine, rows, cut_run),
        past_spend=np.maximum(_column(rows, "historical_value"), 0.0) / unit,
        order_value=fit.model.expected_spend(spend) if fit else None,
        actual_spend=_column(rows, "actual_spend") / unit,
    )
    return SpendingCut(found, spend, fit)


def cut(engine: Engine, run: Run, last_day: date, until: date) -> Cut:
    """Cut customers at a day, as patterns; see `cut_with_spend` for what the engine needs."""
    cut_run = _execute(engine, run, last_day, until)
    return _cut(engine, engine.query(PATTERNS), cut_run)


def sampled(engine: Engine, most: int = SAMPLED_CUSTOMERS) -> Engine:
    """Give an engine with the purchase days of at most about so many customers."""
    count = "SELECT approx_count_distinct(customer_id) AS n FROM purchase_days"
    share = int(engine.query(count)["n"][0].as_py() // most) + 1
    part = Engine()
    for name in DAYS:
        part.register(
            name, engine.query(f"SELECT * FROM {name} WHERE hash(customer_id) % {share} = 0")
        )
    return part


def _execute(engine: Engine, run: Run, last_day: date, until: date) -> Run:
    cut_run = replace(run, as_of=last_day, until=until)
    execute(select(discover("know"), *STEPS, given=DAYS), engine, cut_run)
    return cut_run


def _cut(engine: Engine, rows: pa.Table, run: Run) -> Cut:
    assert run.until is not None
    columns = (_column(rows, name) for name in ("frequency", "recency", "age", "customers"))
    ages = repeat_ages(engine.table("cohort_days", order_by=("first_purchase", "day")), run)
    horizon = (run.until - run.as_of).days / run.days_per_period
    return Cut(Purchases(*columns), _column(rows, "actual"), horizon, ages)


def _column(table: pa.Table, name: str) -> FloatArray:
    return np.asarray(table[name].to_numpy(), np.float64)
