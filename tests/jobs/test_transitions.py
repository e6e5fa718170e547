"""Who begins and ceases to satisfy conditions, from frame to frame."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.jobs.transitions import Condition, Trend, moved, weeks, without_flaps
from kizuna.jobs.watch import Frame, Watched, compare
from kizuna.pipeline.engine import Engine

DAY = date(2026, 1, 5)
LOW = Condition(1, "health < 40")


def frames(*rows: tuple[str, int, float | None]) -> pa.Table:
    names, weeks_, values = zip(*rows, strict=True)
    days = [DAY + timedelta(days=7 * week) for week in weeks_]
    return pa.table(
        {
            "customer_id": pa.array(names, pa.string()),
            "day": pa.array(days, pa.date32()),
            "health": pa.array(values, pa.float64()),
        }
    )


def turned(
    table: pa.Table, *conditions: Condition, first_seen: bool = False
) -> list[tuple[str, int, int, bool]]:
    with Engine(threads=1) as engine:
        engine.register("frames", table)
        engine.register("history", table)
        found = moved(engine, conditions, first_seen=first_seen).to_pylist()
    rows = [(r["customer_id"], (r["day"] - DAY).days // 7, r["key"], r["begins"]) for r in found]
    return sorted(rows)


def test_a_condition_begins_and_ceases_at_the_frame_at_which_it_changes() -> None:
    table = frames(("a", 0, 60), ("a", 1, 30), ("a", 2, 20), ("a", 3, 50), ("b", 0, 70))
    assert turned(table, LOW) == [("a", 1, 1, True), ("a", 3, 1, False)]


def test_what_was_not_known_before_begins_nowhere() -> None:
    table = frames(("a", 0, None), ("a", 1, 30), ("b", 1, 10))
    assert turned(table, LOW) == []


def test_news_of_now_begins_also_where_nothing_was_known() -> None:
    table = frames(("a", 0, None), ("a", 1, 30), ("b", 1, 10), ("c", 0, 10), ("c", 1, 9))
    assert turned(table, LOW, first_seen=True) == [("a", 1, 1, True), ("b", 1, 1, True)]


def test_a_trend_compares_with_so_many_days_before() -> None:
    table = frames(("a", 0, 80), ("a", 4, 75), ("a", 5, 50), ("b", 0, 80), ("b", 5, 79))
    trend = Trend("health", 28)
    fell = Condition(2, f"health - {trend.column} <= -20", (trend,))
    assert turned(table, fell) == [("a", 5, 2, True)]


def test_a_past_too_old_to_compare_with_is_not_known() -> None:
    trend = Trend("health", 28)
    fell = Condition(2, f"health - {trend.column} <= -20", (trend,))
    assert turned(frames(("a", 0, 80), ("a", 19, 75), ("a", 20, 10)), fell) == []


@settings(max_examples=25, deadline=None)
@given(
    values=st.lists(
        st.lists(st.one_of(st.none(), st.integers(0, 100)), min_size=2, max_size=6),
        min_size=1,
        max_size=4,
    ),
    limits=st.lists(st.integers(0, 100), min_size=1, max_size=130),
)
def test_many_conditions_at_once_turn_as_one_by_one(
    values: list[list[int | None]], limits: list[int]
) -> None:
    rows = [(f"c{n}", week, v) for n, some in enumerate(values) for week, v in enumerate(some)]
    conditions = [Condition(key, f"health < {limit}") for key, limit in enumerate(limits)]
    slowly = sorted(
        (f"c{n}", week, key, now < limit)
        for n, some in enumerate(values)
        for week, (was, now) in enumerate(pairwise(some), 1)
        for key, limit in enumerate(limits)
        if was is not None and now is not None and (was < limit) != (now < limit)
    )
    assert turned(frames(*rows), *conditions) == slowly


def test_what_goes_on_and_off_tells_once() -> None:
    flapping = [("a", week, 30.0 if week % 2 else 60.0) for week in range(9)]
    with Engine(threads=1) as engine:
        engine.register("frames", frames(*flapping, ("b", 0, 60), ("b", 1, 30)))
        engine.register("begun", moved(engine, [LOW]))
        kept = without_flaps(engine, "begun", {1: 15}).to_pylist()
        all_ = without_flaps(engine, "begun", {1: 0}).to_pylist()
    assert [(r["customer_id"], r["day"]) for r in kept] == [
        ("a", weeks(DAY + timedelta(days=7), 1)[0]),
        ("b", DAY + timedelta(days=7)),
    ]
    assert len(all_) == 5


def facts(**health: float | None) -> pa.Table:
    ids = pa.array(list(health), pa.string())
    value = pa.array([1_000.0] * len(health))
    return pa.table(
        {"customer_id": ids, "health": pa.array(list(health.values()), pa.float64())}
        | {"residual_clv": value}
    )


def test_two_runs_of_one_day_are_compared() -> None:
    found = compare(
        Frame(DAY, rows=facts(a=60, b=30)),
        Frame(DAY, rows=facts(a=30, b=60, c=10)),
        [Watched(LOW, ("health",)), Watched(Condition(9, "mood > 1"), ("mood",))],
    )
    said = [(t.customer_id, t.begins, t.value) for t in found.turned]
    assert said == [("a", True, 1_000.0), ("b", False, 1_000.0)]
    (change,) = found.turned[0].changes
    assert (change.before, change.now) == (60, 30)
    assert found.refused == {9: "mood"}


@pytest.mark.parametrize(("live", "told"), [(False, 0), (True, 300)])
def test_a_rule_that_holds_of_too_many_at_once_is_a_storm(live: bool, told: int) -> None:
    ids = [f"c{n}" for n in range(300)]
    found = compare(
        Frame(DAY, rows=facts(**dict.fromkeys(ids, 60.0))),
        Frame(DAY + timedelta(days=1), rows=facts(**dict.fromkeys(ids, 30.0))),
        [Watched(LOW, ("health",))],
        live=live,
    )
    assert len(found.turned) == told
    assert found.storms == ({} if live else {1: 300})
