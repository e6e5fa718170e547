"""Facts of customers: the last stage of a refresh."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from kizuna.jobs.revenue import REVENUE
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.know import lifecycle_stages
from kizuna.pipeline.rules.errors import RuleError
from kizuna.pipeline.run import Run, discover, select
from kizuna.pipeline.steps import Step, replaced, sql_step

VALUE = frozenset(
    {
        *("channel_ages", "channel_costs", "channel_customers", "clv_inputs", "clv_model"),
        *("clv_rivals", "clv_scores", "cohort_ages", "cohort_days", "cohort_months", "cohorts"),
        *("concentration", "customer_values", "future_purchases", "ltv_by_cohort", "ltv_factors"),
        *("order_history", "purchase_days", "purchase_patterns", "purchases", "purchases_by_day"),
        *("repurchase", "retention", "returns", "rfm", "rfm_cutoffs", "rfm_segments", "segments"),
        *("acquisition_cohorts", "win_backs"),
        *("spend", "spend_patterns", "valued_customers", "what_if", "what_if_months"),
    }
)
"""Steps whose last day is that of the last order."""

OWN_STAGES = "own_stages"
PANEL_MONTHS = 24
"""Ends of months whose facts are told too: what models learn from."""
PANEL_CUSTOMERS = 20_000
"""Of how many customers; the facts of the last day are those of everybody."""

KNOWN = """
SELECT max(day) AS day, min(day) AS first_day FROM (
    SELECT day FROM purchase_days UNION ALL SELECT day FROM returns
    UNION ALL SELECT started_on FROM contracts
    UNION ALL SELECT coalesce(cancelled_on, ended_on) FROM contracts
    UNION ALL SELECT changed_on FROM contract_changes
    UNION ALL SELECT {events} FROM events
    UNION ALL SELECT {events} FROM interactions
    UNION ALL SELECT {answers} FROM responses
) WHERE day <= ?"""


def targets() -> tuple[str, ...]:
    """Name the tables of this stage: whatever is made of neither orders nor contracts alone."""
    others = VALUE.union(REVENUE)
    return tuple(step.name for step in discover("know") if step.name not in others)


def part(
    engine: Engine, run: Run, *, today: date, as_of: date | None = None
) -> tuple[tuple[Step, ...], Run]:
    """Give the steps of facts of the last day that anything is known of, and of months before it.

    Needs what was brought in and `purchase_days` and `returns` in the engine.
    """
    known = engine.query(_known(run.timezone), [today]).to_pylist()[0]
    last = as_of or max(run.as_of, known["day"] or run.as_of)
    days = (*month_ends(known["first_day"] or last, last), last)
    run = replace(run, as_of=last, until=None, fact_days=days, panel_customers=PANEL_CUSTOMERS)
    steps = select(discover("know"), *targets(), given=VALUE.union(REVENUE))
    return replaced(steps, *_own_stages(engine, run)), run


def _own_stages(engine: Engine, run: Run) -> list[Step]:
    """Give the step of stages that people set; none where they set none that can be used."""
    if OWN_STAGES not in engine.names():
        return []
    own = lifecycle_stages.own_stages(engine.table(OWN_STAGES).to_pylist())
    if not own:
        return []
    try:
        sql = lifecycle_stages.stages_sql(
            own, lifecycle_stages.known(), minor_units=run.minor_units
        )
    except RuleError:
        return []  # a fact is gone; the page says so, and the preset stands in
    return [sql_step("lifecycle_stages", sql)]


def month_ends(first: date, last: date) -> tuple[date, ...]:
    """Give the ends of whole months before a day that lie in what was observed."""
    ends = [last.replace(day=1) - timedelta(days=1)]
    while len(ends) < PANEL_MONTHS:
        ends.append(ends[-1].replace(day=1) - timedelta(days=1))
    return tuple(end for end in reversed(ends) if first <= end < last)


def _known(zone: str) -> str:
    local = f"CAST({{}} AT TIME ZONE 'UTC' AT TIME ZONE '{zone}' AS DATE)"
    return KNOWN.format(events=local.format("happened_at"), answers=local.format("answered_at"))
