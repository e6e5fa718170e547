"""What is timed: each task prepares its data, then gives the call to time and what it found."""

from __future__ import annotations

import math
import shutil
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks import data

type Call = Callable[[], Mapping[str, float]]
type Found = Mapping[str, float]

WEEKS_A_MONTH = 365.25 / 12 / 7
MONTHS, MONTHLY_DISCOUNT = 12, 0.01


def fit_kizuna(model: str, n: int) -> Call:
    """Fit from one row a customer."""
    from kizuna.clv.data import Purchases

    rows, kind = data.histories(model, n), _kizuna_model(model)
    return lambda: kind.fit(Purchases(rows["x"], rows["t_x"], rows["T"])).parameters


def fit_kizuna_patterns(model: str, n: int) -> Call:
    """Fit from distinct rows and how many customers share each."""
    from kizuna.clv.data import Purchases

    rows, kind = data.patterns(model, n), _kizuna_model(model)
    return lambda: kind.fit(Purchases(**rows)).parameters


def fit_lifetimes(model: str, n: int) -> Call:
    """Fit from one row a customer."""
    return _fit_lifetimes(model, data.histories(model, n))


def fit_lifetimes_patterns(model: str, n: int) -> Call:
    """Fit from distinct rows, passed as weights."""
    return _fit_lifetimes(model, data.patterns(model, n))


def fit_pymc_marketing(model: str, n: int) -> Call:
    """Maximum a posteriori with the default priors, from one row a customer."""
    frame = _frame(data.histories(model, n))

    def call() -> Mapping[str, float]:
        found = _pymc_model(model, frame).fit_result
        return {str(name): float(found[name].mean()) for name in found.data_vars}

    return call


def clv_kizuna(model: str, n: int) -> Call:
    """CLV of every customer over twelve months."""
    from kizuna.clv.data import Purchases, Spend
    from kizuna.clv.models.gamma_gamma import GammaGamma
    from kizuna.clv.value import residual_clv

    rows = data.histories(model, n)
    purchase, spend = _kizuna_model(model)(*data.BG_NBD), GammaGamma(*data.GAMMA_GAMMA)
    terms = {
        "horizon": MONTHS * WEEKS_A_MONTH,
        "discount": math.log1p(MONTHLY_DISCOUNT) / WEEKS_A_MONTH,
    }

    def call() -> Mapping[str, float]:
        purchases = Purchases(rows["x"], rows["t_x"], rows["T"])
        worth = residual_clv(purchase, spend, purchases, Spend(rows["x"], rows["mean"]), **terms)
        return {"total": float(worth.clv.sum())}

    return call


def clv_lifetimes(model: str, n: int) -> Call:
    """CLV of every customer over twelve months; models fitted on a sample beforehand."""
    import lifetimes

    rows, few = data.histories(model, n), data.histories(model, min(n, 10_000))
    purchase = lifetimes.BetaGeoFitter().fit(few["x"], few["t_x"], few["T"])
    buyers = few["x"] > 0
    spend = lifetimes.GammaGammaFitter().fit(few["x"][buyers], few["mean"][buyers])
    frame = _frame(rows)
    columns = [frame[c] for c in ("frequency", "recency", "T", "monetary_value")]
    terms = {"time": MONTHS, "discount_rate": MONTHLY_DISCOUNT, "freq": "W"}
    return lambda: {
        "total": float(spend.customer_lifetime_value(purchase, *columns, **terms).sum())
    }


def clv_pymc_marketing(model: str, n: int) -> Call:
    """CLV of every customer over twelve months; models fitted on a sample beforehand."""
    from pymc_marketing import clv

    few = _frame(data.histories(model, min(n, 10_000)))
    purchase = _pymc_model(model, few)
    spend = clv.GammaGammaModel()
    spend.fit(data=few[few.frequency > 0], method="map", progressbar=False)
    frame = _frame(data.histories(model, n))
    terms = {"future_t": MONTHS, "discount_rate": MONTHLY_DISCOUNT, "time_unit": "W"}

    def call() -> Mapping[str, float]:
        worth = spend.expected_customer_lifetime_value(purchase, frame, **terms)
        return {"total": float(worth.sum())}

    return call


def purchases_kizuna(orders: int) -> Call:
    """Run the steps order_history, purchases and spend over the table `transactions`."""
    from kizuna.pipeline.engine import Engine
    from kizuna.pipeline.run import Run, discover, execute, select

    path, run = data.transactions(orders), Run(as_of=data.last_day(), currency="JPY")
    steps = select(discover(), "purchases", "spend", given=["transactions"])

    def call() -> Mapping[str, float]:
        with Engine() as engine:
            engine.register_parquet("transactions", [path])
            execute(steps, engine, run)
            found: Found = engine.query(CHECK_SUMS.format("purchases", "spend")).to_pylist()[0]
            return found

    return call


