"""A run: values reach SQL, results are held to contracts, a trace is left, parts equal wholes."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.pipeline.contracts import ContractError
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.parameters import minor_units
from kizuna.pipeline.run import execute, execute_for
from kizuna.pipeline.steps import select, sql_step, table_step
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema
from tiny_tables import STEPS, a_run, table, transactions

RUN = a_run("2024-12-31")
ABOUT_CUSTOMERS = ("purchases", "spend", "rfm", "valued_customers", "customer_values")


def ran(log: pa.Table, *targets: str) -> Engine:
    engine = Engine(threads=2)
    engine.register("transactions", log)
    execute(select(STEPS, *targets), engine, RUN)
    return engine


def test_the_values_of_a_run_reach_sql() -> None:
    engine = Engine(threads=1)
    run = a_run("2024-06-30", period="week", currency="JPY", margin=0.3, horizon_days=90)
    sql = "SELECT as_of, until, days_per_period, minor_units, margin, horizon_days FROM run"
    execute([sql_step("seen", sql)], engine, run)
    day = date(2024, 6, 30)
    assert list(engine.table("seen").to_pylist()[0].values()) == [day, day, 7, 1, 0.3, 90]


@pytest.mark.parametrize(("currency", "units"), [("JPY", 1), ("USD", 100), ("KWD", 1000)])
def test_minor_units_of_a_currency(currency: str, units: int) -> None:
    assert minor_units(currency) == units


def test_a_run_says_what_is_wrong_with_its_values() -> None:
    with pytest.raises(ValueError, match=r"Run\.period: 'month' is not one of"):
        a_run(period="month")
    with pytest.raises(ValueError, match=r"Run\.until: 2024-01-01 is before as_of, 2024-12-31"):
        a_run(until=date(2024, 1, 1))


def test_a_trace_says_what_each_step_read_and_wrote() -> None:
    engine = Engine(threads=1)
    engine.register("transactions", transactions(("a", "2024-01-01", 5)))
    trace = execute(select(STEPS, "purchases"), engine, RUN)
    assert [step.writes for step in trace.steps] == ["purchase_days", "order_history", "purchases"]
    assert trace.steps[1].reads == ("purchase_days", "run")
    assert trace.rows("purchases") == 1
    assert trace.seconds == sum(step.seconds for step in trace.steps) > 0


def test_progress_is_told_after_each_step() -> None:
    told: list[tuple[str, int, int]] = []
    engine = Engine(threads=1)
    engine.register("transactions", transactions())
    steps = select(STEPS, "purchases")
    execute(steps, engine, RUN, lambda step, k, n: told.append((step.step, k, n)))
    assert told == [("purchase_days", 1, 3), ("order_history", 2, 3), ("purchases", 3, 3)]


def test_a_run_reads_from_the_store_and_writes_to_it(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.write("transactions", transactions(("a", "2024-01-01", 5)))
    for version in (0, 1):
        trace = execute(select(STEPS, "purchases"), Engine(threads=1), RUN, store=store)
        assert trace.versions_read == {"transactions": 0}
        assert [step.version for step in trace.steps] == [version] * 3
    assert store.read("purchases")["customer_id"].to_pylist() == ["a"]


def test_what_the_engine_has_is_not_read_from_the_store(tmp_path: Path) -> None:
    store, engine = Store(tmp_path), Engine(threads=1)
    store.write("transactions", transactions(("a", "2024-01-01", 5)))
    engine.register("transactions", transactions())
    trace = execute(select(STEPS, "purchases"), engine, RUN, store=store)
    assert (trace.versions_read, trace.rows("purchases")) == ({}, 0)


def test_a_result_that_breaks_its_contract_does_not_reach_the_store(tmp_path: Path) -> None:
    wrong = sql_step("future_purchases", "SELECT 1 AS a")
    with pytest.raises(ContractError):
        execute([wrong], Engine(threads=1), RUN, store=Store(tmp_path))
    assert Store(tmp_path).names() == ()


@pytest.mark.parametrize("orders", [(), (("a", "2024-01-01", -100),)], ids=["none", "a return"])
def test_every_step_runs_on_a_log_without_a_purchase(orders: Any) -> None:
    engine = Engine(threads=1)
    for name, rows in {"transactions": transactions(*orders), "clv_choice": None}.items():
        engine.register(name, rows or arrow_schema(name).empty_table())
    execute(STEPS, engine, RUN)
    assert engine.count("customer_facts") == engine.count("concentration") == 0


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT 'a' AS customer_id", "columns are not those of its contract"),
        ("SELECT 'a' AS customer_id, 1 AS purchases, 2::BIGINT AS amount", "type is int32"),
        ("SELECT 'a' AS customer_id, -1::BIGINT AS purchases, 2::BIGINT AS amount", "negative"),
        (
            "SELECT NULL::VARCHAR AS customer_id, 1::BIGINT AS purchases, 2::BIGINT AS amount",
            "empty",
        ),
        (
            "SELECT 'a' AS customer_id, 1::BIGINT AS purchases, 2::BIGINT AS amount FROM range(2)",
            "more than one row for a customer_id",
        ),
    ],
)
def test_a_result_that_breaks_its_contract_stops_the_run(sql: str, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        execute([sql_step("future_purchases", sql)], Engine(threads=1), RUN)


def test_a_function_is_held_to_the_contract_too() -> None:
    wrong = table_step("spend_patterns", pa.table({"orders": [1]}))
    with pytest.raises(ContractError, match="spend_patterns: columns"):
        execute([wrong], Engine(threads=1), RUN)


LOGS = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),
        st.integers(0, 365).map(lambda d: str(date(2024, 1, 1) + timedelta(d))),
        st.integers(-300, 2000),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=15)
@given(LOGS, st.sets(st.sampled_from("abcdefz")))
def test_a_run_for_some_customers_gives_their_rows_of_the_whole_run(log: Any, some: Any) -> None:
    engine = ran(transactions(*log), *ABOUT_CUSTOMERS)
    part = execute_for(sorted(some), select(STEPS, *ABOUT_CUSTOMERS), engine, RUN)
    for name in ABOUT_CUSTOMERS:
        whole = engine.table(name, order_by=["customer_id"]).to_pylist()
        assert part[name].to_pylist() == [row for row in whole if row["customer_id"] in some]


def test_a_run_for_some_customers_sees_their_new_orders_and_changes_nothing() -> None:
    log = [("a", "2024-01-01", 100), ("b", "2024-01-01", 200), ("b", "2024-02-01", 200)]
    engine = ran(transactions(*log), *ABOUT_CUSTOMERS)
    engine.register("transactions", transactions(*log, ("a", "2024-12-01", 900)))
    part = execute_for(["a"], select(STEPS, *ABOUT_CUSTOMERS), engine, RUN)
    assert part["valued_customers"]["frequency"].to_pylist() == [1]
    stands = {r["customer_id"]: r["frequency"] for r in engine.table("purchases").to_pylist()}
    assert stands == {"a": 0, "b": 1}


def test_cutoffs_made_again_from_some_customers_would_change_their_scores() -> None:
    """The twin: tables about all customers must be taken as they stand."""
    log = [(c, "2024-01-01", 100 * k) for k, c in enumerate("abcde")]
    engine = ran(transactions(*log), "rfm")
    alone = ran(transactions(log[4]), "rfm").table("rfm").to_pylist()[0]
    part = execute_for(["e"], select(STEPS, "rfm"), engine, RUN)["rfm"].to_pylist()[0]
    assert (part["monetary_score"], alone["monetary_score"]) == (5, 1)


def test_scores_that_are_given_are_joined_for_some_customers() -> None:
    engine = Engine(threads=1)
    engine.register("transactions", transactions(("a", "2024-01-01", 1), ("b", "2024-01-02", 2)))
    scores = [{"customer_id": c, "p_alive": 0.5} for c in "ab"]
    steps = select(STEPS, "valued_customers", given=["clv_scores"])
    engine.register("clv_scores", table("clv_scores", scores))
    execute(steps, engine, RUN)
    part = execute_for(["b"], steps, engine, RUN)["valued_customers"]
    assert part["p_alive"].to_pylist() == [0.5]
