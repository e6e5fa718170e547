"""Measurements as Markdown: the table, how cost grows, and the machine."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.measure import Measured
from benchmarks.works import Peer, Work

HEAD = """\
| work | ours | beside | theirs | ratio | floor | goal | reached | answers differ |
|---|---:|---|---:|---:|---:|---:|---|---:|
"""
GROWTH_HEAD = """\
| work | {sizes} | exponent | peak memory at the largest |
|---|{dashes}---:|---:|
"""
PACKAGES = ("numpy", "scipy", "duckdb", "pandas", "lifetimes", "pymc-marketing", "pymc", "numba")


@dataclass(frozen=True, slots=True)
class Row:
    """What one line of the table says."""

    work: str
    ours: str
    beside: str
    theirs: str
    ratio: str
    floor: str
    goal: str
    reached: str
    differ: str = "–"

    def __str__(self) -> str:
        return "| " + " | ".join(astuple(self)) + " |"


def rows(work: Work, ours: Measured, theirs: Sequence[tuple[Peer, Measured]]) -> Iterator[Row]:
    """Lines for one work: one a peer, and one for each limit on seconds or memory."""
    for peer, measured in theirs:
        yield _beside(work.name, ours, peer, measured)
    if work.seconds_goal is not None:
        yield _limit(work.name, ours.median, "s", None, work.seconds_goal)
    if work.memory_floor_mb is not None:
        name = f"{work.name}: peak memory"
        yield _limit(name, ours.peak_mb, "MB", work.memory_floor_mb, work.memory_goal_mb)


def growth(name: str, sizes: Sequence[int], measured: Sequence[Measured]) -> str:
    """Line that says how seconds grow with size: as size to the power of the exponent."""
    seconds = [m.median for m in measured]
    exponent = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
    cells = " | ".join(f"{s:.3g} s" for s in seconds)
    return f"| {name} | {cells} | {exponent:.2f} | {measured[-1].peak_mb:,.0f} MB |"


def growth_head(sizes: Sequence[int]) -> str:
    """Head of the table of growth."""
    return GROWTH_HEAD.format(
        sizes=" | ".join(f"{n:,}" for n in sizes), dashes="---:|" * len(sizes)
    )


def machine() -> str:
    """Describe the machine without naming it."""
    cores, memory = os.cpu_count(), os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{cores} cores ({_cpu()}), {memory / 2**30:.0f} GiB of memory, {platform.system()} "
        f"{platform.release().split('-')[0]}, Python {platform.python_version()}; {packages}; "
        f"OMP_NUM_THREADS={os.environ.get('OMP_NUM_THREADS', 'unset')}; "
        f"load average at the start {os.getloadavg()[0]:.1f}."
    )


def load() -> str:
    """Say how busy the machine is: above its cores, every figure of the page is too high."""
    return f"Load average at the end {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores."


def shown(measured: Measured) -> str:
    """Give median seconds, runs where few, and peak memory."""
    runs = len(measured.seconds)
    few = f", {runs} run{'s' if runs > 1 else ''}" if runs < 5 else ""
    return f"{measured.median:.3g} s ({measured.peak_mb:,.0f} MB{few})"


def _beside(name: str, ours: Measured, peer: Peer, theirs: Measured) -> Row:
    faster = peer.measure == "times faster"
    ratio = theirs.median / ours.median if faster else ours.median / theirs.median
    return Row(
        name,
        shown(ours),
        peer.name,
        shown(theirs),
        f"{ratio:.3g} × {'faster' if faster else 'the time'}",
        _times(peer.floor),
        _times(peer.goal),
        _reached(ratio, peer.floor, peer.goal, more_is_better=faster),
        _differ(ours.found, theirs.found),
    )


def _limit(name: str, value: float, unit: str, floor: float | None, goal: float | None) -> Row:
    bounds = ["–" if b is None else f"{b:,.0f} {unit}" for b in (floor, goal)]
    reached = _reached(value, floor, goal, more_is_better=False)
    shown_value = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    return Row(name, f"{shown_value} {unit}", "–", "–", "–", bounds[0], bounds[1], reached)


def _reached(value: float, floor: float | None, goal: float | None, *, more_is_better: bool) -> str:
    def holds(bound: float) -> bool:
        return value >= bound if more_is_better else value <= bound

    if goal is not None and holds(goal):
        return "goal"
    if floor is not None:
        return "floor" if holds(floor) else "**no**"
    return "–" if goal is None else "**not the goal**"


def _differ(ours: Mapping[str, float], theirs: Mapping[str, float]) -> str:
    """Give the largest relative difference of what both found: parameters, a total, check sums."""
    both = ours.keys() & theirs.keys()
    return f"{max(abs(ours[k] / theirs[k] - 1) for k in both):.1g}" if both else "–"


def _times(bound: float | None) -> str:
    return "–" if bound is None else f"{bound:g} ×"


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
