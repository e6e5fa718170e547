"""A supervisor or a master that is killed leaves nobody behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kizuna.web import lifeline
from web.test_serve import Served, alive, serve

PATIENCE = 180.0


def until(true: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Ask again and again; whether it came true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.1)
    return true()


def children_of(pid: int) -> list[int]:
    """List who was started by a process, and by those."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(folder.name))
    found, open_ones = [], [pid]
    while open_ones:
        some = parents.get(open_ones.pop(), [])
        found += some
        open_ones += some
    return found


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has asked for its code has ended too."""
    try:
        return "State:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


def left_behind(served: Served, victim: int) -> list[int]:
    """Kill one of the processes of an application; give those that are still there in the end."""
    family = children_of(served.process.pid)
    assert len(family) >= 4, family  # gunicorn, its two, the worker
    os.kill(victim, signal.SIGKILL)
    served.process.wait(PATIENCE)
    until(lambda: all(gone(pid) for pid in family))
    return [pid for pid in family if not gone(pid)]


linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")


@linux
@pytest.mark.slow
def test_a_killed_supervisor_leaves_nobody_behind(tmp_path: Path) -> None:
    with serve(tmp_path, "--with-worker") as served:
        served.wait_for("/health/ready", '"worker": "ok"')
        assert left_behind(served, served.process.pid) == []


@linux
@pytest.mark.slow
def test_a_killed_master_takes_everyone_along_and_frees_the_port(tmp_path: Path) -> None:
    with serve(tmp_path, "--with-worker") as served:
        served.wait_for("/health/ready", '"worker": "ok"')
        master = min(pid for pid in children_of(served.process.pid) if b"gunicorn" in cmdline(pid))
        assert left_behind(served, master) == []


def cmdline(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


HOLDING = """
import os, sys, time
from kizuna.web import lifeline
lifeline.PATIENCE_SECONDS = 0.5
{fault}
{hold}
open(sys.argv[1], "w").write(str(os.getpid()))
time.sleep(600)
"""
STARTING = """
import subprocess, sys, time
from kizuna.web.lifeline import Lifeline
line = Lifeline()
subprocess.Popen([sys.executable, "-c", sys.argv[1], sys.argv[2]],
                 env=line.environment, pass_fds=[line.read])
time.sleep(600)
"""
HOLD = "lifeline.hold(lifeline.leave_or_end)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"


def orphan_of_a_killed_starter(folder: Path, *, hold: str = HOLD, fault: str = "") -> int:
    """Have one process start another and be killed; give the other's number."""
    note = folder / "pid"
    told = HOLDING.format(fault=fault, hold=hold)
    starter = subprocess.Popen([sys.executable, "-c", STARTING, told, str(note)])
    assert until(lambda: note.exists() and note.read_text() != "")
    starter.kill()
    starter.wait()
    return int(note.read_text())


def test_whoever_holds_a_lifeline_leaves_when_its_starter_is_killed(tmp_path: Path) -> None:
    pid = orphan_of_a_killed_starter(tmp_path)
    assert until(lambda: not alive(pid), 10)


def test_whoever_cannot_hear_is_ended_after_its_grace(tmp_path: Path) -> None:
    pid = orphan_of_a_killed_starter(tmp_path, fault=DEAF)
    assert until(lambda: not alive(pid), 10)


def test_without_a_lifeline_it_would_be_an_orphan(tmp_path: Path) -> None:
    pid = orphan_of_a_killed_starter(tmp_path, hold="")
    try:
        assert not until(lambda: not alive(pid), 1.5)
    finally:
        os.kill(pid, signal.SIGKILL)


def test_without_a_starter_nothing_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    for said in ("", "nonsense"):
        monkeypatch.setenv(lifeline.VARIABLE, said)
        lifeline.hold(lambda: pytest.fail("left though nobody was gone"))
