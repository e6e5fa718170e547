"""Reading rules: what is allowed, what is refused and how that is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kizuna.pipeline.rules.catalogue import known_facts
from kizuna.pipeline.rules.errors import REASONS, RuleError
from kizuna.pipeline.rules.reading import read
from kizuna.pipeline.rules.terms import FactType

FACTS = {
    "orders": FactType("orders", "number", "orders"),
    "mrr": FactType("mrr", "number", "minor"),
    "days_to_renewal": FactType("days_to_renewal", "number", "days"),
    "days_to_notice": FactType("days_to_notice", "number", "days"),
    "channel": FactType("channel", "text"),
    "last_purchase": FactType("last_purchase", "date", "day"),
    "auto_renew": FactType("auto_renew", "flag"),
}

CANONICAL = [
    ("orders>3", "orders > 3"),
    ("3 < ORDERS", "orders > 3"),
    ("auto_renew", "auto_renew = TRUE"),
    ("not auto_renew", "NOT (auto_renew = TRUE)"),
    ("orders > 3 and (mrr > 5 and channel = 'web')", "orders > 3 AND mrr > 5 AND channel = 'web'"),
    ("orders > 3 or mrr > 5 and mrr < 9", "orders > 3 OR (mrr > 5 AND mrr < 9)"),
    ("last_purchase < '2024-01-31'", "last_purchase < DATE '2024-01-31'"),
    ("today - last_purchase > 90", "today - last_purchase > 90"),
    ("last_purchase >= today - 30", "last_purchase >= today - 30"),
    ("channel in ('web', 'shop', 'web')", "channel IN ('shop', 'web')"),
    ("channel not in ('web')", "NOT (channel IN ('web'))"),
    ("channel like '%we''b%'", "channel ILIKE '%we''b%'"),
    ("mrr is not null", "mrr IS NOT NULL"),
    ("not not orders > 1", "orders > 1"),
    ("mrr is null", "mrr IS NULL"),
    ("orders * (mrr + 1) / 2 >= -3.5", "orders * (mrr + 1) / 2 >= -3.5"),
    ("orders - (mrr - 1) = 2", "orders - (mrr - 1) = 2"),
    ("coalesce(orders, 0) = 0", "coalesce(orders, 0) = 0"),
    ("true", "TRUE"),
]

REFUSED = [
    ("", "empty"),
    ("-- nothing", "empty"),
    ("orders >", "syntax"),
    ("orders > 'x", "unclosed"),
    ("orders > 1; drop table customers", "several"),
    ("(select 1) > 0", "not_allowed"),
    ("exists (select 1 from customers)", "not_allowed"),
    ("orders in (select 1)", "not_allowed"),
    ("customers.orders > 1", "unknown_fact"),
    ("renewal_day < 30", "unknown_fact"),
    ("customer_id = 'c1'", "unknown_fact"),
    ("read_csv('/etc/passwd') = 'x'", "unknown_function"),
    ("getenv('HOME') = 'x'", "unknown_function"),
    ("count(orders) > 1", "unknown_function"),
    ("orders", "no_condition"),
    ("orders = 'many'", "other_kind"),
    ("orders + channel > 1", "no_arithmetic"),
    ("last_purchase + orders > today", "days"),
    ("last_purchase + 99999999 > today", "days"),
    ("last_purchase > 'yesterday'", "date"),
    ("orders ilike '%a%'", "no_text"),
    ("channel like 'a_b%'", "pattern"),
    ("channel like 'web'", "pattern"),
    ("orders = null", "null"),
    ("auto_renew > false", "not_allowed"),
    ("orders > 1e999", "number"),
    ("abs(channel) = 1", "arguments"),
    ("case when orders > 1 then true end", "not_allowed"),
    ("orders > 1 window w as ()", "syntax"),
    ("orders > (" * 60 + "1" + ")" * 60, "not_allowed"),
    ("orders = 1 or " * 3000 + "orders = 2", "too_long"),
    ("orders = 1 or " * 150 + "orders = 2", "too_many"),
    ("drop table customers", "not_allowed"),
    ("create table x as select 1", "not_allowed"),
    ("attach 'x.db'", "not_allowed"),
    ("$1 > 0", "not_allowed"),
    ("orders > ?", "not_allowed"),
    ("orders::int > 1", "not_allowed"),
]


@pytest.mark.parametrize(("text", "canonical"), CANONICAL)
def test_a_rule_has_one_form_that_reads_as_itself(text: str, canonical: str) -> None:
    rule = read(text, FACTS)
    assert rule.text == canonical
    assert read(rule.text, FACTS) == rule


@pytest.mark.parametrize(("text", "code"), REFUSED)
def test_what_is_no_condition_on_facts_is_refused(text: str, code: str) -> None:
    with pytest.raises(RuleError) as told:
        read(text, FACTS)
    assert told.value.code == code, str(told.value)
    assert told.value.code in REASONS
    assert 0 <= told.value.start <= max(len(text), told.value.end)


def test_an_unknown_fact_is_told_with_its_place_and_what_was_meant() -> None:
    with pytest.raises(RuleError) as told:
        read("orders > 3 AND renewal_day < 30", FACTS)
    error = told.value
    assert (error.start, error.end) == (15, 25)
    assert error.suggestion == "days_to_renewal"
    assert "renewal_day" in str(error)


def test_the_facts_of_a_rule_are_named_once() -> None:
    assert read("orders > 3 or orders * 2 < mrr", FACTS).facts == ("mrr", "orders")


def test_every_column_of_the_customers_is_a_fact_but_the_key() -> None:
    facts = known_facts()
    assert facts["p_alive"].kind == "number"
    assert facts["first_purchase"].kind == "date"
    assert "customer_id" not in facts
    assert set(known_facts(["p_alive", "x"])) == {"p_alive"}


def holds(text: str) -> bool:
    """Read a text: it is refused by a known reason, or reads as its canonical form does."""
    try:
        rule = read(text, FACTS)
    except RuleError as error:
        return error.code in REASONS
    return read(rule.text, FACTS) == rule


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused_in_words(text: str) -> None:
    assert holds(text)


WORDS = ["orders", "mrr", "today", "(", ")", "and", "or", "not", "<", "=", "'x'", "3", "-", "null"]


@given(st.lists(st.sampled_from([*WORDS, "in", "between", "is", ",", ";", "select"]), max_size=12))
def test_words_in_any_order_are_read_or_refused_in_words(words: list[str]) -> None:
    assert holds(" ".join(words))
