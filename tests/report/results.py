"""Results as the value job hands them over, shaped like those of the CDNOW sample."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from report.board_results import repurchase, value_changes, value_movers

HOLDOUT_START, END = date(1997, 10, 1), date(1998, 6, 30)


def summary(**changes: Any) -> dict[str, Any]:
    """Summary of the sample, in US dollars; `changes` replace its keys."""
    base: dict[str, Any] = {
        "rows_read": 6_919,
        "rows_rejected": {"unreadable_date": 12, "missing_customer": 3},
        "customers": 2_357,
        "orders": 6_904,
        "as_of": "1998-06-30",
        "period": "week",
        "horizon_days": 365,
        "model": model("bg_nbd"),
        "spend_model": {
            "name": "gamma_gamma",
            "parameters": {"p": 6.25, "q": 3.74, "v": 15.44},
            "log_likelihood": -4055.92,
        },
        "candidates": candidates(),
        "holdout": holdout(),
        "customer_equity": {
            "value": 58_731.4,
            "low": 49_106.2,
            "high": 69_950.8,
            "customers": 0.042,
            "parameters": 0.029,
            "model": 0.075,
        },
        "expected_purchases": {"value": 1_604.2, "low": 1_352.0, "high": 1_902.0},
        "currency": "USD",
        "warnings": [
            {
                "message": "{file}: whether day or month comes first in {column!r} cannot be told; "
                "{order} first is assumed",
                "values": {"file": "orders.csv", "column": "dt", "order": "day"},
            }
        ],
        "first_day": "1997-01-01",
        "correction": {
            "kind": "pace",
            "lift": 0.82,
            "fade": 6.94,
            "parameters": {"r": 0.277, "alpha": 7.511, "a": 0.538, "b": 2.893},
            "log_likelihood": -9_560.1,
            "evidence": {
                "gain": 28.7,
                "price": 7.8,
                "gains_at_earlier_cut_offs": [0.008, 0.005, -0.001],
            },
        },
        "choice": choice(),
        "options": options(),
        "columns_guessed": {"customer": "sample_id", "date": "date", "amount": "dollar_value"},
    }
    return base | changes


def options() -> dict[str, Any]:
    """Options as the command would record them."""
    return {
        "orders": ["data/cdnow_sample.parquet"],
        "horizon_days": 365,
        "holdout": "1997-10-01",
        "period": "week",
        "model": "auto",
        "margin": 1.0,
        "discount": 0.1,
        "currency": "USD",
        "timezone": "UTC",
        "lang": "en",
        "seed": 0,
    }


def model(name: str) -> dict[str, Any]:
    """A fitted model by name, with the published parameters of the sample."""
    parameters = {
        "bg_nbd": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
        "mbg_nbd": {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614},
        "pareto_nbd": {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669},
    }[name]
    return {
        "name": name,
        "parameters": parameters,
        "log_likelihood": -9582.43,
        "unit": "week",
    }


def holdout() -> dict[str, Any]:
    """What was predicted for the last 39 weeks and what happened."""
    return {
        "model": model("bg_nbd"),
        "start": "1997-10-01",
        "end": "1998-06-30",
        "actual_purchases": 1_882,
        "predicted_purchases": 1_653.4,
        "predicted_low": 1_402.0,
        "predicted_high": 1_948.0,
        "actual_spend": 70_976.39,
        "predicted_spend": 59_932.0,
    }


def candidates() -> list[dict[str, Any]]:
    """Scores of the models and of the simple rules."""
    names = ("name", "log_score", "rmse", "mae", "bias", "gini", "coverage_90")
    rows = (
        ("bg_nbd", -0.914, 1.608, 0.786, -0.121, 0.638, 0.892),
        ("mbg_nbd", -0.913, 1.612, 0.771, -0.133, 0.637, 0.889),
        ("pareto_nbd", -0.911, 1.606, 0.773, -0.109, 0.640, 0.894),
        ("zero", None, 2.284, 0.798, -1.0, 0.0, None),
        ("own_rate", None, 2.212, 1.024, 0.557, 0.611, None),
        ("past_spend", None, None, None, None, 0.659, None),
    )
    return [dict(zip(names, row, strict=True)) for row in rows]


def choice() -> dict[str, Any]:
    """Why the model was chosen."""
    models = ["bg_nbd", "mbg_nbd", "pareto_nbd"]
    return {
        "criteria": [
            {"name": "log_score", "tie": 0.01, "left": models},
            {"name": "rmse", "tie": 0.01, "left": models[:2]},
            {"name": "one_time_buyers", "tie": 0.0, "left": ["bg_nbd"]},
        ],
        "decided_by": "rmse",
        "for_churn": "mbg_nbd",
        "reason": {
            "message": "It erred least in the number of purchases of each customer.",
            "values": {},
        },
    }


def truth() -> dict[str, Any]:
    """What a simulated company knows."""
    return {
        "customer_equity": 61_020.0,
        "expected_purchases": 1_688,
        "alive": {"truth": 812, "estimate": 840, "low": 790, "high": 890},
        "coverage_90": 0.912,
        "gini": 0.71,
    }


def tables() -> dict[str, pa.Table]:
    """All tables of the report."""
    return {
        "ltv_by_cohort": ltv_by_cohort(),
        "retention": retention(),
        "concentration": concentration(),
        "calibration": calibration(),
        "tracking": tracking(),
        "frequency_calibration": frequency_calibration(),
        "segments": segments(),
        "ltv_factors": ltv_factors(),
        "top_customers": top_customers(),
        "value_changes": value_changes(),
        "value_movers": value_movers(),
        "repurchase": repurchase(),
    }


def _months(count: int = 3) -> list[tuple[date, int, int]]:
    """Cohorts: month, customers, whole months observed."""
    sizes = (781, 890, 686, 540, 505, 560, 610, 470, 450, 520, 690, 800)
    return [(date(1997, k + 1, 1), sizes[k], 17 - k) for k in range(count)]


def ltv_by_cohort(count: int = 3) -> pa.Table:
    """Value grows fast at first, then slowly."""
    return pa.Table.from_pylist(
        [
            {
                "cohort": cohort,
                "age_months": age,
                "customers": customers,
                "cumulative_value_per_customer": (38 + 2 * k) + 21 * math.log1p(age) - k * age / 9,
            }
            for k, (cohort, customers, last) in enumerate(_months(count))
            for age in range(last + 1)
        ]
    )


def retention(count: int = 3) -> pa.Table:
    """Ever fewer come back."""
    rows = []
    for k, (cohort, customers, last) in enumerate(_months(count)):
        for age in range(last + 1):
            rate = 1.0 if age == 0 else 0.17 / (1 + 0.16 * age) - 0.004 * k
            active = round(customers * rate)
            rows.append((cohort, age, customers, active, active / customers))
    names = ["cohort", "age_months", "customers", "active", "rate"]
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])


def concentration() -> pa.Table:
    """Few carry much; more so of the value to come."""
    return pa.Table.from_pylist(
        [
            {"kind": kind, "share_of_customers": x / 100, "share_of_value": (x / 100) ** power}
            for kind, power in (("historical", 0.38), ("residual", 0.26))
            for x in range(101)
        ]
    )


def calibration() -> pa.Table:
    """Deciles of the prediction."""
    predicted = (0.06, 0.08, 0.12, 0.19, 0.23, 0.29, 0.42, 0.71, 1.29, 3.63)
    actual = (0.10, 0.13, 0.15, 0.17, 0.26, 0.32, 0.55, 0.93, 1.58, 3.79)
    return pa.Table.from_pylist(
        [
            {
                "decile": k + 1,
                "customers": 236,
                "predicted_purchases": predicted[k],
                "actual_purchases": actual[k],
                "predicted_spend": predicted[k] * 36,
                "actual_spend": actual[k] * 37,
            }
            for k in range(10)
        ]
    )


def tracking() -> pa.Table:
    """Seventy-eight weeks; Christmas and a late rise that a stationary model does not foresee."""
    rows, totals = [], [0.0, 0.0]
    for week in range(78):
        start = date(1997, 1, 1) + timedelta(days=7 * week)
        predicted = 42.0 + 40 * min(week, 12) / 12 - 0.55 * max(week - 12, 0)
        actual = predicted * (1 + 0.16 * math.sin(week * 1.7)) * (1.0 if week < 39 else 1.13)
        totals = [totals[0] + actual, totals[1] + predicted]
        phase = "calibration" if start < HOLDOUT_START else "holdout"
        rows.append((start, actual, predicted, *totals, phase))
    names = (
        "week_start",
        "actual_purchases",
        "predicted_purchases",
        "cumulative_actual",
        "cumulative_predicted",
        "phase",
    )
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])


def frequency_calibration() -> pa.Table:
    """Published table of the sample: 0 to 7 and more repeat purchases."""
    customers = (1411, 439, 214, 100, 62, 38, 29, 64)
    predicted = (0.225, 0.523, 1.044, 1.520, 2.164, 2.654, 3.504, 6.157)
    actual = (0.237, 0.697, 1.393, 1.560, 2.532, 2.947, 3.862, 6.359)
    names = ("0", "1", "2", "3", "4", "5", "6", "7+")
    return pa.table(
        {
            "frequency": names,
            "customers": customers,
            "predicted": predicted,
            "actual": actual,
        }
    )


SEGMENTS = (
    ("champions", 251, 78_300.0, 31_200.0, 0.94),
    ("loyal", 173, 21_400.0, 7_900.0, 0.90),
    ("potential_loyalists", 284, 24_100.0, 7_300.0, 0.85),
    ("cant_lose", 96, 22_900.0, 3_400.0, 0.42),
    ("at_risk", 204, 27_800.0, 2_600.0, 0.35),
    ("needs_attention", 187, 16_200.0, 2_500.0, 0.66),
    ("promising", 118, 6_300.0, 1_300.0, 1.0),
    ("about_to_sleep", 246, 10_200.0, 1_100.0, 1.0),
    ("hibernating", 431, 20_100.0, 900.0, 0.93),
    ("lost", 367, 16_700.0, 531.4, 0.97),
)


def segments() -> pa.Table:
    """Segments by recency, frequency and money."""
    return pa.Table.from_pylist(
        [
            {
                "rfm_segment": name,
                "customers": customers,
                "share": customers / 2_357,
                "historical_value": past,
                "residual_clv": future,
                "mean_residual_clv": future / customers,
                "mean_p_alive": alive,
            }
            for name, customers, past, future, alive in SEGMENTS
        ]
    )


def ltv_factors() -> pa.Table:
    """The plain formula."""
    names = ("factor", "value", "rows", "definition")
    rows = (
        ("average_purchase_value", 36.45, 6_696, "value_net_of_returns_per_purchase"),
        ("purchases_per_year", 3.91, 6_696, "purchases_per_year_of_relationship"),
        ("relationship_years", 0.83, 1_702, "years_per_ended_relationship"),
        ("margin", 1.0, 0, "margin_given"),
    )
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])


def top_customers(ids: tuple[str, ...] = ("1516", "509", "2193", "1298", "18004-A")) -> pa.Table:
    """The columns of customers.parquet."""
    return pa.Table.from_pylist(
        [
            {
                "customer_id": name,
                "first_purchase": date(1997, 1, 5 + k),
                "last_purchase": date(1998, 6, 24 - k),
                "frequency": 26 - 3 * k,
                "recency": 75.0 - k,
                "age": 77.0 - k,
                "mean_spend": 74.5 - 6.1 * k,
                "historical_value": 2_011.0 - 311 * k,
                "p_alive": 0.99 - 0.01 * k,
                "expected_purchases": 17.4 - 2.2 * k,
                "expected_purchases_low": 10.0 - k,
                "expected_purchases_high": 26.0 - 2 * k,
                "residual_clv": 1_236.0 - 205 * k,
                "residual_clv_low": 688.0 - 90 * k,
                "residual_clv_high": 1_894.0 - 240 * k,
                "rfm_segment": "champions",
            }
            for k, name in enumerate(ids)
        ]
    )


def bare() -> dict[str, Any]:
    """Summary of a log with too little in it: no holdout, no models, no equity."""
    return summary(
        model=None,
        spend_model=None,
        candidates=[],
        holdout=None,
        customer_equity={"value": None, "low": None, "high": None},
        expected_purchases=None,
        correction=None,
        choice=None,
        currency="XXX",
    )
