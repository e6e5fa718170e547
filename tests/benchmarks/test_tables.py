"""The benchmark table says what was measured, and reaches a bound only where it is reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import tables
from benchmarks.__main__ import PAGE, write
from benchmarks.measure import FailedError, Measured, measure_command, measure_task
from benchmarks.works import Peer, Work, works


def measured(*seconds: float, peak_mb: float = 100.0, **found: float) -> Measured:
    return Measured(seconds, peak_mb, found)


def peer(**bounds: object) -> Peer:
    return Peer("lifetimes", lambda: measured(1.0), **bounds)  # type: ignore[arg-type]


def only_row(work: Work, ours: Measured, *theirs: tuple[Peer, Measured]) -> tables.Row:
    (row,) = tables.rows(work, ours, theirs)
    return row


@pytest.mark.parametrize(
    ("seconds", "reached"), [(0.001, "goal"), (0.04, "floor"), (0.06, "**no**")]
)
def test_being_faster_reaches_floor_and_goal(seconds: float, reached: str) -> None:
    him = peer(floor=20, goal=100)
    row = only_row(Work("fit", measured), measured(seconds), (him, measured(1.0)))
    assert row.reached == reached


@pytest.mark.parametrize(("seconds", "reached"), [(1.05, "goal"), (1.4, "floor"), (1.6, "**no**")])
def test_taking_longer_reaches_neither(seconds: float, reached: str) -> None:
    by_hand = peer(floor=1.5, goal=1.1, measure="times the time")
    row = only_row(Work("log", measured), measured(seconds), (by_hand, measured(1.0)))
    assert (row.reached, row.ratio) == (reached, f"{seconds:.3g} × the time")


def test_seconds_are_medians_and_few_runs_are_owned_up_to() -> None:
    assert tables.shown(measured(3.0, 1.0, 2.0)) == "2 s (100 MB, 3 runs)"
    assert tables.shown(measured(1.0, 1.0, 2.0, 2.0, 9.0)) == "2 s (100 MB)"


def test_runs_before_and_after_the_peers_count_alike() -> None:
    both = measured(1.0, peak_mb=50).and_again(measured(3.0, peak_mb=70))
    assert (both.median, both.peak_mb) == (2.0, 70)


def test_differing_answers_are_shown() -> None:
    him = (peer(), measured(1.0, r=1.0, a=2.0))
    row = only_row(Work("fit", measured), measured(1.0, r=1.001, a=2.0), him)
    assert row.differ == "0.001"


def test_memory_has_a_row_of_its_own() -> None:
    work = Work("fit", measured, memory_floor_mb=1500, memory_goal_mb=1000)
    row = only_row(work, measured(1.0, peak_mb=1200))
    assert (row.ours, row.reached) == ("1,200 MB", "floor")


def test_growth_is_the_slope_on_logarithms() -> None:
    line = tables.growth("fit", [10, 100, 1000], [measured(s) for s in (1.0, 10.0, 100.0)])
    assert "| 1.00 |" in line


def test_writing_replaces_only_what_was_measured(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    before = PAGE.read_text("utf-8")
    page.write_text(before, "utf-8")
    write("measured before", page)
    write("second", page)
    text = page.read_text("utf-8")
    assert "second" in text
    assert "measured before" not in text
    assert text.splitlines()[0] == before.splitlines()[0]
    assert text.splitlines()[-1] == before.splitlines()[-1]


def test_a_quick_run_measures_every_kind_of_work() -> None:
    names = " ".join(work.name for work in works(quick=True))
    for kind in ("BG/NBD fit", "Pareto/NBD fit", "12-month CLV", "order log", "`kizuna value`"):
        assert kind in names


def test_a_command_is_measured_from_start_to_exit() -> None:
    found = measure_command(["sleep", "0.1"], runs=2)
    assert all(s >= 0.1 for s in found.seconds)
    assert found.peak_mb > 0


def test_a_failing_command_or_task_is_no_measurement() -> None:
    with pytest.raises(FailedError):
        measure_command(["false"], runs=1)
    with pytest.raises(FailedError, match="KeyError"):
        measure_task("no_such_task", (), runs=1)
