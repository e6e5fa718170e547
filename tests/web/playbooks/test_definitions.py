"""A playbook as data and as text: what is wrong with it is found before anything is done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.jobs.business_days import Calendar
from kizuna.web.accounts.models import Person
from kizuna.web.act.playbooks import services, yaml_text
from kizuna.web.act.playbooks.checking import check
from kizuna.web.act.playbooks.hours import Clock
from kizuna.web.act.playbooks.plan import named, plan_of
from kizuna.web.act.playbooks.texts import read_text
from kizuna.web.act.playbooks.warnings import warnings
from kizuna.web.know.customers.models import CustomerFact

pytestmark = pytest.mark.django_db

CALL = {"id": "call", "do": "task", "title": "Call them"}
REST = {"id": "rest", "do": "wait", "days": 1}
FRIDAY = datetime(2026, 6, 5, 12, 0, tzinfo=UTC)
CLOCK = Clock(ZoneInfo("Asia/Tokyo"), Calendar())


def said(*steps: Any, **more: Any) -> dict[str, Any]:
    return {"name": "P", "trigger": {"when": "by_hand"}, "steps": list(steps or [CALL])} | more


def back(at_most: int = 3) -> dict[str, Any]:
    return {"id": "back", "do": "go_to", "step": "call", "at_most": at_most}


FAULTS: list[tuple[dict[str, Any], str]] = [
    (said(trigger={"when": "rule_begins", "rule": "helth < 50"}), "Did you mean “health”?"),
    (said(trigger={"when": "rule_begins", "rule": "health < 5 AND health > 9"}), "ever meet"),
    (said(trigger={"when": "rule_starts"}), "Did you mean"),
    (said(trigger={"when": "enters"}), "Known here are: rule_begins"),
    (said(trigger={"when": "segment_entered", "segment": "Nobody"}), "no segment called"),
    (said(trigger={"when": "before", "of": "notice", "business_days": 0}), "business days before"),
    (said({"id": "w", "do": "wait", "days": 0}), "has no length"),
    (said({"id": "w", "do": "wait", "days": "soon"}), "no number"),
    (said({"id": "w", "do": "wait"}), "has no length"),
    (said(CALL, back()), "without a wait"),
    (said(CALL, {"id": "b", "do": "branch", "if": "health < 9", "then": [back()]}), "without a"),
    (said(REST, {**back(), "step": "rst"}), "Did you mean “rest”?"),
    (said({"id": "t", "do": "task", "title": "x", "ownr": "y"}), "Did you mean “owner”?"),
    (said({"id": "t", "do": "task", "title": "x", "owner": "no@example.com"}), "no@example.com"),
    (said({"id": "m", "do": "message", "template": "None"}), "not known here"),
    (said({"id": "u", "do": "update", "what": "field", "field": "X", "value": "1"}), "no field"),
    (said(CALL, CALL), "Two steps are called"),
    (said(again={"after_days": 0}), "1 to 3650"),
    (said(exit={"rule": "nonsense"}), "nonsense"),
    ({"name": "P", "trigger": {"when": "by_hand"}, "steps": []}, "at least one step"),
    ({"name": "", "trigger": None, "steps": "x"}, "Give the playbook a name."),
]


@pytest.mark.parametrize(("faulty", "words"), FAULTS)
def test_what_is_wrong_is_said(faulty: dict[str, Any], words: str) -> None:
    assert [one.text for one in check(faulty) if one.is_error and words in one.text]


def test_a_loop_with_a_wait_on_its_way_is_right() -> None:
    assert check(said(CALL, REST, back())) == []


@given(st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["do", "id", "if", "then", "else", "steps", "trigger", "when", "exit"]),
        inner, max_size=4), max_leaves=12))  # fmt: skip
@settings(max_examples=60)
def test_whatever_was_said_is_checked_and_laid_out_without_an_error(value: Any) -> None:
    whole = {"name": "P", "trigger": value, "exit": value, "steps": [value], "again": value}
    assert check(whole)
    plan_of(whole)


def test_text_is_read_into_what_it_was_written_from() -> None:
    visit = {"do": "task", "title": "訪問: 「急ぎ」", "body": "a\nb"}
    branch = {"id": "b", "do": "branch", "if": "health < 50", "then": [visit], "else": [REST]}
    whole = named(said(CALL, REST, branch))
    assert yaml_text.read(yaml_text.write(whole)).said == whole


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("name: P\ntrigger:\n  when: by_hand\nsteps:\n  - do: wiat\n", 5, 5, "“wait”"),
        ("name: P\ntrigger:\n  when: rule_begins\n  rule: helth < 1\nsteps:\n", 4, 3, "“health”"),
        ("name: P\nsteps: [\n", 3, 1, "YAML"),
        ("name: P\nname: Q\n", 2, 1, "twice"),
        ("name: &a P\npurpose: *a\n", 1, 7, "References"),
        ("a: !!python/object:os.system {}\n", 1, 4, "not read"),
        ("- 1\n", 1, 1, "begins with its name"),
    ],
)
def test_an_error_in_a_text_has_its_line_and_column(
    text: str, line: int, column: int, words: str
) -> None:
    kept, found = read_text(text)
    assert kept is None
    assert (found[0].line, found[0].column) == (line, column)
    assert any(words in one.text for one in found)


def test_no_word_of_a_text_is_taken_for_a_truth() -> None:
    assert yaml_text.read("a: no\nb: on\nc: 1:30\nd: 2026-01-01\ne: true\n").said == {
        "a": "no", "b": "on", "c": "1:30", "d": "2026-01-01", "e": True,
    }  # fmt: skip


def test_waits_are_counted_in_hours_days_and_business_days() -> None:
    assert CLOCK.after(FRIDAY, {"days": 1, "hours": 2}) == FRIDAY + timedelta(hours=26)
    assert CLOCK.after(FRIDAY, {"business_days": 1}) == FRIDAY + timedelta(days=3)
    closed = Clock(CLOCK.zone, Calendar(own=frozenset({(FRIDAY + timedelta(days=3)).date()})))
    assert closed.after(FRIDAY, {"business_days": 1}) == FRIDAY + timedelta(days=4)


def test_hours_are_those_of_the_place_asked_for() -> None:
    tokyo_monday = datetime(2026, 6, 8, 0, 0, tzinfo=UTC)  # 9:00 in Tokyo
    assert CLOCK.opening(FRIDAY, {}, "acme") == tokyo_monday
    abroad = Clock(CLOCK.zone, Calendar(), lambda customer_id: ZoneInfo("America/New_York"))
    asked = {"whose": "recipient", "from": "10:00"}
    assert abroad.opening(FRIDAY, asked, "acme") == datetime(2026, 6, 5, 14, 0, tzinfo=UTC)


def test_a_holdout_too_small_to_conclude_and_an_audience_are_warned_of(aiko: Person) -> None:
    CustomerFact.objects.create(customer_id="c1", folded="", fingerprint=1)
    made = services.make(actor=aiko, said=said(), holdout=0.0)
    assert ["held out" in one.text for one in warnings(made)] == [True]
    tried = services.rehearse(actor=aiko, pk=made.pk)
    tried.found, tried.done_at = {"entered": 20}, tried.asked_at
    tried.save()
    made.action.holdout = 0.1
    assert [one.customers for one in warnings(made)] == [40]
