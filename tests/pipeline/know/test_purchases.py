"""From orders to purchases and spend: golden tables, published counts, and what must not matter."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiny_tables import a_run, column, made, transactions

# a: two orders on one day, a free order, a return; b: once; c: only later; d: only a return
ORDERS = transactions(
    ("a", "2024-01-01", 1000),
    ("a", "2024-01-01", 500),
    ("a", "2024-01-15", 0),
    ("a", "2024-01-29", 3000),
    ("a", "2024-01-30", -1200),
    ("b", "2024-01-08", 700),
    ("c", "2024-02-02", 800),
    ("d", "2024-01-05", -100),
)
RUN = a_run("2024-01-31")


def test_purchases_of_a_tiny_log(engine: Any) -> None:
    rows = made("purchases", {"transactions": ORDERS}, RUN, engine=engine)
    assert rows == [
        {
            "customer_id": "a",
            "first_purchase": date(2024, 1, 1),
            "last_purchase": date(2024, 1, 29),
            "frequency": 2,
            "recency": 28.0,
            "age": 30.0,
            "orders": 4,
        },
        {
            "customer_id": "b",
            "first_purchase": date(2024, 1, 8),
            "last_purchase": date(2024, 1, 8),
            "frequency": 0,
            "recency": 0.0,
            "age": 23.0,
            "orders": 1,
        },
    ]


def test_spend_of_a_tiny_log(engine: Any) -> None:
    rows = made("spend", {"transactions": ORDERS}, RUN, engine=engine)
    assert rows == [
        {
            "customer_id": "a",
            "orders": 2,
            "mean_spend": 900.0,
            "total": 1800,
            "historical_value": 3300,
        },
        {
            "customer_id": "b",
            "orders": 0,
            "mean_spend": None,
            "total": 0,
            "historical_value": 700,
        },
    ]


def test_weeks_scale_time_and_merge_no_purchases(engine: Any) -> None:
    run = a_run("2024-01-31", period="week")
    rows = made("purchases", {"transactions": ORDERS}, run, engine=engine)
    assert column(rows, "frequency") == [2, 0]
    assert column(rows, "recency") == [4.0, 0.0]
    assert column(rows, "age") == [30 / 7, 23 / 7]


def test_the_last_day_observed_is_included() -> None:
    rows = made("purchases", {"transactions": ORDERS}, a_run("2024-02-02"))
    assert column(rows, "customer_id") == ["a", "b", "c"]
    assert rows[2]["age"] == 0.0


def test_a_late_return_does_not_make_a_purchase() -> None:
    rows = made("purchases", {"transactions": ORDERS}, a_run("2024-01-30"))
    assert rows[0]["last_purchase"] == date(2024, 1, 29)


def test_a_return_after_the_last_day_observed_takes_nothing_off() -> None:
    rows = made("spend", {"transactions": ORDERS}, a_run("2024-01-29"))
    assert rows[0]["historical_value"] == 4500


def test_a_purchase_given_back_whole_is_worth_nothing_and_stays_a_purchase() -> None:
    log = transactions(
        ("a", "2024-01-01", 300), ("a", "2024-01-09", 900), ("a", "2024-01-09", -950)
    )
    spend = made("spend", {"transactions": log}, RUN)[0]
    assert (spend["mean_spend"], spend["historical_value"]) == (0.0, 250)
    assert made("purchases", {"transactions": log}, RUN)[0]["frequency"] == 1


def test_a_return_after_the_last_day_observed_does_not_touch_the_mean() -> None:
    assert made("spend", {"transactions": ORDERS}, a_run("2024-01-29"))[0]["mean_spend"] == 1500.0


def test_sums_of_large_amounts_are_exact() -> None:
    big = 3_000_000_000_000_001
    log = transactions(("a", "2024-01-01", big), ("a", "2024-01-02", big))
    assert made("spend", {"transactions": log}, RUN)[0]["historical_value"] == 2 * big


def test_the_future_of_a_back_test(engine: Any) -> None:
    run = a_run("2024-01-14", until=date(2024, 1, 31))
    rows = made("future_purchases", {"transactions": ORDERS}, run, engine=engine)
    assert rows == [
        {"customer_id": "a", "purchases": 2, "amount": 1800},
        {"customer_id": "b", "purchases": 0, "amount": 0},
    ]


def test_purchases_by_day(engine: Any) -> None:
    run = a_run("2024-01-14", until=date(2024, 1, 31))
    rows = made("purchases_by_day", {"transactions": ORDERS}, run, engine=engine)
    assert column(rows, "day") == [date(2024, 1, d) for d in (1, 8, 15, 29)]
    assert column(rows, "purchases") == [1, 1, 1, 1]
    assert column(rows, "first_purchases") == [1, 1, 0, 0]
    assert column(rows, "amount") == [1500, 700, 0, 3000]


@pytest.mark.parametrize("target", ["purchases", "spend"])
def test_an_empty_log_gives_an_empty_table(target: str) -> None:
    assert made(target, {"transactions": transactions()}, RUN) == []


LOGS = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.integers(0, 40).map(lambda d: str(date(2024, 1, 1) + timedelta(d))),
        st.integers(-500, 2000),
    ),
    max_size=30,
)


@given(LOGS, st.randoms(use_true_random=False))
@settings(max_examples=settings().max_examples // 3)
def test_the_order_of_rows_changes_nothing(log: list[Any], random: Any) -> None:
    shuffled = random.sample(log, len(log))
    straight = made("clv_inputs", {"transactions": transactions(*log)}, RUN)
    assert straight == made("clv_inputs", {"transactions": transactions(*shuffled)}, RUN)


@given(LOGS)
def test_purchases_agree_with_counting_by_hand(log: list[Any]) -> None:
    rows = made("purchases", {"transactions": transactions(*log)}, RUN)
    days: dict[str, set[str]] = {}
    for customer, day, amount in log:
        if amount >= 0 and day <= str(RUN.as_of):
            days.setdefault(customer, set()).add(day)
    assert {r["customer_id"]: r["frequency"] + 1 for r in rows} == {
        customer: len(of) for customer, of in days.items()
    }


def test_counting_orders_instead_of_days_would_be_seen() -> None:
    """The twin: the golden log tells days from orders."""
    per_order = pa.compute.sum(pa.compute.greater_equal(ORDERS["amount"], 0)).as_py()
    rows = made("purchases", {"transactions": ORDERS}, a_run("2024-12-31"))
    assert sum(column(rows, "frequency")) + len(rows) != per_order
