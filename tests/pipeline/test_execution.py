"""Steps side by side: the same tables however many at a time, each told its own run."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from kizuna.pipeline import execution
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import StepTrace, execute, execute_together
from kizuna.pipeline.steps import Step, function_step, select, sql_step
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import TABLES
from tiny_tables import STEPS, a_run, transactions

RUN = a_run("2024-12-31")
LOG = [(f"c{k % 7}", f"2024-{1 + k % 12:02d}-{1 + k % 28:02d}", 100 + 7 * k) for k in range(90)]
TARGETS = ("customer_values", "concentration", "repurchase", "ltv_by_cohort", "health_scores")


def ran(threads: int, store: Store | None = None) -> tuple[Engine, tuple[StepTrace, ...]]:
    engine = Engine(threads=threads)
    engine.register("transactions", transactions(*LOG))
    engine.register("clv_choice", pa.table({"model": ["bg_nbd"], "paced": [False]}))
    trace = execute(select(STEPS, *TARGETS, given=["clv_choice"]), engine, RUN, store=store)
    return engine, trace.steps


def rows(engine: Engine, name: str) -> pa.Table:
    return engine.table(name, order_by=TABLES[name].grain)


def test_tables_do_not_depend_on_how_many_steps_are_at_work() -> None:
    (one, alone), (many, beside) = ran(1), ran(4)
    assert [step.step for step in beside] == [step.step for step in alone]
    assert [step.rows for step in beside] == [step.rows for step in alone]
    for step in alone:
        assert rows(many, step.step).equals(rows(one, step.step)), step.step


def test_what_is_kept_and_read_back_is_what_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "LARGE", 0)
    store = Store(tmp_path)
    (alone, _), (engine, steps) = ran(1), ran(4, store)
    assert store.names() == tuple(sorted(step.step for step in steps))
    for step in steps:
        assert rows(engine, step.step).equals(rows(alone, step.step)), step.step
        assert step.version == 0
    kinds = "SELECT table_type FROM information_schema.tables WHERE table_name = 'customer_values'"
    assert engine.query(kinds)["table_type"].to_pylist() == ["VIEW"]


def test_a_table_that_a_step_still_needs_is_not_let_go_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "LARGE", 0)
    written, store = threading.Event(), Store(tmp_path)
    seen: list[str] = []

    def late(engine: Engine) -> None:
        assert written.wait(10)
        kind = "SELECT table_type FROM information_schema.tables WHERE table_name = 'early'"
        seen.extend(engine.query(kind)["table_type"].to_pylist())

    steps = [sql_step("early", "SELECT 1 AS a"), Step("late", ("early",), work=late, aside=True)]
    engine = Engine(threads=2)
    execute(steps, engine, RUN, lambda *told: written.set(), store=store)
    assert seen == ["BASE TABLE"]


def test_each_part_is_told_its_own_run() -> None:
    days = {"one": a_run("2024-01-31"), "other": a_run("2024-02-29", fact_days=())}
    for threads in (1, 3):
        engine = Engine(threads=threads)
        parts = [
            ([sql_step(name, "SELECT as_of, day FROM run CROSS JOIN fact_days")], run)
            for name, run in days.items()
        ]
        execute_together(parts, engine, RUN_TOLD)
        for name, run in days.items():
            assert engine.table(name).to_pylist() == [{"as_of": run.as_of, "day": run.as_of}]
        assert engine.table("run")["as_of"].to_pylist() == [days["one"].as_of]


def RUN_TOLD(trace: StepTrace, done: int, steps: int) -> None:
    assert 1 <= done <= steps == 2


def test_functions_share_a_table_in_the_order_of_its_grain() -> None:
    given: dict[str, pa.Table] = {}

    def first(purchase_days: pa.Table, *, run: Any) -> pa.Table:
        given["first"] = purchase_days
        return pa.table({"a": [1]})

    def second(purchase_days: pa.Table, first: pa.Table, *, run: Any) -> pa.Table:
        given["second"] = purchase_days
        return first

    engine = Engine(threads=2)
    engine.register("transactions", transactions(*LOG))
    steps = (*select(STEPS, "purchase_days"), function_step(first), function_step(second))
    execute(steps, engine, RUN)
    assert given["first"] is given["second"]
    assert given["first"].equals(rows(engine, "purchase_days"))


def test_columns_of_which_nothing_is_known_share_their_memory() -> None:
    nothing = pa.array([None] * 1000, pa.float64())
    known = pa.array([1.5, *[None] * 999], pa.float64())
    dates = pa.array([None] * 1000, pa.date32())
    table = pa.table({"a": nothing, "b": pa.concat_arrays([nothing]), "c": known, "d": dates})
    found = execution.slim(table)
    assert found.equals(table)
    assert found.schema == table.schema
    assert found["a"].chunk(0).buffers()[1].address == found["b"].chunk(0).buffers()[1].address
    assert execution.slim(table.slice(0, 0)).equals(table.slice(0, 0))


def test_work_aside_is_neither_told_nor_kept(tmp_path: Path) -> None:
    store, told = Store(tmp_path), list[str]()
    steps = [
        Step("aside", (), work=lambda engine: engine.query("SELECT 3 AS a"), aside=True),
        sql_step("seen", "SELECT a + 1 AS b FROM aside"),
    ]
    engine = Engine(threads=2)
    trace = execute(steps, engine, RUN, lambda step, k, n: told.append(step.step), store=store)
    assert [step.step for step in trace.steps] == told == list(store.names()) == ["seen"]
    assert engine.table("seen").to_pylist() == [{"b": 4}]


@pytest.mark.parametrize("threads", [1, 2])
def test_what_work_tells_the_engine_is_told_anew_after_it(threads: int) -> None:
    other = a_run("2020-01-31")
    steps = [
        Step("aside", (), work=lambda engine: execution.tell(engine, other), aside=True),
        Step("seen", ("aside", "run"), sql="SELECT as_of FROM run"),
    ]
    engine = Engine(threads=threads)
    execute(steps, engine, RUN)
    assert engine.table("seen").to_pylist() == [{"as_of": RUN.as_of}]


def test_a_step_that_fails_stops_those_that_read_it() -> None:
    made: list[str] = []

    def note(name: str) -> Any:
        return lambda engine: made.append(name)

    steps = [
        sql_step("wrong", "SELECT error('no') AS a"),
        Step("after", ("wrong",), work=note("after"), aside=True),
    ]
    with pytest.raises(Exception, match="no"):
        execute(steps, Engine(threads=3), RUN)
    assert made == []