CHECK_SUMS = """
SELECT count(*) AS customers, sum(frequency) AS frequency, sum(recency) AS recency, sum(age) AS age,
    sum(mean_spend) AS mean_spend FROM {} JOIN {} USING (customer_id)"""

BY_HAND = """
CREATE TABLE purchases AS
WITH days AS (
    SELECT customer_id, ordered_on AS day, count(*) AS orders, sum(amount)::BIGINT AS amount
    FROM read_parquet('{path}') WHERE ordered_on <= DATE '{as_of}' GROUP BY ALL)
SELECT customer_id, min(day) AS first_purchase, max(day) AS last_purchase,
    count(*) - 1 AS frequency, (max(day) - min(day))::DOUBLE AS recency,
    (DATE '{as_of}' - min(day))::DOUBLE AS age, sum(orders)::BIGINT AS orders,
    (sum(amount) - arg_min(amount, day)) / nullif(count(*) - 1, 0) AS mean_spend,
    sum(amount)::BIGINT AS historical_value
FROM days GROUP BY customer_id"""


def purchases_by_hand(orders: int) -> Call:
    """Run one DuckDB query that gives the same columns."""
    import duckdb

    sql = BY_HAND.format(path=data.transactions(orders), as_of=data.last_day())

    def call() -> Mapping[str, float]:
        with duckdb.connect(config={"preserve_insertion_order": False}) as connection:
            connection.execute(sql)
            query = CHECK_SUMS.format("purchases", "(SELECT customer_id FROM purchases)")
            found: Found = connection.sql(query).to_arrow_table().to_pylist()[0]
            return found

    return call


def value_by_hand(orders: int) -> Call:
    """Run that query, then write the outputs of `kizuna value` (made before) once more."""
    import duckdb

    out = data.RESULTS / f"value-{orders}"
    again = data.RESULTS / f"again-{orders}"
    shutil.rmtree(again, ignore_errors=True)
    again.mkdir()
    query = BY_HAND.format(path=data.transactions(orders), as_of=data.last_day())
    held = duckdb.connect(config={"preserve_insertion_order": False})
    held.execute(f"CREATE TABLE outputs AS FROM read_parquet('{out}/customers.parquet')")

    def call() -> Mapping[str, float]:
        held.execute("DROP TABLE IF EXISTS purchases")
        held.execute(query)
        held.execute(f"COPY outputs TO '{again}/customers.parquet' (COMPRESSION zstd)")
        held.execute(f"COPY outputs TO '{again}/customers.csv' (HEADER)")
        return {}

    return call


TASKS: dict[str, Callable[..., Call]] = {
    task.__name__: task
    for task in (
        fit_kizuna,
        fit_kizuna_patterns,
        fit_lifetimes,
        fit_lifetimes_patterns,
        fit_pymc_marketing,
        clv_kizuna,
        clv_lifetimes,
        clv_pymc_marketing,
        purchases_kizuna,
        purchases_by_hand,
        value_by_hand,
    )
}


def _kizuna_model(name: str) -> Any:
    from kizuna.clv import BGNBD, ParetoNBD

    return {"bg_nbd": BGNBD, "pareto_nbd": ParetoNBD}[name]


def _fit_lifetimes(model: str, rows: data.Columns) -> Call:
    import lifetimes

    warnings.simplefilter("ignore")
    kind = {"bg_nbd": lifetimes.BetaGeoFitter, "pareto_nbd": lifetimes.ParetoNBDFitter}[model]
    columns = (rows["x"], rows["t_x"], rows["T"])
    weights = rows.get("weight")
    return lambda: kind().fit(*columns, weights=weights).params_.to_dict()


def _frame(rows: data.Columns) -> Any:
    import pandas as pd

    names = {"frequency": "x", "recency": "t_x", "T": "T", "monetary_value": "mean"}
    frame = pd.DataFrame({new: rows[old] for new, old in names.items()})
    return frame.assign(customer_id=range(len(frame)))


def _pymc_model(model: str, frame: Any) -> Any:
    from pymc_marketing import clv

    warnings.simplefilter("ignore")
    fitted = {"bg_nbd": clv.BetaGeoModel, "pareto_nbd": clv.ParetoNBDModel}[model]()
    fitted.fit(data=frame, method="map", progressbar=False)
    return fitted
