"""The demo job: simulate a company, value its customers, and hold the estimates to the truth."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from kizuna.demo import DemoCompany, simulate_company
from kizuna.jobs import outputs
from kizuna.jobs.options import Language, ValueOptions
from kizuna.jobs.valuation import Progress
from kizuna.jobs.value import ValueResult, value

COMPARISON = """
SELECT
    CAST(sum(truth.future_purchases) AS DOUBLE) AS purchases,
    CAST(sum(truth.future_spend) AS DOUBLE) AS spend,
    CAST(sum(truth.alive::INTEGER) AS DOUBLE) AS alive,
    sum(found.p_alive) AS alive_estimate,
    avg((truth.future_purchases BETWEEN found.expected_purchases_low
        AND found.expected_purchases_high)::INTEGER) AS coverage_90
FROM truth INNER JOIN customer_values AS found ON truth.customer_id = found.customer_id"""


def demo(
    out: Path,
    *,
    customers: int,
    seed: int,
    lang: Language,
    today: date,
    on_progress: Progress = lambda stage, share: None,
) -> ValueResult:
    """Simulate three years up to the last full month, value them, and write all files.

    Future orders are counted in full (discount 0), so that they compare with what came.
    """
    on_progress("simulate", 0.0)
    as_of = today.replace(day=1) - timedelta(days=1)
    company = simulate_company(out, as_of=as_of, customers=customers, seed=seed, lang=lang)
    result = value(options_for(company, lang), today=today, on_progress=on_progress)
    result = with_truth(result, company)
    on_progress("write", 0.95)
    outputs.write(result, out, lang=lang)
    return result


def options_for(company: DemoCompany, lang: Language) -> ValueOptions:
    """Options under which the company is valued."""
    return ValueOptions(
        orders=(str(company.orders),),
        horizon_days=company.horizon_days,
        discount=0.0,
        as_of=company.as_of,
        currency=company.currency,
        timezone=company.timezone,
        lang=lang,
    )


def with_truth(result: ValueResult, company: DemoCompany) -> ValueResult:
    """Add to the summary what really came."""
    result.engine.register_parquet("truth", [company.customers])
    row = result.engine.query(COMPARISON).to_pylist()[0]
    truth: dict[str, Any] = {
        "customer_equity": row["spend"],
        "expected_purchases": row["purchases"],
        "alive": {"truth": row["alive"], "estimate": row["alive_estimate"]},
        "coverage_90": row["coverage_90"],
    }
    return replace(
        result,
        summary=result.summary | {"truth": truth},
        material=result.material | {"truth": truth},
    )
