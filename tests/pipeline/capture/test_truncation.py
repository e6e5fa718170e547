"""A log that begins in the middle of a shop's life is told from one that does not."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from data_sets import data_file
from kizuna.pipeline.capture.truncation import LeftTruncation, left_truncation
from kizuna.pipeline.engine import Engine
from order_files import read_paths


def shop(seed: int, days: int = 1000, arrivals_per_day: float = 4.0) -> pa.Table:
    """Orders of a shop from its first day: customers arrive, buy at their own rate, and leave."""
    rng = np.random.default_rng(seed)
    n = rng.poisson(arrivals_per_day * days)
    start, rate = rng.uniform(0, days, n), rng.gamma(0.6, 1 / 40, n)
    life = rng.exponential(300, n)
    repeats = rng.poisson(rate * life)
    who = np.repeat(np.arange(n), repeats + 1)
    when = start[who] + life[who] * rng.uniform(size=len(who))
    when[np.cumsum(repeats + 1) - 1] = start
    kept = when < days
    day = np.datetime64("2020-01-01") + when[kept].astype(int)
    ids = [f"c{i}" for i in who[kept]]
    return pa.table({"customer_id": ids, "ordered_on": day, "amount": np.ones(kept.sum(), int)})


def judged(engine: Engine, orders: pa.Table, since: str = "2020-01-01") -> LeftTruncation:
    engine.register("all_orders", orders)
    engine.create("transactions", f"SELECT * FROM all_orders WHERE ordered_on >= '{since}'")
    return left_truncation(engine)


@pytest.mark.parametrize("seed", range(5))
def test_a_shop_seen_from_its_first_day_is_complete(engine: Engine, seed: int) -> None:
    assert judged(engine, shop(seed)).verdict == "complete"


@pytest.mark.parametrize("seed", range(5))
def test_the_same_shop_seen_from_its_second_year_is_truncated(engine: Engine, seed: int) -> None:
    found = judged(engine, shop(seed), since="2021-06-01")
    assert found.verdict == "truncated"
    assert found.ratio is not None
    assert found.ratio > 1.5


def test_about_as_many_old_customers_are_found_as_there_were(engine: Engine) -> None:
    found = judged(engine, shop(7), since="2021-06-01")
    old = "SELECT customer_id FROM all_orders WHERE ordered_on < '2021-06-01'"
    truth = engine.query(
        f"SELECT count(DISTINCT customer_id) AS n FROM transactions WHERE customer_id IN ({old})"
    )["n"][0].as_py()
    assert 0.4 * truth < found.old_customers < 1.2 * truth


def test_a_launch_that_brings_many_new_customers_is_no_truncation(engine: Engine) -> None:
    engine.register("crowd", shop(3, arrivals_per_day=12))
    launch = engine.query(
        "SELECT 'x' || customer_id AS customer_id, ordered_on, amount FROM crowd WHERE customer_id "
        "IN (SELECT customer_id FROM crowd GROUP BY 1 HAVING min(ordered_on) < DATE '2020-01-31')"
    )
    found = judged(engine, pa.concat_tables([shop(1), launch]))
    assert found.ratio is not None
    assert found.ratio > 3
    assert found.verdict == "complete"


def test_a_short_log_cannot_tell(engine: Engine) -> None:
    assert judged(engine, shop(1, days=100)).verdict == "unknown"


def test_cdnow_is_a_cohort_by_design(engine: Engine) -> None:
    read_paths(engine, [data_file("cdnow/cdnow_master.parquet")])
    assert left_truncation(engine).verdict == "cohort"


def test_cdnow_cut_in_june_is_truncated(engine: Engine) -> None:
    read_paths(engine, [data_file("cdnow/cdnow_master.parquet")])
    engine.create("late", "SELECT * FROM transactions WHERE ordered_on >= '1997-06-01'")
    engine.create("transactions", "SELECT * FROM late")
    assert left_truncation(engine).verdict == "truncated"


def test_online_retail_begins_in_the_middle_of_its_life(engine: Engine) -> None:
    read_paths(engine, [data_file("online_retail/online_retail.parquet")])
    found = left_truncation(engine)
    assert (found.verdict, found.arrivals[0]) == ("truncated", 885)
    assert "885 of 4,339 customers" in str(found)
