"""The power goes at any moment: what was acknowledged is in the inbox or in the tables, and once.

The twins do not sync the inbox, or the tables; the same moments find both.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from drain_room import Drain
from power import STRACE, WHY, Disk, calls, lay_out, printed, traced
from project import ROOT

SOAK = os.environ.get("KIZUNA_HYPOTHESIS") == "soak"
BODIES, LOSSES = (600, 2_000) if SOAK else (16, 20)

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not STRACE, reason=WHY)]


def a_trace(tmp_path: Path, bodies: int, fault: str) -> tuple[Path, Path]:
    """Have a process take messages in; give its folder and the trace of its calls."""
    home, out = tmp_path / "home", tmp_path / "trace"
    home.mkdir()
    worker = [sys.executable, str(ROOT / "tests" / "power_worker.py")]
    command = [*traced(out), *worker, str(home), str(bodies), fault or "none"]
    subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=1_000)
    return home, out


@dataclass(frozen=True)
class Loss:
    """What was acknowledged before the power went, lost of it, and in the tables twice.

    `at` is the number of the last call. Chance depends on it alone: with the trace it makes the
    same disk again (`losses(home, trace, folder, at)`).
    """

    at: int
    acknowledged: int
    lost: int
    twice: int


def moments(trace: Path, many: int) -> list[int]:
    """Choose so many numbers of calls after which the power goes."""
    return Random(3).sample(range(sum(1 for _call in calls(trace))), many)


def losses(home: Path, trace: Path, tmp_path: Path, *at: int) -> Iterator[Loss]:
    """Lose the power after calls of these numbers."""
    disk, acknowledged, chosen = Disk(home), list[str](), set(at)
    for number, (call, said, gave) in enumerate(calls(trace)):
        acknowledged += printed(call, said)
        disk.do(call, said, gave)
        if number in chosen:
            found = after_the_loss(disk, tmp_path / f"loss-{number}", Random(number))
            lost = sum(name not in found for name in acknowledged)
            twice = sum(times > 1 for times in found.values())
            yield Loss(number, len(acknowledged), lost, twice)


def after_the_loss(disk: Disk, folder: Path, chance: Random) -> Counter[str]:
    """Start again on what the disk may hold; count what is in the tables in the end."""
    folder.mkdir()
    lay_out(disk, folder, chance)
    room = Drain(folder)
    room.run()
    room.close()
    found = room.accepted()
    shutil.rmtree(folder)
    return found


def test_a_loss_of_power_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    home, trace = a_trace(tmp_path, BODIES, "")
    found = list(losses(home, trace, tmp_path, *moments(trace, LOSSES)))
    assert len(found) == LOSSES
    assert max(loss.acknowledged for loss in found) > BODIES
    assert [loss for loss in found if loss.lost or loss.twice] == []
    checked = sum(loss.acknowledged for loss in found)
    sys.stdout.write(f"{LOSSES} losses of power: {checked} acknowledged looked for, 0 lost\n")


def test_the_moments_find_an_inbox_that_is_not_synced(tmp_path: Path) -> None:
    home, trace = a_trace(tmp_path, 16, "inbox")
    assert any(loss.lost for loss in losses(home, trace, tmp_path, *moments(trace, 60)))


def test_the_moments_find_tables_that_are_not_synced(tmp_path: Path) -> None:
    home, trace = a_trace(tmp_path, 16, "tables")
    assert any(found_out(losses(home, trace, tmp_path, *moments(trace, 60))))


def found_out(found: Iterator[Loss]) -> Iterator[bool]:
    """Say of each loss whether something is gone, or the tables cannot be read at all."""
    try:
        for loss in found:
            yield loss.lost > 0
    except Exception:
        yield True
