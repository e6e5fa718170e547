"""When the term of each running contract ends, and by when notice must be given."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from kizuna.pipeline.business_days import before, between, months_after, on_or_before
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

KEPT = ("contract_id", "customer_id", "product", "currency", "amount", "billing_months", "seats")


def contract_terms(contracts: pa.Table, contract_phases: pa.Table, *, run: Run) -> pa.Table:
    """List the contracts that run on the last day observed, with what comes due."""
    now = {row["contract_id"]: row for row in contract_phases.to_pylist() if _runs(row, run)}
    rows = [
        _row(contract, now.get(contract["contract_id"], {}), run)
        for contract in contracts.to_pylist()
        if _is_open(contract, run)
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema("contract_terms"))


def _is_open(contract: dict[str, Any], run: Run) -> bool:
    """Tell a contract that runs from one that has ended, has not begun, or is paid once."""
    begun = contract["started_on"] <= run.as_of and contract["billing_months"] > 0
    return begun and (contract["ended_on"] is None or contract["ended_on"] >= run.as_of)


def _runs(phase: dict[str, Any], run: Run) -> bool:
    until = phase["until_on"]
    return phase["from_on"] <= run.as_of and (until is None or until >= run.as_of)


def _row(contract: dict[str, Any], phase: dict[str, Any], run: Run) -> dict[str, Any]:
    ends_on = _end(contract, run.as_of)
    renews = False if contract["ended_on"] is not None else contract["auto_renew"]
    notice = _notice(contract, ends_on, run) if renews else None
    left = None if notice is None else between(run.as_of, notice, run.closed_days)
    return {name: phase.get(name, contract[name]) for name in KEPT} | {
        "mrr": phase.get("mrr"),
        "ends_on": ends_on,
        "renews": renews,
        "notice_by": notice,
        "business_days_left": left,
    }


def _end(contract: dict[str, Any], today: date) -> date | None:
    """Give the last day of the term that runs; a term begins where the one before has ended."""
    if contract["ended_on"] is not None:
        return contract["ended_on"]  # type: ignore[no-any-return]
    start, months = contract["started_on"], contract["term_months"]
    if not months or months < 1:
        return None
    passed = (today.year - start.year) * 12 + today.month - start.month
    terms = max(passed // months, 1)
    while (end := months_after(start, terms * months) - timedelta(days=1)) < today:
        terms += 1
    return end


def _notice(contract: dict[str, Any], ends_on: date | None, run: Run) -> date | None:
    """Give the last business day on which notice counts; one that is past is told too."""
    days = contract["notice_days"]
    if ends_on is None or days is None:
        return None
    if run.notice_in_business_days:
        return before(ends_on, days, run.closed_days)
    return on_or_before(ends_on - timedelta(days=days), run.closed_days)
