"""Jobs side by side: each after those it waits for, few enough at a time, and errors in order."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.pipeline.side_by_side import one_by_one, side_by_side

type Graph = Mapping[int, list[int]]


@st.composite
def graphs(draw: Any) -> dict[int, list[int]]:
    """Draw jobs that wait for some of those with smaller numbers."""
    many = draw(st.integers(0, 12))
    some = {
        k: st.lists(st.integers(0, k - 1), unique=True) if k else st.just([]) for k in range(many)
    }
    return {k: draw(before) for k, before in some.items()}


class Seen:
    """What was done, begun and told, and how many were at work at a time."""

    def __init__(self, waits_for: Graph, failing: frozenset[int] = frozenset()) -> None:
        self.waits_for, self.failing = waits_for, failing
        self.lock = threading.Lock()
        self.told: list[int] = []
        self.begun: list[int] = []
        self.early: list[int] = []
        self.told_in: set[int] = set()
        self.at_work = {"even": 0, "odd": 0}
        self.most = {"even": 0, "odd": 0}

    def work(self, key: int) -> int:
        lane = parity(key)
        with self.lock:
            self.begun.append(key)
            self.early += [key] * (not set(self.waits_for[key]).issubset(self.told))
            self.at_work[lane] += 1
            self.most[lane] = max(self.most[lane], self.at_work[lane])
        time.sleep(0.001)
        with self.lock:
            self.at_work[lane] -= 1
        if key in self.failing:
            raise ValueError(key)
        return key * 10

    def done(self, key: int, result: int) -> None:
        assert result == key * 10
        self.told.append(key)
        self.told_in.add(threading.get_ident())


def parity(key: int) -> str:
    return "odd" if key % 2 else "even"


def run(seen: Seen, graph: Graph, even: int = 2, odd: int = 1) -> None:
    side_by_side(graph, seen.work, seen.done, threads={"even": even, "odd": odd}, lane=parity)


@settings(max_examples=30, deadline=None)
@given(graphs(), st.integers(1, 3))
def test_every_job_is_done_once_and_after_those_it_waits_for(
    graph: dict[int, list[int]], threads: int
) -> None:
    seen = Seen(graph)
    run(seen, graph, even=threads)
    assert sorted(seen.told) == sorted(seen.begun) == list(graph)
    assert seen.early == []
    assert seen.told_in <= {threading.get_ident()}


def test_a_graph_that_forgot_whom_a_job_waits_for_would_be_seen() -> None:
    seen = Seen({0: [], 2: [], 4: [0, 2]})
    run(seen, {0: [], 2: [], 4: []}, even=3)
    assert seen.early == [4]


def test_each_lane_has_its_own_threads() -> None:
    graph: dict[int, list[int]] = {k: [] for k in range(12)}
    seen = Seen(graph)
    run(seen, graph, even=2, odd=1)
    assert seen.most == {"even": 2, "odd": 1}


def test_jobs_that_most_is_left_behind_begin_first() -> None:
    graph = {0: [], 2: [], 4: [2], 6: [4], 8: []}
    seen = Seen(graph)
    costs = {8: 9.0}
    side_by_side(
        graph,
        seen.work,
        seen.done,
        threads={"even": 1},
        lane=parity,
        cost=lambda key: costs.get(key, 1.0),
    )
    assert seen.begun == [8, 2, 4, 0, 6]


def test_nothing_begins_after_an_error_and_the_first_in_the_order_is_raised() -> None:
    graph = {0: [], 2: [], 4: [], 6: [2], 8: [6]}
    seen = Seen(graph, failing=frozenset({2, 4}))
    with pytest.raises(ValueError, match="2"):
        run(seen, graph, even=3)
    assert sorted(seen.begun) == [0, 2, 4]
    assert seen.at_work == {"even": 0, "odd": 0}


def test_an_error_of_the_one_who_is_told_ends_it_too() -> None:
    seen = Seen({0: [], 2: [0]})

    def told(key: int, result: int) -> None:
        raise RuntimeError("lost")

    with pytest.raises(RuntimeError, match="lost"):
        side_by_side(seen.waits_for, seen.work, told, threads={"even": 2}, lane=parity)
    assert seen.begun == [0]


def test_one_by_one_keeps_to_the_order() -> None:
    graph = {0: [], 2: [], 4: [2], 1: [0]}
    seen = Seen(graph)
    one_by_one(graph, seen.work, seen.done)
    assert seen.begun == seen.told == [0, 2, 4, 1]
