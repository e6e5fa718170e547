"""Processes that are killed at any line of the engine lose no step and repeat none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from project import ROOT
from web_installations import environment, install, start

LINES = 420
"""Lines that one batch comes to, and some more."""
EVERY = 23


def killed(home: Path, fault: str, every: int) -> dict[str, Any]:
    install(home)
    worker = str(ROOT / "tests" / "playbook_worker.py")
    process = start(worker, fault, str(every), str(LINES), env=environment(home))
    said, complaint = process.communicate(timeout=900)
    assert process.returncode == 0, complaint
    found: dict[str, Any] = json.loads(said)
    return found


def entered(every: int) -> int:
    return len(range(1, LINES + 1, every))


@pytest.mark.parametrize("fault", ["none", "split"])
def test_each_step_takes_effect_once_wherever_the_worker_is_killed(
    tmp_path: Path, fault: str
) -> None:
    found = killed(tmp_path, fault, every=EVERY)
    assert found["killed"] > 10
    assert found["done"] == entered(EVERY)
    assert found["effects"] == [1] * 3 * entered(EVERY)


def test_without_key_and_transaction_steps_are_repeated(tmp_path: Path) -> None:
    assert max(killed(tmp_path, "keyless", every=EVERY)["effects"]) > 1


@pytest.mark.soak
@pytest.mark.parametrize("fault", ["none", "split"])
def test_each_step_takes_effect_once_at_every_single_line(tmp_path: Path, fault: str) -> None:
    found = killed(tmp_path, fault, every=1)
    assert found["effects"] == [1] * 3 * entered(1)
