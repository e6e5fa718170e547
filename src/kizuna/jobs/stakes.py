"""What is at stake with a customer, and of what it is reckoned: the same wherever it is told.

A contract that runs is worth a year of its recurring revenue. What of it may be lost goes by the
next time at which the customer can leave: within the horizon, or, whom the terms bind for longer,
at their end, and is not known where nothing is known of such ends. Who has given notice takes all
of it. Of others it is the value to come.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

MONTHS: Final = 12
RENEWAL, CONTRACT, NOTICE, PURCHASE = "renewal", "contract", "notice", "purchase"
BOUND: Final = "bound"
"""A contract that cannot end within the horizon, of which it is not known what comes then."""
HARDLY = 0.05
"""A probability of leaving of a learner that has seen terms to bind lies below it."""
FACTS: Final = (
    *("mrr", "churn_probability", "churn_horizon_days", "churn_model"),
    *("health_learned", "health_basis", "health_days", "days_to_renewal", "days_bound"),
    *("residual_clv", "value_at_risk"),
)
"""Facts by which it is said what is at stake."""


def stakes(names: Iterable[str]) -> tuple[str, str]:
    """SQL: what a customer is worth, and how much of it may be lost, in minor units."""
    f = _Known(names)
    year = f"CASE WHEN {f['mrr']} > 0 THEN {f['mrr']} * {MONTHS}.0 END"
    lost = (
        f"CASE {_of_contract(f)} WHEN '{NOTICE}' THEN 1.0 "
        f"WHEN '{RENEWAL}' THEN 1 - {f['health_learned']} / 100.0 "
        f"WHEN '{BOUND}' THEN NULL::DOUBLE ELSE {f['churn_probability']} END"
    )
    risk = f"CASE WHEN {f['mrr']} > 0 THEN ({lost}) * ({year}) ELSE {f['value_at_risk']} END"
    return f"coalesce({year}, {f['residual_clv']})::DOUBLE", f"({risk})::DOUBLE"


def basis(names: Iterable[str]) -> tuple[str, str]:
    """SQL: of what it is reckoned, and on or by which day it is decided; empty where not known."""
    f = _Known(names)
    days = (
        f"CASE {_of_contract(f)} WHEN '{NOTICE}' THEN {f['days_to_renewal']} "
        f"WHEN '{RENEWAL}' THEN {f['health_days']} WHEN '{BOUND}' THEN {f['days_bound']} "
        f"ELSE {f['churn_horizon_days']} END"
    )
    of = (
        f"CASE WHEN {f['mrr']} > 0 THEN {_of_contract(f)} "
        f"WHEN {f['residual_clv']} IS NOT NULL THEN '{PURCHASE}' END"
    )
    return of, f"CASE WHEN {f['mrr']} > 0 THEN day + ({days})::INTEGER END::DATE"


def _of_contract(f: _Known) -> str:
    return (
        f"CASE WHEN {f['churn_model']} = 'notice' THEN '{NOTICE}' "
        f"WHEN {f['health_basis']} = 'renewal' THEN '{RENEWAL}' "
        f"WHEN {f['days_bound']} >= {f['churn_horizon_days']} AND NOT ({_may_break(f)}) "
        f"THEN '{BOUND}' ELSE '{CONTRACT}' END"
    )


def _may_break(f: _Known) -> str:
    """SQL: whether a learner has seen that such terms do not bind."""
    seen = f"{f['churn_model']} = 'learner' AND {f['churn_probability']} >= {HARDLY}"
    return f"coalesce({seen}, FALSE)"


class _Known:
    """Facts by name; NULL those that are not there."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = frozenset(names)

    def __getitem__(self, name: str) -> str:
        return name if name in self.names else _NULLS.get(name, "NULL::DOUBLE")


_NULLS: Final = dict.fromkeys(("churn_model", "health_basis"), "NULL::VARCHAR")
