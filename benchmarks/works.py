"""The rows of the table: which work, which size, beside whom, and what must be reached."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from benchmarks import data
from benchmarks.measure import Measured, measure_command, measure_task

type Run = Callable[[], Measured]

KIZUNA = str(Path(sys.executable).with_name("kizuna"))
SLOW_RUNS = 1


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody else doing the same work, how fast we must be beside him, and how we wish to be.

    `measure` "times faster": his seconds over ours, at least. "times the time": our seconds over
    his, at most.
    """

    name: str
    run: Run
    floor: float | None = None
    goal: float | None = None
    measure: Literal["times faster", "times the time"] = "times faster"


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work: how we do it, how the peers do it, and limits on seconds and memory."""

    name: str
    ours: Run
    peers: tuple[Peer, ...] = ()
    seconds_goal: float | None = None
    memory_floor_mb: float | None = None
    memory_goal_mb: float | None = None


def works(*, quick: bool) -> list[Work]:
    """Rows of the table at full size, or a hundredth of it."""
    shrink = shrinking(quick=quick)
    return [*fits(shrink), clv(shrink), purchases(shrink), value(shrink), *cdnow()]


def shrinking(*, quick: bool) -> int:
    """By how much a quick run is smaller."""
    return 100 if quick else 1


def fits(shrink: int) -> list[Work]:
    """Maximum likelihood of BG/NBD and Pareto/NBD."""
    million, ten_million = 1_000_000 // shrink, 10_000_000 // shrink
    bg = ("bg_nbd", million)
    rows = [
        Work(
            f"BG/NBD fit, {million:,} customers",
            task("fit_kizuna", *bg, runs=7),
            (
                Peer("lifetimes", task("fit_lifetimes", *bg), 20, 100),
                Peer("pymc-marketing, MAP, warm", task("fit_pymc_marketing", *bg)),
            ),
        ),
        Work(
            f"BG/NBD fit, {ten_million:,} customers from their patterns",
            task("fit_kizuna_patterns", "bg_nbd", ten_million, runs=7),
            (
                Peer(
                    "lifetimes, all rows",
                    task("fit_lifetimes", "bg_nbd", ten_million, runs=SLOW_RUNS),
                    60,
                    300,
                ),
                Peer(
                    "lifetimes, the same patterns as weights",
                    task("fit_lifetimes_patterns", "bg_nbd", ten_million, runs=SLOW_RUNS),
                ),
            ),
            memory_floor_mb=1500,
            memory_goal_mb=1000,
        ),
    ]
    for n in (100_000 // shrink, million):
        peer = Peer("lifetimes", task("fit_lifetimes", "pareto_nbd", n, runs=SLOW_RUNS), 20, 100)
        name = f"Pareto/NBD fit, {n:,} customers"
        rows.append(Work(name, task("fit_kizuna", "pareto_nbd", n), (peer,)))
    return rows


def clv(shrink: int) -> Work:
    """Residual CLV of every customer."""
    bg = ("bg_nbd", 1_000_000 // shrink)
    return Work(
        f"12-month CLV, {bg[1]:,} customers",
        task("clv_kizuna", *bg, runs=7),
        (
            Peer("lifetimes", task("clv_lifetimes", *bg), 10, 50),
            Peer("pymc-marketing, MAP", task("clv_pymc_marketing", *bg), 3, 50),
        ),
    )


def purchases(shrink: int) -> Work:
    """From the order log to purchases and spend."""
    orders = 10_000_000 // shrink
    by_hand = task("purchases_by_hand", orders)
    return Work(
        f"order log → purchases, {orders:,} orders",
        task("purchases_kizuna", orders),
        (Peer("one DuckDB query by hand", by_hand, 1.5, 1.1, "times the time"),),
    )


def value(shrink: int) -> Work:
    """Value a large order log with the whole command, from process start to exit."""
    orders = 10_000_000 // shrink
    by_hand = task("value_by_hand", orders, runs=3)
    return Work(
        f"`kizuna value`, {orders:,} orders, no holdout",
        partial(value_command, orders, runs=3),
        (Peer("that query + writing the outputs", by_hand, None, 3, "times the time"),),
        memory_floor_mb=4000,
    )


def cdnow() -> list[Work]:
    """Value CDNOW with the whole command, the sample and the full cohort."""
    folder = data.DATA / "cdnow"
    if not folder.is_dir():
        return []
    return [
        Work(
            f"`kizuna value` on CDNOW, {name}, process start to exit",
            partial(
                measure_command,
                [KIZUNA, "value", str(path), "--out", str(data.RESULTS / path.stem)],
                runs=5,
            ),
            seconds_goal=3.0,
        )
        for name, path in (
            ("1/10 sample", folder / "cdnow_sample.parquet"),
            ("full cohort", folder / "cdnow_master.parquet"),
        )
    ]


def task(name: str, *arguments: str | int, runs: int = 5) -> Run:
    """Prepare to measure a task of `benchmarks.tasks`."""
    return partial(measure_task, name, arguments, runs=runs)


def value_command(orders: int, *, runs: int) -> Measured:
    """Measure `kizuna value` on a simulated order log without a holdout."""
    out = data.RESULTS / f"value-{orders}"
    command = [KIZUNA, "value", str(data.order_log(orders)), "--holdout", "none"]
    return measure_command([*command, "--currency", "JPY", "--out", str(out)], runs=runs)


def growing(*, quick: bool) -> dict[str, tuple[list[int], Callable[[int], Measured]]]:
    """Sizes at which cost is watched growing, and the work at each size."""
    orders = [n // shrinking(quick=quick) for n in (100_000, 1_000_000, 10_000_000)]
    return {
        "order log → purchases": (
            orders,
            lambda n: measure_task("purchases_kizuna", (n,), runs=5 if n < 10_000_000 else 3),
        ),
        "`kizuna value`, no holdout": (
            orders,
            lambda n: value_command(n, runs=3 if n < 10_000_000 else 1),
        ),
        "BG/NBD fit": (orders, lambda n: measure_task("fit_kizuna", ("bg_nbd", n), runs=3)),
    }
