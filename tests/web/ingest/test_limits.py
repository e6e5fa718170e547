"""The rate of a key: at ten times what is allowed, hardly more than allowed is taken."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from kizuna.web.capture.ingest.limits import Limits

SECONDS = 600.0


@pytest.fixture
def limits(tmp_path: Path) -> Iterator[Limits]:
    made = Limits(tmp_path)
    yield made
    made.close()


def pressed(limits: Limits, rate: int, size: int, chance: Random) -> int:
    """Send at ten times the rate for ten minutes; give what was taken."""
    now, taken = 1000.0, 0
    while now < 1000.0 + SECONDS:
        now += chance.expovariate(10 * rate / size)
        taken += size if limits.take(1, rate, size, now) == 0 else 0
    return taken


@pytest.mark.parametrize(("rate", "size"), [(20, 1), (50, 1), (500, 10), (1000, 500)])
def test_overshoot_is_one_hundredth_at_most(limits: Limits, rate: int, size: int) -> None:
    taken = pressed(limits, rate, size, Random(4))
    assert 0.98 * rate * SECONDS <= taken <= 1.01 * rate * SECONDS


def test_a_bucket_that_forgets_what_it_gave_is_found(
    limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Limits, "_read", lambda *_given: 0.0)
    assert pressed(limits, 20, 1, Random(4)) > 1.01 * 20 * SECONDS


def test_one_key_leaves_the_others_what_is_theirs(limits: Limits) -> None:
    while limits.take(1, 10, 1, 5.0) == 0:
        pass
    assert limits.take(2, 10, 1, 5.0) == 0


def test_the_wait_that_is_told_is_enough(limits: Limits) -> None:
    assert limits.take(1, 10, 500, 5.0) == 0
    wait = limits.take(1, 10, 1, 5.0)
    assert wait == 49
    assert limits.take(1, 10, 1, 5.0 + wait) == 0


def test_a_clock_that_began_anew_locks_nobody_out(limits: Limits) -> None:
    limits.take(1, 10, 20, 90_000.0)
    assert limits.take(1, 10, 1, 3.0) == 0


def take_all(folder: Path, moments: int, given: multiprocessing.Queue[int]) -> None:
    mine = Limits(folder)
    given.put(sum(mine.take(1, 100, 1, 50.0 + n / 1000) == 0 for n in range(moments)))


def test_processes_count_together(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    given: multiprocessing.Queue[int] = context.Queue()
    workers = [context.Process(target=take_all, args=(tmp_path, 10_000, given)) for _ in range(3)]
    for worker in workers:
        worker.start()
    taken = sum(given.get(timeout=60) for _worker in workers)
    for worker in workers:
        worker.join()
    assert taken <= 100 * (10 + 1) + 1
