"""Recurring revenue of a store's contracts: part of a refresh, and all of it without orders."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from kizuna.jobs.business_days import Calendar
from kizuna.jobs.options import ValueOptions
from kizuna.pipeline.business_days import months_after
from kizuna.pipeline.capture.amounts import NO_CURRENCY
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import Run, discover, select
from kizuna.pipeline.standard_tables import STANDARD
from kizuna.pipeline.steps import Step
from kizuna.pipeline.tables import arrow_schema

REVENUE = (
    "contract_phases",
    "contract_months",
    "contract_events",
    "paying_months",
    "mrr_bridge",
    "mrr_retention",
    "contract_terms",
    "entitlements",
    "contract_renewals",
    "retention_months",
    "mrr_cohorts",
    "running_contracts",
    "contract_book",
    "contract_survival",
    "book_actuals",
    "revenue_forecasts",
    "forecast_parts",
    "revenue_accuracy",
    "revenue_accuracy_report",
    "contract_risks",
)
LONGEST_TERM = 120
"""Months ahead for which the calendar is drawn up, if contracts are not bound for longer."""

KNOWN = """
SELECT max(day) AS day FROM (
    SELECT started_on AS day FROM contracts
    UNION ALL SELECT coalesce(cancelled_on, ended_on) FROM contracts
    UNION ALL SELECT changed_on FROM contract_changes
    UNION ALL SELECT CAST(happened_at AS DATE) FROM events
    UNION ALL SELECT CAST(happened_at AS DATE) FROM interactions
) WHERE day <= ?"""

BY_CONTRACT = """
SELECT * FROM customers UNION ALL BY NAME
SELECT DISTINCT customer_id FROM contracts ANTI JOIN customers USING (customer_id)"""

TERMS = "SELECT greatest(max(term_months), max(billing_months)) AS longest FROM contracts"

CURRENCY = """
SELECT currency FROM contracts GROUP BY currency ORDER BY count(*) DESC, currency LIMIT 1"""


def know_by_contract(engine: Engine) -> None:
    """Let those who have a contract be customers, though no list of customers names them."""
    complete(engine)
    if has_contracts(engine):
        engine.register("customers", engine.query(BY_CONTRACT))


def complete(engine: Engine) -> None:
    """Give an empty table for each standard one that was not brought in."""
    for name in STANDARD - engine.names():
        engine.register(name, arrow_schema(name).empty_table())


def has_contracts(engine: Engine) -> bool:
    """Tell whether any contract was brought in."""
    return engine.count("contracts") > 0


def last_known_day(engine: Engine, today: date) -> date | None:
    """Give the last day of which contracts, events or contacts tell; never one to come.

    Without contracts there is nothing to tell of.
    """
    if not has_contracts(engine):
        return None
    found: date | None = engine.query(KNOWN, [today])["day"][0].as_py()
    return found


def run_of(engine: Engine, options: ValueOptions, as_of: date) -> Run:
    """Give the values of a run over contracts alone."""
    currency = engine.query(CURRENCY)["currency"][0].as_py() or NO_CURRENCY
    return Run(
        as_of=as_of,
        period=options.period,
        timezone=options.timezone,
        currency=currency,
        margin=options.margin,
        discount=options.discount,
        horizon_days=options.horizon_days,
        seed=options.seed,
    )


def part(engine: Engine, run: Run, calendar: Calendar) -> tuple[tuple[Step, ...], Run]:
    """Give the steps of the tables of recurring revenue, and the run that they are told."""
    days = calendar.closed_days(run.as_of.replace(day=1), _horizon(engine, run.as_of))
    run = replace(
        run,
        until=None,
        closed_days=days,
        notice_in_business_days=calendar.notice_in_business_days,
    )
    return select(discover("know"), *REVENUE), run


def summary_of(engine: Engine, run: Run) -> dict[str, Any]:
    """Say what a publication without orders says of itself."""
    return {
        "as_of": run.as_of.isoformat(),
        "customers": engine.count("valued_customers"),
        "orders": 0,
        "rows_read": 0,
        "currency": run.currency,
        "horizon_days": run.horizon_days,
        "contracts_only": True,
        "options": {"margin": run.margin, "discount": run.discount},
    }


def _horizon(engine: Engine, as_of: date) -> date:
    """Give the last day on which any running term may end."""
    longest: int | None = engine.query(TERMS)["longest"][0].as_py()
    return months_after(as_of, max(LONGEST_TERM, min(longest or 0, 1_200)) + 1)
