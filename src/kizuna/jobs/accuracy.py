"""How forecasts did: those of earlier publications, and those made anew from what was known then.

A forecast made again at a day knows nothing after it: models are fitted, and the error of the model
is pooled, from forecasts whose time was over by then. Only the kind of model, and whether its clock
has a pace, are those chosen today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from kizuna.clv.pace import Fitter, Pace, estimate_pace
from kizuna.clv.paced import Paced
from kizuna.clv.portfolio import Portfolio, PortfolioInterval, portfolio_interval
from kizuna.clv.scores import Cut, fit_forecast
from kizuna.clv.totals import ModelError, PastTotal, model_error
from kizuna.jobs.cuts import SpendingCut, cut_with_spend, sampled
from kizuna.jobs.evidence import Evidence, enough
from kizuna.jobs.portfolios import total_at
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.know.clv_model import MODEL_TYPES, fit_of, pace_of
from kizuna.pipeline.know.clv_scores import data_of
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

STUDIED_CUSTOMERS = 50_000
"""Customers whose past forecasts are made again; of more, a share by hash."""

FEWEST_DAYS = 28
LONGEST_DAYS = 90
MOST_CUT_OFFS = 6
LOGGED_DAYS = (30, 90, 365)

CAME = """
SELECT
    log.made_on, log.horizon_days,
    (SELECT count(*) FROM order_history AS h WHERE h.first_purchase <= log.made_on) AS customers,
    (
        SELECT coalesce(sum(d.purchases), 0) FROM cohort_days AS d
        WHERE d.first_purchase <= log.made_on AND d.day > log.made_on
            AND d.day <= log.made_on + CAST(log.horizon_days AS INTEGER)
    ) AS purchases
FROM forecast_log AS log CROSS JOIN run
WHERE log.made_on + CAST(log.horizon_days AS INTEGER) <= run.as_of"""

type Row = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class _Past:
    """A forecast made again: its cut-off, its end, what it said and what came."""

    made_on: date
    until: date
    kept: SpendingCut
    portfolio: Portfolio
    pace: Pace | None

    @property
    def total(self) -> PastTotal:
        """The total of its purchases, for the error of later forecasts."""
        cut = self.kept.cut
        return PastTotal(cut.horizon, self.portfolio.purchases.value, cut.actual_purchases)


def cut_offs(first_day: date, last_day: date) -> tuple[int, list[date]]:
    """Choose how far forecasts look, and the days at which they are made, the earliest first.

    They follow one another without a gap, so that no purchase is counted in two of them.
    """
    days = (last_day - first_day).days
    horizon = max(FEWEST_DAYS, min(LONGEST_DAYS, days // 6))
    backward = range(horizon, days - horizon + 1, horizon)
    found = [last_day - timedelta(days=back) for back in backward][:MOST_CUT_OFFS]
    return horizon, found[::-1]


def again(engine: Engine, run: Run, evidence: Evidence, first_day: date) -> list[Row]:
    """Make forecasts again from earlier days; needs the tables of days in the engine."""
    if evidence.model is None:
        return []
    horizon, days = cut_offs(first_day, run.as_of)
    past: list[_Past] = []
    with sampled(engine, STUDIED_CUSTOMERS) as part:
        for day in days:
            until = day + timedelta(days=horizon)
            kept = cut_with_spend(part, run, day, until)
            if enough(kept.cut):
                past += _forecast(kept, evidence, day, until, past)
    return [_row(p, horizon, evidence.model) for p in past]


def ahead(clv_inputs: pa.Table, clv_model: pa.Table, run: Run, error: ModelError, days: int) -> Row:
    """Forecast days from the last one, for the log: what later publications are compared with.

    Empty where there is no model.
    """
    models = {row["role"]: row for row in clv_model.to_pylist()}
    if models.keys() < {"purchases", "spend"}:
        return {}
    data = data_of(clv_inputs, run)
    name, pace = models["purchases"]["name"], pace_of(models["purchases"])
    made = portfolio_interval(
        fit_of(models["purchases"]),
        fit_of(models["spend"]),
        *data,
        horizon=days / run.days_per_period,
        discount=0.0,
        model_error=error.sd,
        back_tests=error.back_tests,
        as_used=lambda model: Paced(model, pace),
    )
    said = {"made_on": run.as_of, "horizon_days": days, "model": name, "customers": len(data[0])}
    return said | _purchases(made.purchases)


def logged(before: pa.Table | None, new: Sequence[Row]) -> pa.Table:
    """Add forecasts to the log; what was said first of a day and a horizon stays."""
    rows = [] if before is None else before.to_pylist()
    known = {(row["made_on"], row["horizon_days"]) for row in rows}
    rows += [row for row in new if (row["made_on"], row["horizon_days"]) not in known]
    return pa.Table.from_pylist(rows, schema=arrow_schema("forecast_log"))


def came_true(engine: Engine, log: pa.Table) -> list[Row]:
    """Put beside each logged forecast whose time is over what came.

    Left out where the customers of its day are others by now: the orders before it were changed.
    """
    engine.register("forecast_log", log)
    came = {(row["made_on"], row["horizon_days"]): row for row in engine.query(CAME).to_pylist()}
    return [
        row | {"source": "published", "actual_purchases": float(found["purchases"])}
        for row in log.to_pylist()
        if (found := came.get((row["made_on"], row["horizon_days"])))
        and found["customers"] == row["customers"]
    ]


def past_forecasts(*rows: Sequence[Row]) -> pa.Table:
    """Write the table of forecasts whose time is over."""
    schema = arrow_schema("past_forecasts")
    return pa.Table.from_pylist([row for part in rows for row in part], schema=schema)


def _forecast(
    kept: SpendingCut, evidence: Evidence, day: date, until: date, past: Sequence[_Past]
) -> list[_Past]:
    """Forecast from a day; nothing where the value of an order is not known."""
    assert evidence.model is not None
    fitter = MODEL_TYPES[evidence.model].fit
    near = past[-1].pace if past else None
    pace = _pace(kept.cut, fitter, near) if evidence.paced else None
    error = model_error([p.total for p in past if p.until <= day])
    made = fit_forecast(evidence.model, fitter, kept.cut.purchases, pace)
    total = total_at(kept, made, error)
    return [] if total is None else [_Past(day, until, kept, total, pace)]


def _pace(cut: Cut, fitter: Fitter, near: Pace | None) -> Pace | None:
    """Estimate the clock from the histories of that day, beginning from that of an earlier one."""
    if cut.ages is None:
        return None
    estimate = estimate_pace(cut.purchases, cut.ages, fitter, near=near)
    return estimate.pace if estimate.supported else None


def _row(past: _Past, horizon: int, model: str) -> Row:
    cut, spend = past.kept.cut, past.portfolio.customer_equity
    spent = None if cut.actual_spend is None else float(cut.weights @ cut.actual_spend)
    return {
        "source": "again",
        "made_on": past.made_on,
        "horizon_days": horizon,
        "model": model,
        "customers": round(cut.purchases.n),
        **_purchases(past.portfolio.purchases),
        "actual_purchases": cut.actual_purchases,
        "predicted_spend": spend.value,
        "spend_low": spend.low,
        "spend_high": spend.high,
        "actual_spend": spent,
    }


def _purchases(interval: PortfolioInterval) -> Row:
    return {
        "predicted_purchases": interval.value,
        "purchases_low": interval.low,
        "purchases_high": interval.high,
    }
