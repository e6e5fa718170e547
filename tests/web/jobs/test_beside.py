"""What goes on beside the worker: one process of an installation does it, and troubles pass."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from kizuna.jobs.leading import leading
from kizuna.web.jobs import beside as threads
from kizuna.web.jobs.beside import Beside, again, beside

PATIENCE = 20.0


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "ELSEWHERE_SECONDS", 0.01)


def test_of_two_one_leads_and_the_other_takes_over(tmp_path: Path) -> None:
    with leading(tmp_path / "made", ".lock") as first, leading(tmp_path / "made", ".lock") as other:
        assert (first, other) == (True, False)
    with leading(tmp_path / "made", ".lock") as again_one:
        assert again_one


def test_a_step_is_taken_again_after_a_trouble_and_ends_when_told(tmp_path: Path) -> None:
    steps, enough = list[int](), threading.Event()

    def step() -> bool:
        steps.append(1)
        if len(steps) == 2:
            raise ConnectionError
        if len(steps) > 3:
            enough.set()
        return True

    with beside(Beside("steps", lambda: leading(tmp_path, ".lock"), again(step, 0.01))):
        assert enough.wait(PATIENCE)
    assert "steps" not in [thread.name for thread in threading.enumerate()]


def test_who_does_not_lead_does_nothing(tmp_path: Path) -> None:
    steps = list[int]()

    def step() -> bool:
        steps.append(1)
        return False

    elsewhere = Beside("steps", lambda: leading(tmp_path, ".lock"), again(step, 0.01))
    with leading(tmp_path, ".lock"), beside(elsewhere):
        threading.Event().wait(0.1)
    assert steps == []
