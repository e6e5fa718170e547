"""Facts of a customer, the customers file, segments and concentration."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from tiny_tables import a_run, column, made, table, transactions

RUN = a_run("2024-12-31")
LOG = transactions(
    ("a", "2024-01-05", 1000),
    ("a", "2024-12-30", 3000),
    ("b", "2024-06-01", 4000),
    ("c", "2024-03-01", 2000),
)
SCORED = table(
    "clv_scores",
    [
        {"customer_id": "a", "p_alive": 0.75, "expected_purchases": 2.0, "residual_clv": 9000.0},
        {"customer_id": "b", "p_alive": 0.25, "expected_purchases": 0.5, "residual_clv": 1000.0},
    ],
)
INPUTS = {"transactions": LOG, "clv_scores": SCORED}


def test_facts_join_what_is_known_of_a_customer(engine: Any) -> None:
    rows = made("valued_customers", INPUTS, RUN, engine=engine)
    assert column(rows, "customer_id") == ["a", "b", "c"]
    assert column(rows, "historical_value") == [4000, 4000, 2000]
    assert column(rows, "frequency") == [1, 0, 0]
    assert column(rows, "residual_clv") == [9000.0, 1000.0, None]


NAMED = table(
    "customers",
    [
        {"customer_id": "a", "name": "山田 花子", "name_kana": "ヤマダ ハナコ", "region": "東京都"},
        {"customer_id": "z", "name": "Nobody Yet", "email": "z@example.com"},
    ],
)


def test_facts_hold_who_is_known_by_purchases_or_by_name(engine: Any) -> None:
    rows = made("valued_customers", INPUTS | {"customers": NAMED}, RUN, engine=engine)
    assert column(rows, "customer_id") == ["a", "b", "c", "z"]
    assert column(rows, "name") == ["山田 花子", None, None, "Nobody Yet"]
    assert column(rows, "region") == ["東京都", None, None, None]
    assert column(rows, "orders") == [2, 1, 1, None]
    assert column(rows, "first_purchase")[3] is None


@pytest.mark.parametrize("target", ["customer_values", "segments", "concentration"])
def test_who_never_bought_changes_no_figure(target: str, engine: Any) -> None:
    named = made(target, INPUTS | {"customers": NAMED}, RUN, engine=engine)
    assert named == made(target, INPUTS, RUN)


def test_the_customers_file_is_in_units_that_people_read(engine: Any) -> None:
    rows = made("customer_values", INPUTS, RUN, engine=engine)
    assert column(rows, "historical_value") == [40.0, 40.0, 20.0]
    assert column(rows, "mean_spend") == [30.0, None, None]
    assert column(rows, "residual_clv") == [90.0, 10.0, None]


def test_the_customers_file_has_the_columns_that_were_promised() -> None:
    promised = (
        "customer_id, first_purchase, last_purchase, frequency, recency, age, mean_spend, "
        "historical_value, p_alive, expected_purchases, expected_purchases_low, "
        "expected_purchases_high, residual_clv, residual_clv_low, residual_clv_high, rfm_segment"
    )
    assert list(made("customer_values", INPUTS, RUN)[0]) == promised.split(", ")


def test_segments_add_up_to_all_customers(engine: Any) -> None:
    rows = made("segments", INPUTS, RUN, engine=engine)
    assert sum(column(rows, "customers")) == 3
    assert sum(column(rows, "share")) == pytest.approx(1.0)
    assert sum(column(rows, "historical_value")) == pytest.approx(100.0)
    assert sum(v or 0 for v in column(rows, "residual_clv")) == pytest.approx(100.0)


def test_without_scores_segments_know_no_future() -> None:
    rows = made("segments", {"transactions": LOG}, RUN)
    assert set(column(rows, "residual_clv")) == {None}


def points(rows: list[dict[str, Any]], kind: str) -> list[tuple[float, float]]:
    found = [r for r in rows if r["kind"] == kind]
    return sorted((r["share_of_customers"], r["share_of_value"]) for r in found)


def test_concentration_counts_customers_from_the_most_valuable_down(engine: Any) -> None:
    rows = made("concentration", INPUTS, RUN, engine=engine)
    assert points(rows, "residual") == [(0.0, 0.0), (0.5, 0.9), (1.0, 1.0)]
    shares = [(0.0, 0.0), (1 / 3, 0.4), (2 / 3, 0.8), (1.0, 1.0)]
    assert points(rows, "historical") == [pytest.approx(p) for p in shares]


def test_concentration_has_at_most_101_points_a_kind() -> None:
    log = transactions(*[(f"c{k}", "2024-01-01", k) for k in range(250)])
    found = points(made("concentration", {"transactions": log}, RUN), "historical")
    assert len(found) == 101
    assert found[0] == (0.0, 0.0)
    assert found[-1] == (1.0, 1.0)


def test_value_that_sums_to_nothing_has_no_concentration() -> None:
    log = transactions(("a", "2024-01-01", 0), ("b", "2024-01-01", 0))
    assert made("concentration", {"transactions": log}, RUN) == []


def test_a_score_given_twice_would_be_seen() -> None:
    """The twin of the grain: one customer, two scores, two rows of facts."""
    twice = pa.concat_tables([SCORED, SCORED.slice(0, 1)])
    with pytest.raises(ValueError, match="more than one row for a customer_id"):
        made("valued_customers", INPUTS | {"clv_scores": twice}, RUN)
