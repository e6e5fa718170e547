"""The expected loss of customers with orders, by segment."""

from __future__ import annotations

from typing import Any

from tiny_tables import a_run, made, table


def test_the_expected_loss_of_a_segment_is_the_sum_over_its_customers(engine: Any) -> None:
    people = [("a", "Loyal", 100.0, 10.0), ("b", "Loyal", 50.0, 20.0), ("c", None, 9.0, 9.0)]
    names = ("customer_id", "rfm_segment", "residual_clv", "value_at_risk")
    rows = [dict(zip(names, person, strict=True)) for person in people]
    valued = {"valued_customers": table("valued_customers", rows)}
    [found] = made("value_risks", valued, a_run(), engine=engine)
    assert (found["customers"], found["value"], found["expected_loss"]) == (2, 150.0, 30.0)
