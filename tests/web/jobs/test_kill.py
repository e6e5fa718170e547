"""Real workers on a real file, killed at random: no job is lost and none runs twice at once.

Each promise has a twin: the same rounds with a fault put in on purpose, which they must find.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from job_room import PACE, Room, until
from web_postgres import installed_database, postgres

SOAK = os.environ.get("KIZUNA_HYPOTHESIS") == "soak"  # as `make soak` does
ROUNDS = 150 if SOAK else 6
JOBS = 6 * ROUNDS

pytestmark = pytest.mark.slow


def killed_in_rounds(room: Room, seed: int) -> None:
    """Have three workers at it, kill one of them every now and then, and let the rest finish."""
    chance = Random(seed)
    room.ask(JOBS, seconds=0.15)
    for _worker in range(3):
        room.hire()
    assert until(room.states), "the first worker fills the queue"
    for _round in range(ROUNDS):
        begun = len(room.record("began"))
        wanted = begun + chance.randint(1, 6)
        until(lambda wanted=wanted: len(room.record("began")) >= wanted, 10)
        room.kill(chance)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The address of a server's database, or none for a file."""
    if request.param == "sqlite":
        yield None
    else:
        with postgres() as url:
            yield installed_database(url, "jobs")


def test_a_killed_worker_loses_no_job_and_none_runs_twice_at_once(
    tmp_path: Path, database: str | None
) -> None:
    with Room(tmp_path, database=database) as room:
        killed_in_rounds(room, seed=7)
        assert until(lambda: room.states() == {"done"}), room.states()
        assert set(room.record("ended")) == set(range(JOBS))
        assert room.record("twice") == []
        [(lost,)] = room.rows("SELECT count(*) FROM jobs_job WHERE errors <> '[]'")
        assert lost > 0, "no kill hit a running job: these rounds show nothing"


def test_the_rounds_find_a_claim_that_does_not_look_whether_the_job_waits(tmp_path: Path) -> None:
    with Room(tmp_path) as room:
        room.ask(60, seconds=0.05)
        for _worker in range(3):
            room.hire("claim")
        assert until(lambda: room.replace_the_dead("claim") or room.record("twice"), 30)


def test_the_rounds_find_a_worker_that_never_lets_a_lease_run_out(tmp_path: Path) -> None:
    with Room(tmp_path) as room:
        room.ask(2, seconds=3)
        room.hire("lease")
        assert until(lambda: room.record("began"))
        room.kill(Random(1), "lease")
        assert until(lambda: "done" in room.states())
        assert not until(lambda: room.states() == {"done"}, 4 * PACE["lease"])


def test_a_worker_told_to_leave_finishes_what_it_has_in_hand(tmp_path: Path) -> None:
    with Room(tmp_path, {**PACE, "grace": 20}) as room:
        room.ask(3, seconds=2)
        worker = room.hire()
        assert until(lambda: room.record("began"))
        worker.terminate()
        assert worker.wait(30) == 0
        assert (room.record("ended"), room.states()) == ([0], {"done", "waiting"})
        assert room.rows("SELECT count(*) FROM jobs_worker WHERE stopped_at IS NOT NULL") == [(1,)]


def test_a_worker_told_to_leave_in_a_long_job_gives_it_back_untried(tmp_path: Path) -> None:
    with Room(tmp_path) as room:
        room.ask(1, seconds=60)
        worker = room.hire()
        assert until(lambda: room.record("began"))
        worker.terminate()
        assert worker.wait(30) == 0
        asked = "SELECT state, attempts, errors FROM jobs_job WHERE task = 'job_examples.marked'"
        assert room.rows(asked) == [("waiting", 0, "[]")]


def test_a_worker_that_slept_through_its_lease_ends_instead_of_going_on(tmp_path: Path) -> None:
    with Room(tmp_path) as room:
        room.ask(1, seconds=120)
        sleeper = room.hire()
        assert until(lambda: room.record("began"))
        sleeper.send_signal(signal.SIGSTOP)
        assert until(lambda: room.rows("SELECT 1 FROM jobs_job WHERE errors <> '[]'") or hire(room))
        sleeper.send_signal(signal.SIGCONT)
        assert sleeper.wait(30) == 75
        assert room.record("ended") == []


def hire(room: Room) -> None:
    """Have a second worker at hand."""
    if len(room.workers) < 2:
        room.hire()


def test_of_several_workers_one_enqueues_a_tick(tmp_path: Path) -> None:
    ticks = """
        SELECT count(*), count(DISTINCT due_at), count(job_id) FROM jobs_tick
        WHERE schedule = 'tick'
    """
    with Room(tmp_path) as room:
        room.ask(0, seconds=0)
        for _worker in range(3):
            room.hire("schedule")
        assert until(lambda: room.rows("SELECT count(*) FROM jobs_worker") == [(3,)])
        assert until(lambda: room.rows(ticks)[0][0] >= 6)
        for worker in room.workers:
            worker.terminate()
            assert worker.wait(30) == 0
        [(count, moments, jobs)] = room.rows(ticks)
        [(asked,)] = room.rows("SELECT count(*) FROM jobs_job WHERE task LIKE '%note_tick'")
        # a new schedule's first tick has no job: it waits for its next moment
        assert (moments, jobs, asked) == (count, count - 1, count - 1)
