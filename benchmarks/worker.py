"""Time one task in this process, and print what it took as JSON: `python -m benchmarks.worker`."""

from __future__ import annotations

import json
import resource
import sys
import time

from benchmarks.tasks import TASKS


def main(task: str, runs: int, arguments: list[str | int]) -> None:
    """Prepare the task, run it `runs` times, and print seconds, peak memory and findings."""
    call = TASKS[task](*arguments)
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        found = call()
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    numbers = {name: float(value) for name, value in found.items()}
    print("\n" + json.dumps({"seconds": seconds, "peak_mb": peak, "found": numbers}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3]))
