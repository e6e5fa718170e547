"""Rules over customers: who is in, why, and what cannot be."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.rules.builder import OPERATIONS, from_builder, to_builder
from kizuna.pipeline.rules.contradictions import contradiction
from kizuna.pipeline.rules.errors import RuleError
from kizuna.pipeline.rules.evaluation import judge, members_sql, rule_members_sql
from kizuna.pipeline.rules.reading import read
from kizuna.pipeline.rules.terms import FactType

FACTS = {
    "orders": FactType("orders", "number", "orders"),
    "mrr": FactType("mrr", "number", "minor"),
    "channel": FactType("channel", "text"),
    "last_purchase": FactType("last_purchase", "date", "day"),
    "auto_renew": FactType("auto_renew", "flag"),
}
TODAY = date(2024, 6, 30)
ROWS = pa.table(
    {
        "customer_id": ["a", "b", "c", "d"],
        "orders": pa.array([5, 0, None, 2], pa.int64()),
        "mrr": pa.array([10_000, 0, 50_000, None], pa.int64()),
        "channel": ["web", "Shop", None, "it's"],
        "last_purchase": pa.array(
            [date(2024, 6, 20), date(2024, 1, 1), None, date(2024, 3, 31)], pa.date32()
        ),
        "auto_renew": pa.array([True, False, None, True]),
    }
)

MEMBERS = [
    ("orders > 1", "ad"),
    ("not orders > 1", "b"),
    ("orders is null", "c"),
    ("orders > 1 or mrr >= 500", "acd"),
    ("mrr = 100", "a"),
    ("mrr / orders = 20", "a"),
    ("mrr / orders > 0 or true", "abcd"),
    ("today - last_purchase > 90", "bd"),
    ("last_purchase >= today - 91", "ad"),
    ("last_purchase between '2024-01-01' and '2024-03-31'", "bd"),
    ("channel ilike '%SH%'", "b"),
    ("channel = 'it''s'", "d"),
    ("channel not in ('web')", "bd"),
    ("auto_renew", "ad"),
    ("coalesce(orders, 0) = 0", "bc"),
    ("round(mrr / 3) = 33", "a"),
    ("false", ""),
]

OF_DUCKDB = [
    ("greatest(orders, mrr) > 4", "ac"),
    ("orders * 9e300 * 9e300 > 1", "ad"),
    ("true", "abcd"),
]
"""What overflows, and what the greatest of nothing is, engines say each in their own way; and
Spark 4 finds no columns in a view that is filtered by nothing but TRUE."""


@pytest.mark.parametrize(("text", "members"), MEMBERS)
def test_a_rule_holds_for_these(engine: Any, text: str, members: str) -> None:
    engine.register("customer_facts", ROWS)
    sql = rule_members_sql(read(text, FACTS), today=TODAY, minor_units=100)
    engine.create("found", sql)
    assert "".join(sorted(engine.table("found")["customer_id"].to_pylist())) == members


@pytest.mark.parametrize(("text", "members"), OF_DUCKDB)
def test_a_rule_holds_for_these_on_duckdb(text: str, members: str) -> None:
    with Engine(threads=1) as engine:
        test_a_rule_holds_for_these(engine, text, members)


def test_many_rules_are_found_in_one_pass() -> None:
    rules = {at: read(text, FACTS) for at, (text, _members) in enumerate(MEMBERS)}
    with Engine(threads=1) as engine:
        engine.register("customer_facts", ROWS)
        rows = engine.query(members_sql(rules, today=TODAY, minor_units=100)).to_pylist()
    found: dict[int, str] = dict.fromkeys(rules, "")
    for row in sorted(rows, key=lambda row: str(row["customer_id"])):
        found[row["rule"]] += row["customer_id"]
    assert list(found.values()) == [members for _text, members in MEMBERS]


def test_a_column_may_be_the_day_that_facts_are_told_of() -> None:
    rows = ROWS.append_column("day", pa.array([TODAY] * 3 + [date(2024, 4, 1)], pa.date32()))
    rules = {7: read("today - last_purchase > 90", FACTS)}
    with Engine(threads=1) as engine:
        engine.register("fact_panel", rows)
        keys = ("customer_id", "day")
        sql = members_sql(rules, today="day", source="fact_panel", keys=keys)
        assert [row["customer_id"] for row in engine.query(sql).to_pylist()] == ["b"]


def test_a_verdict_says_of_each_condition_whether_it_holds_and_by_which_values() -> None:
    rule = read("orders > 1 and mrr > 50", FACTS)
    with Engine(threads=1) as engine:
        engine.register("customer_facts", ROWS)
        inside, unsure = (
            judge(rule, engine, name, today=TODAY, minor_units=100) for name in ("a", "d")
        )
        assert judge(rule, engine, "nobody", today=TODAY) is None
    assert inside is not None
    assert unsure is not None
    assert (inside.inside, [one.holds for one in inside.judged]) == (True, [True, True])
    assert (unsure.inside, [one.holds for one in unsure.judged]) == (False, [True, None])
    assert (unsure.unknown, inside.judged[1].values) == (("mrr",), {"mrr": 10_000})


IMPOSSIBLE = [
    "orders > 3 and orders < 3",
    "orders >= 3 and orders < 3",
    "orders = 2 and orders between 3 and 4",
    "orders between 4 and 3",
    "channel = 'a' and channel in ('b', 'c')",
    "orders is null and orders > 3",
    "last_purchase < '2024-01-01' and last_purchase > '2024-02-01'",
    "mrr > 1 and (orders > 3 and orders < 2 or orders = 1 and orders = 2)",
    "false",
]
POSSIBLE = [
    "orders >= 3 and orders <= 3",
    "orders > 3 or orders < 3",
    "orders is null and coalesce(orders, 0) = 0",
    "mrr > 1 and (orders > 3 and orders < 2 or orders = 1)",
    "orders > mrr and orders < mrr",
]


@pytest.mark.parametrize("text", IMPOSSIBLE)
def test_conditions_that_cannot_hold_together_are_named(text: str) -> None:
    assert contradiction(read(text, FACTS).part)


@pytest.mark.parametrize("text", POSSIBLE)
def test_what_may_be_is_not_called_impossible(text: str) -> None:
    assert contradiction(read(text, FACTS).part) == ()


@pytest.mark.parametrize("text", [text for text, _members in MEMBERS])
def test_the_form_gives_back_the_rule_that_it_showed(text: str) -> None:
    rule = read(text, FACTS)
    assert from_builder(to_builder(rule.part), FACTS).text == rule.text


VALUES = {"number": 3, "text": "a", "date": "2024-01-31", "flag": None}


@pytest.mark.parametrize("name", FACTS)
def test_every_operation_of_the_form_makes_a_rule_that_the_form_shows_again(name: str) -> None:
    kind = FACTS[name].kind
    for op in OPERATIONS[kind]:
        value = 30 if op.endswith("_days") else [1, 2] if op == "between" else VALUES[kind]
        shown = to_builder(from_builder({"fact": name, "op": op, "value": value}, FACTS).part)
        assert (shown["fact"], shown["op"]) == (name, op)


@pytest.mark.parametrize(
    "given",
    [
        {"all": []},
        {"fact": "orders", "op": "above", "value": "x"},
        {"fact": "orders", "op": "above"},
        {"fact": "nothing", "op": "above", "value": 1},
        {"fact": "orders", "op": "drop", "value": 1},
        {"fact": "channel", "op": "is", "value": ""},
        {"sql": "select 1"},
        {},
    ],
)
def test_a_form_that_says_nothing_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(RuleError):
        from_builder(given, FACTS)
