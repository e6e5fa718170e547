"""What is made of whole tables is made once, for as long as these are there."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pyarrow as pa

from kizuna.pipeline.remembered import remembered

CALLS: list[str] = []


class Made:
    """Something that is itself and nothing else."""


@remembered
def sums(table: pa.Table, name: str) -> Made:
    CALLS.append(name)
    return Made()


def a_table() -> pa.Table:
    return pa.table({"n": [1, 2], "m": [3, 4]})


def test_the_same_table_is_worked_through_once_for_each_question() -> None:
    CALLS.clear()
    table = a_table()
    assert sums(table, "n") is sums(table, "n") is not sums(table, "m")
    assert CALLS == ["n", "m"]


def test_a_table_that_says_the_same_is_another_one() -> None:
    one, other = a_table(), a_table()
    assert sums(one, "n") is not sums(other, "n")


def test_steps_side_by_side_make_it_once() -> None:
    CALLS.clear()
    table, start = a_table(), Barrier(4)

    def ask(_: int) -> Made:
        start.wait()
        return sums(table, "n")

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(ask, range(4)))) == 1
    assert CALLS == ["n"]


def test_what_was_made_goes_with_the_table_so_that_no_later_one_is_taken_for_it() -> None:
    CALLS.clear()
    for _ in range(100):  # a table of now has the place in memory of one that is gone
        table = a_table()
        sums(table, "n")
        del table
        gc.collect()
    assert len(CALLS) == 100
