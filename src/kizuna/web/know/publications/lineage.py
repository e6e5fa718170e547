"""Which table is made from which, as the steps themselves say."""

from __future__ import annotations

from functools import cache

from kizuna.pipeline.steps import Step, discover

EVIDENCE = {
    "clv_choice": ("cohort_days", "future_purchases", "order_history", "purchases", "spend"),
    "calibration": ("future_purchases", "purchases", "spend"),
    "frequency_calibration": ("future_purchases", "purchases"),
    "tracking": ("cohort_days",),
}
"""Tables that the back-test draws up, and what it reads for them."""


@cache
def _steps() -> dict[str, Step]:
    return {step.name: step for step in discover("know")}


@cache
def reads_of(name: str) -> tuple[str, ...]:
    """Name the tables that a table is made from."""
    step = _steps().get(name)
    found = step.reads if step else EVIDENCE.get(name, ())
    return tuple(read for read in found if read != "run")


@cache
def readers_of(name: str) -> tuple[str, ...]:
    """Name the tables that are made from a table."""
    return tuple(sorted(n for n in {*_steps(), *EVIDENCE} if name in reads_of(n)))


def sql_of(name: str) -> str:
    """Give the SELECT that makes a table; empty where a function makes it."""
    step = _steps().get(name)
    return (step.sql or "") if step else ""
