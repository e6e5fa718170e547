"""A thread keeps its engine, and nothing of a page in it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest

from kizuna.web.know.customers.engines import own_engine


def test_the_next_page_of_a_thread_has_the_same_engine_and_nothing_in_it() -> None:
    with own_engine() as first:
        first.register("facts", pa.table({"n": [1]}))
        first.view("seen", "SELECT * FROM facts")
    with own_engine() as second:
        assert second is first
        assert not second.names()


def test_nothing_stays_of_a_page_that_broke_off() -> None:
    with pytest.raises(ZeroDivisionError):
        _broken_off()
    with own_engine() as engine:
        assert not engine.names()


def test_two_threads_never_share_an_engine() -> None:
    with own_engine() as mine, ThreadPoolExecutor(1) as other:
        assert other.submit(_own).result() is not mine


def _broken_off() -> None:
    with own_engine() as engine:
        engine.register("facts", pa.table({"n": [1]}))
        raise ZeroDivisionError


def _own() -> object:
    with own_engine() as engine:
        return engine
