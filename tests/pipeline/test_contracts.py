"""Contracts bite: each rule is shown data that breaks it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from kizuna.pipeline import contracts
from kizuna.pipeline.contracts import Column, ContractError, Table
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.tables import TABLES, arrow_schema, check
from project import ROOT
from tiny_tables import table

GOOD = {"cohort": date(2024, 1, 1), "age_months": 0, "customers": 4, "active": 2, "rate": 0.5}

BROKEN = [
    ({"customers": None}, "customers is empty"),
    ({"active": -1}, "active is negative"),
    ({"rate": 1.5}, "rate is above 1"),
    ({"rate": float("nan")}, "rate is NaN"),
]


def rows_in_sql(name: str, data: pa.Table) -> None:
    with Engine(threads=1) as engine:
        engine.register(name, data)
        counts = engine.query(contracts.violations_sql(TABLES[name])).to_pylist()[0]
        assert counts.pop(contracts.ROWS) == data.num_rows
        broken = engine.query(contracts.broken_sql(TABLES[name]))["broken"][0].as_py()
        assert (broken > 0) == any(counts.values())
        contracts.report(TABLES[name], {k: n for k, n in counts.items() if n})


HOLDERS = [check, rows_in_sql]


@pytest.mark.parametrize("hold", HOLDERS)
def test_good_rows_pass(hold: Any) -> None:
    hold("retention", table("retention", [GOOD, GOOD | {"age_months": 1}]))


@pytest.mark.parametrize("hold", HOLDERS)
@pytest.mark.parametrize(("change", "rule"), BROKEN)
def test_a_row_that_breaks_a_rule_is_named(hold: Any, change: Any, rule: str) -> None:
    with pytest.raises(ContractError, match=rf"retention: {rule} \(1 rows\)"):
        hold("retention", table("retention", [GOOD | change]))


@pytest.mark.parametrize("hold", HOLDERS)
def test_the_error_carries_the_table_and_the_rows_that_break_each_rule(hold: Any) -> None:
    with pytest.raises(ContractError) as caught:
        hold("retention", table("retention", [GOOD | {"active": -1}]))
    assert caught.value.table == "retention"
    assert caught.value.violations == {"active is negative": 1}
    assert "active is negative" in contracts.rules(TABLES["retention"])


@pytest.mark.parametrize("hold", HOLDERS)
def test_two_rows_of_one_grain_are_named(hold: Any) -> None:
    with pytest.raises(ContractError, match="more than one row for a cohort, age_months"):
        hold("retention", table("retention", [GOOD, GOOD]))


def test_a_table_of_a_single_row_holds_one_row() -> None:
    single = Table("one", (), "", (Column("a", "BIGINT", "", ""),))
    with pytest.raises(ContractError, match="table of a single row"):
        contracts.check(single, pa.table({"a": [1, 2]}))


def test_a_missing_and_a_foreign_column_are_named() -> None:
    data = pa.table({"cohort": [1], "foreign": [1]})
    with pytest.raises(ContractError, match=r"missing \['age_months'.*not expected \['foreign'\]"):
        check("retention", data)


def test_a_column_of_another_type_is_named() -> None:
    fields = [pa.field(f.name, pa.float32() if f.name == "rate" else f.type) for f in SCHEMA]
    with pytest.raises(ContractError, match=r"retention\.rate: type is float, should be DOUBLE"):
        check("retention", pa.schema(fields))


SCHEMA = arrow_schema("retention")


def test_every_column_has_a_known_type_and_a_meaning() -> None:
    for name in TABLES:
        arrow_schema(name)
        assert all(column.meaning for column in TABLES[name].columns)


def test_every_grain_is_made_of_columns_that_are_never_empty() -> None:
    for each in TABLES.values():
        needed = {column.name for column in each.columns if not column.nullable}
        assert needed >= set(each.grain), each.name


EXPECTED = (
    *("contract_risks", "value_risks", "comment_values", "journey_members", "journey_cells"),
    "effects",
)
"""Tables whose value is estimated: an expectation is no sum of what was booked."""


def test_sums_of_money_are_whole_numbers() -> None:
    whole = ("historical_value", "amount", "total", "value")
    booked = [c for t in TABLES.values() if t.name not in EXPECTED for c in t.columns]
    minor = [column for column in booked if column.unit == "minor" and column.name in whole]
    assert {column.type for column in minor} == {"BIGINT"}


def test_the_data_dictionary_is_written_from_the_tables() -> None:
    page = Path(ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
    assert page == contracts.markdown(TABLES.values()), "make docs"
