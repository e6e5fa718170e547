"""Steps: found by their files, ordered by what they read, and named when they cannot be run."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.fact_tables import OPTIONAL
from kizuna.pipeline.run import Run, execute
from kizuna.pipeline.standard_tables import STANDARD
from kizuna.pipeline.steps import (
    Step,
    StepError,
    discover,
    function_step,
    in_order,
    replaced,
    select,
    sql_step,
    table_step,
)
from kizuna.pipeline.tables import TABLES
from project import ROOT
from tiny_tables import transactions

RUN = Run(as_of=date(2024, 12, 31))
CHAIN = (
    sql_step("third", "SELECT a FROM second"),
    sql_step("first", "SELECT 1 AS a"),
    sql_step("second", "SELECT a FROM first CROSS JOIN run"),
)


BESIDE = ("run", "fact_days", "transactions", "clv_choice")
"""Tables that a run is given beside those that a company brings and the application writes."""


def names(steps: tuple[Step, ...]) -> list[str]:
    return [step.name for step in steps]


def test_steps_are_found_by_their_files() -> None:
    found = {step.name: step for step in discover("know")}
    assert found["purchases"].reads == ("order_history", "run")
    assert found["rfm_segments"].reads == ()
    assert found["clv_scores"].function is not None


def test_every_step_makes_a_table_that_has_a_contract() -> None:
    assert {step.name for step in discover()} <= TABLES.keys()


def test_every_table_that_a_step_reads_is_made_or_captured() -> None:
    made = {step.name for step in discover()}
    read = {name for step in discover() for name in step.reads}
    assert read - made <= {*BESIDE, *STANDARD, *OPTIONAL}


def test_order_follows_from_what_is_read() -> None:
    assert names(in_order(CHAIN, ())) == ["first", "second", "third"]


@given(st.permutations(range(3)))
def test_the_order_in_which_steps_are_given_does_not_matter(order: list[int]) -> None:
    assert names(in_order([CHAIN[k] for k in order], ())) == ["first", "second", "third"]


def test_running_steps_as_given_would_fail() -> None:
    """The twin: without the derived order the first step finds no table."""
    engine = Engine(threads=1)
    with pytest.raises(Exception, match="second does not exist"):
        engine.create(CHAIN[0].name, str(CHAIN[0].sql))
    assert execute(CHAIN, engine, RUN).rows("third") == 1


def test_a_circle_is_named() -> None:
    circle = [sql_step(a, f"SELECT x FROM {b}") for a, b in (("a", "b"), ("b", "c"), ("c", "a"))]
    with pytest.raises(
        StepError, match=r"in a circle: (a → b → c → a|b → c → a → b|c → a → b → c)"
    ):
        in_order(circle, ())


def test_an_unknown_table_is_named_with_those_like_it() -> None:
    step = sql_step("mine", "SELECT a FROM purchasse")
    with pytest.raises(StepError, match=r"mine reads 'purchasse'.*did you mean 'purchases'"):
        in_order([step], ["purchases", "spend"])


def test_an_unknown_table_like_none_is_named_with_all() -> None:
    with pytest.raises(StepError, match=r"there are \['mine', 'run', 'spend'\]"):
        in_order([sql_step("mine", "SELECT a FROM xyzzy")], ["spend"])


def test_sql_that_cannot_be_read_is_named_by_its_step() -> None:
    with pytest.raises(StepError, match="step mine: SQL cannot be parsed"):
        sql_step("mine", "SELECT (")


def test_targets_bring_the_steps_that_they_need_and_no_others() -> None:
    assert set(names(select(CHAIN, "second"))) == {"first", "second"}


def test_what_is_given_is_not_made_again() -> None:
    assert names(select(CHAIN, "third", given=["second"])) == ["third"]


def test_a_target_that_no_step_makes_is_named() -> None:
    with pytest.raises(StepError, match=r"no step makes 'thrid'.*did you mean 'third'"):
        select(CHAIN, "thrid")


def test_a_step_takes_the_place_of_another() -> None:
    steps = replaced(CHAIN, table_step("first", pa.table({"a": [7, 8]})))
    assert execute(steps, Engine(threads=1), RUN).rows("third") == 2


def test_a_function_reads_the_tables_that_its_arguments_name() -> None:
    def doubled(first: pa.Table, *, run: Run) -> pa.Table:
        return pa.table({"a": [2 * v for v in first["a"].to_pylist()], "day": [run.as_of]})

    step = function_step(doubled)
    engine = Engine(threads=1)
    execute((CHAIN[1], step), engine, RUN)
    assert step.reads == ("first",)
    assert engine.table("doubled").to_pylist() == [{"a": 2, "day": date(2024, 12, 31)}]


def test_the_page_names_every_file_of_the_pipeline() -> None:
    page = (ROOT / "docs" / "pipeline.md").read_text(encoding="utf-8")
    files = (ROOT / "src" / "kizuna" / "pipeline").glob("[a-z]*.py")
    assert [file.name for file in files if file.name not in page] == []


def test_the_examples_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs" / "pipeline.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    pq.write_table(transactions(("a", "2024-01-01", 5)), "orders.parquet")
    shutil.copy(ROOT / "src/kizuna/pipeline/know/rfm_segments.csv", "map.csv")
    names: dict[str, Any] = {}
    for example in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(example, names)
    assert names["purchases"].num_rows == 1
    assert "rfm_segments" in {step.name for step in names["steps"]}
