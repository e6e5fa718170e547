"""Measure and write docs/benchmarks.md: `python -m benchmarks [--quick] [--only WORD]`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from functools import partial
from pathlib import Path

from benchmarks import tables
from benchmarks.measure import FailedError, Measured
from benchmarks.works import Run, Work, growing, shrinking, works

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
START, END = "<!-- measured: written by make bench -->", "<!-- end of what was measured -->"

FAILED: list[str] = []


def main() -> None:
    """Measure what was asked for; a full run is written into the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a hundredth of the size, not written")
    parser.add_argument(
        "--only", default="", metavar="WORD", help="rows with this word, not written"
    )
    asked = parser.parse_args()
    shrink = shrinking(quick=asked.quick)
    subprocess.run([sys.executable, "-m", "benchmarks.data", str(shrink)], check=True)
    lines = [tables.machine(), "", tables.HEAD.rstrip()]
    print("\n".join(lines), flush=True)
    for work in works(quick=asked.quick):
        if asked.only in work.name:
            lines += _measure(work)
    lines += _growth(quick=asked.quick) if asked.only in "growth" else []
    lines += _say(["", tables.load()])
    if FAILED:
        sys.exit(f"{len(FAILED)} measurements failed: {', '.join(FAILED)}; nothing written")
    if not (asked.quick or asked.only):
        write("\n".join(lines))


def write(text: str, page: Path = PAGE) -> None:
    """Put what was measured between the marks of the page."""
    before, _, rest = page.read_text("utf-8").partition(START)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{START}\n\n{text}\n\n{END}{after}", "utf-8")


def _measure(work: Work) -> list[str]:
    ours = _try(work.name, work.ours)
    if ours is None:
        return []
    theirs = [(peer, _try(peer.name, peer.run)) for peer in work.peers]
    # once more afterwards, so that a machine that was busy for a while weighs on both
    again = _try(work.name, work.ours) if work.peers else None
    ours = ours.and_again(again) if again else ours
    measured = [(peer, found) for peer, found in theirs if found is not None]
    return _say([str(row) for row in tables.rows(work, ours, measured)])


def _growth(*, quick: bool) -> list[str]:
    lines: list[str] = []
    for name, (sizes, run) in growing(quick=quick).items():
        found = [_try(f"{name} {n}", partial(run, n)) for n in sizes]
        if not lines:
            lines += _say(["", *tables.growth_head(sizes).rstrip().splitlines()])
        if all(found):
            lines += _say([tables.growth(name, sizes, [m for m in found if m])])
    return lines


def _try(name: str, run: Run) -> Measured | None:
    try:
        return run()
    except FailedError as error:
        FAILED.append(name)
        print(f"{name} failed: {error}", file=sys.stderr, flush=True)
        return None


def _say(lines: list[str]) -> list[str]:
    print("\n".join(lines), flush=True)
    return lines


if __name__ == "__main__":
    main()
