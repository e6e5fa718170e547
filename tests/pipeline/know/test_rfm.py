"""RFM: fifths with equal scores for equal values, and a map that names every score once."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.pipeline.know.rfm_segments import check_map, read_map, rfm_segments
from kizuna.pipeline.steps import replaced, table_step
from tiny_tables import STEPS, a_run, column, made, table, transactions

RUN = a_run("2024-12-31")
SCORES = ("recency_score", "frequency_score", "monetary_score")
PACKAGED = rfm_segments(run=RUN)


def log_of(customers: list[tuple[int, int, int]]) -> dict[str, pa.Table]:
    """Customers as (days since the last purchase, repeat purchases, amount of the last order)."""
    orders = []
    for k, (since, repeats, amount) in enumerate(customers):
        last = date(2024, 12, 31) - timedelta(since)
        days = [last - timedelta(d) for d in range(repeats + 1)]
        orders += [(f"c{k:03}", str(d), amount if d == last else 0) for d in days]
    return {"transactions": transactions(*orders)}


def test_five_different_customers_get_the_five_scores(engine: Any) -> None:
    customers = [(40, 0, 100), (30, 1, 200), (20, 2, 300), (10, 3, 400), (0, 4, 500)]
    rows = made("rfm", log_of(customers), RUN, engine=engine)
    for score in SCORES:
        assert column(rows, score) == [1, 2, 3, 4, 5]
    assert column(rows, "rfm_segment")[0] == "Lost"
    assert column(rows, "rfm_segment")[-1] == "Champions"


def test_a_tie_that_fills_three_fifths_gets_the_lowest_score_and_the_rest_keep_theirs() -> None:
    customers = [(k, repeats, k) for k, repeats in enumerate([0, 0, 0, 0, 0, 0, 1, 1, 2, 3])]
    rows = made("rfm", log_of(customers), RUN)
    assert column(rows, "frequency_score") == [1] * 6 + [4] * 2 + [5] * 2


def test_tiles_by_rank_would_tear_a_tie_apart() -> None:
    """The twin: ntile gives six equal customers three different scores."""
    rank = [1 + 5 * position // 10 for position in range(10)]
    assert len(set(rank[:6])) == 3


CUSTOMERS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 4), st.integers(0, 9)), min_size=1, max_size=25
)


@given(CUSTOMERS)
@settings(max_examples=settings().max_examples // 3)
def test_equal_values_score_equal_and_better_ones_never_score_less(customers: Any) -> None:
    rows = made("rfm", log_of(customers), RUN)
    by_value = [
        sorted(zip(values, column(rows, score), strict=True))
        for score, values in zip(SCORES, measures(customers), strict=True)
    ]
    for pairs in by_value:
        assert column_of(pairs, 1) == sorted(column_of(pairs, 1))
        assert len(set(pairs)) == len(set(column_of(pairs, 0)))


def measures(customers: list[tuple[int, int, int]]) -> tuple[list[int], list[int], list[int]]:
    since, repeats, amounts = (list(c) for c in zip(*customers, strict=True))
    return [-s for s in since], repeats, amounts


def column_of(pairs: list[tuple[int, int]], k: int) -> list[int]:
    return [pair[k] for pair in pairs]


def test_the_packaged_map_names_each_of_the_125_scores_once() -> None:
    check_map(PACKAGED)
    assert len(set(PACKAGED["segment"].to_pylist())) == 11


def test_a_map_with_a_hole_is_refused() -> None:
    with pytest.raises(ValueError, match="recency 4, frequency 4, monetary 4 has 0 names"):
        check_map(PACKAGED.slice(1))


def test_a_map_with_two_names_for_a_score_is_refused() -> None:
    twice = pa.concat_tables([PACKAGED, PACKAGED.slice(4, 1)])
    with pytest.raises(ValueError, match="recency 5, frequency 1, monetary 1 has 2 names"):
        check_map(twice)


def test_an_own_map_takes_the_place_of_the_packaged_one(tmp_path: Path) -> None:
    own = tmp_path / "map.csv"
    own.write_text(",".join(PACKAGED.column_names) + "\neverybody" + ",1,5" * 3 + "\n")
    steps = replaced(STEPS, table_step("rfm_segments", read_map(own)))
    rows = made("rfm", log_of([(0, 0, 1), (9, 2, 3)]), RUN, steps=steps)
    assert column(rows, "rfm_segment") == ["everybody", "everybody"]


def test_cutoffs_are_the_points_that_the_worst_share_reaches(engine: Any) -> None:
    customers = [(40, 0, 100), (30, 1, 200), (20, 2, 300), (10, 3, 400), (0, 4, 500)]
    rows = made("rfm_cutoffs", log_of(customers), RUN, engine=engine)
    found = {row["measure"]: list(row.values())[1:] for row in rows}
    assert found == {
        "recency": [40, 30, 20, 10],
        "frequency": [0, 1, 2, 3],
        "monetary": [100, 200, 300, 400],
    }


def test_a_customer_without_a_name_would_be_seen() -> None:
    """The twin of the check: a map with a hole breaks the contract of `rfm`."""
    hole = table("rfm_segments", [row for row in PACKAGED.to_pylist() if row["segment"] != "Lost"])
    steps = replaced(STEPS, table_step("rfm_segments", hole))
    with pytest.raises(ValueError, match=r"rfm: rfm_segment is empty \(1 rows\)"):
        made("rfm", log_of([(9, 0, 1), (0, 2, 3)]), RUN, steps=steps)
