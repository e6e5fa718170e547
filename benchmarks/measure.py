"""Measure a task or a command in a process of its own: seconds, and the peak of its memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of each run, peak resident memory in MB, and what the task found."""

    seconds: tuple[float, ...]
    peak_mb: float
    found: dict[str, float] = field(default_factory=dict)

    @property
    def median(self) -> float:
        return median(self.seconds)

    def and_again(self, other: Measured) -> Measured:
        """Put the runs of a second measurement of the same work to those of the first."""
        peak = max(self.peak_mb, other.peak_mb)
        return Measured(self.seconds + other.seconds, peak, self.found)


class FailedError(RuntimeError):
    """The measured process ended with an error; its last words are the message."""


def measure_task(task: str, arguments: Sequence[str | int], *, runs: int) -> Measured:
    """Run a task of `benchmarks.tasks` in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.worker", task, str(runs), json.dumps(arguments)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if run.returncode:
        raise FailedError(run.stderr.strip()[-500:])
    result = json.loads(run.stdout.strip().splitlines()[-1])
    return Measured(tuple(result["seconds"]), result["peak_mb"], result["found"])


def measure_command(command: Sequence[str], *, runs: int) -> Measured:
    """Run a command from process start to exit, each time afresh."""
    each = [_run_once(command) for _ in range(runs)]
    return Measured(tuple(seconds for seconds, _ in each), max(peak for _, peak in each))


def _run_once(command: Sequence[str]) -> tuple[float, float]:
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            raise FailedError(output.read().decode(errors="replace").strip()[-500:])
    return seconds, usage.ru_maxrss / 1024
