"""Patterns: customers of equal history in one row, and nobody lost on the way."""

from __future__ import annotations

from datetime import date
from typing import Any

from tiny_tables import a_run, column, made, transactions

RUN = a_run("2024-01-31")
LOG = {
    "transactions": transactions(
        ("a", "2024-01-01", 100),
        ("a", "2024-01-11", 300),
        ("b", "2024-01-01", 700),
        ("b", "2024-01-11", 300),
        ("c", "2024-01-01", 100),
        ("d", "2024-01-21", 100),
    )
}


def test_customers_of_equal_history_share_a_pattern(engine: Any) -> None:
    rows = made("purchase_patterns", LOG, RUN, engine=engine)
    assert [tuple(row.values()) for row in rows] == [
        (0, 0.0, 10.0, 1),
        (0, 0.0, 30.0, 1),
        (1, 10.0, 30.0, 2),
    ]


def test_customers_of_equal_spend_share_a_pattern(engine: Any) -> None:
    rows = made("spend_patterns", LOG, RUN, engine=engine)
    assert [tuple(row.values()) for row in rows] == [(1, 300.0, 2)]


def test_inputs_of_scoring_have_each_customer_once(engine: Any) -> None:
    rows = made("clv_inputs", LOG, RUN, engine=engine)
    assert column(rows, "customer_id") == ["a", "b", "c", "d"]
    assert column(rows, "mean_spend") == [300.0, 300.0, None, None]


def test_days_of_cohorts_count_who_bought(engine: Any) -> None:
    rows = made("cohort_days", LOG, RUN, engine=engine)
    first, second, third = (date(2024, 1, d) for d in (1, 11, 21))
    assert [tuple(row.values()) for row in rows] == [
        (first, first, 3),
        (first, second, 2),
        (third, third, 1),
    ]
