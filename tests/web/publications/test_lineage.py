"""Columns are followed down to what was brought in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kizuna.pipeline.fact_tables import OPTIONAL, TOLD
from kizuna.pipeline.standard_tables import STANDARD
from kizuna.pipeline.steps import discover
from kizuna.pipeline.tables import TABLES
from kizuna.web.know.publications.lineage import (
    EVIDENCE,
    Origin,
    ancestors_of,
    origin_of,
    sources_of,
    uses_of,
)

MADE = [step.name for step in discover("know")]


def leaves(origin: Origin) -> Iterator[Origin]:
    if not origin.made_of:
        yield origin
    for below in origin.made_of:
        yield from leaves(below)


def test_the_value_of_a_segment_comes_from_amounts_and_days_of_orders() -> None:
    found = {(leaf.table, leaf.column) for leaf in leaves(origin_of("segments", "residual_clv"))}
    assert {("transactions", "amount"), ("transactions", "ordered_on")} <= found


def test_a_name_comes_from_the_list_of_customers_alone() -> None:
    assert [(o.table, o.column, o.how) for o in leaves(origin_of("customer_facts", "name"))] == [
        ("customers", "name", "import")
    ]


@pytest.mark.parametrize("table", MADE)
def test_every_column_ends_at_something_that_nobody_makes(table: str) -> None:
    for column in TABLES[table].column_names:
        for leaf in leaves(origin_of(table, column)):
            made = leaf.table in MADE and leaf.column != "*" and not leaf.again
            assert not made or leaf.how == "function" or not sources_of(leaf.table)[leaf.column]


@pytest.mark.parametrize("table", MADE)
def test_every_column_that_is_named_exists(table: str) -> None:
    known = {*MADE, *STANDARD, *OPTIONAL, *TOLD, *EVIDENCE, "transactions"}
    for of in sources_of(table).values():
        assert {name for name, _column in of} <= known
        assert all(c == "*" or c in TABLES[t].column_names for t, c in of)


def test_what_is_made_of_a_column_is_the_other_way_round() -> None:
    for table, column in uses_of("purchases", "frequency"):
        assert ("purchases", "frequency") in sources_of(table)[column]
    assert ("clv_inputs", "frequency") in uses_of("purchases", "frequency")


def test_a_count_is_made_of_rows() -> None:
    assert sources_of("order_history")["purchase_days"] == (("purchase_days", "*"),)


def test_ancestors_reach_what_was_brought_in() -> None:
    assert "transactions" in ancestors_of("segments")
    assert "customers" in ancestors_of("segments")
    assert "customers" not in ancestors_of("purchases")
