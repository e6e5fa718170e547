"""Simulated data of any size, made once and kept in benchmarks/results/ (not tracked)."""

from __future__ import annotations

import os
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from kizuna.demo.behaviour import Truth, draw_orders, draw_people
from kizuna.demo.season import Season
from kizuna.pipeline.tables import arrow_schema

type Columns = dict[str, NDArray[np.float64]]

RESULTS = Path(__file__).parent / "results"
DATA = Path(os.environ.get("KIZUNA_DATA") or Path(__file__).parents[2] / "shared" / "data")

BG_NBD = (0.243, 4.414, 0.793, 2.426)
PARETO_NBD = (0.553, 10.578, 0.606, 11.669)
GAMMA_GAMMA = (6.25, 3.74, 15.44)
LOG_START, LOG_DAYS, CUSTOMERS_PER_ORDER = date(2024, 1, 1), 730, 0.2
# about five orders a customer over two years
SHOP = Truth(r=0.8, alpha=42.3, s=1.0, beta=400.0)


def histories(model: str, n: int) -> Columns:
    """Histories of n customers, in weeks on a grid of days: x, t_x, T, mean."""
    path = RESULTS / f"{model}-{n}.npz"
    if not path.exists():
        RESULTS.mkdir(exist_ok=True)
        drawn = _draw(model, n)
        np.savez(path, x=drawn["x"], t_x=drawn["t_x"], T=drawn["T"], mean=drawn["mean"])
    with np.load(path) as file:
        return dict(file)


def patterns(model: str, n: int) -> Columns:
    """Give the same histories, equal (x, t_x, T) grouped: x, t_x, T, weight."""
    path = RESULTS / f"{model}-{n}-patterns.npz"
    if not path.exists():
        rows = histories(model, n)
        grid = np.stack([rows["x"], rows["t_x"], rows["T"]])
        distinct, weight = np.unique(grid, axis=1, return_counts=True)
        np.savez(path, x=distinct[0], t_x=distinct[1], T=distinct[2], weight=weight.astype(float))
    with np.load(path) as file:
        return dict(file)


def order_log(orders: int) -> Path:
    """Path of a Parquet file with about `orders` orders, as a shop exports them."""
    path = RESULTS / f"orders-{orders}.parquet"
    if not path.exists():
        RESULTS.mkdir(exist_ok=True)
        _write_log(path, int(orders * CUSTOMERS_PER_ORDER))
    return path


def transactions(orders: int) -> Path:
    """Path of the same orders as the table `transactions`."""
    path = RESULTS / f"transactions-{orders}.parquet"
    if not path.exists():
        log = pq.read_table(order_log(orders))
        days = log["ordered_at"].cast(pa.date32())
        currency = pa.array(["JPY"] * len(log)).dictionary_encode().cast(pa.string())
        made = {"ordered_on": days, "purchased_on": days, "currency": currency}
        schema = arrow_schema("transactions")
        columns = [made[name] if name in made else log[name] for name in schema.names]
        pq.write_table(pa.table(columns, names=schema.names), path)
    return path


def make_all(shrink: int) -> None:
    """Make whatever a run of the benchmarks reads, so that making it is not measured."""
    for orders in (100_000, 1_000_000, 10_000_000):
        histories("bg_nbd", orders // shrink)
        transactions(orders // shrink)
    patterns("bg_nbd", 10_000_000 // shrink)
    for n in (100_000, 1_000_000):
        histories("pareto_nbd", n // shrink)


def last_day() -> date:
    """Last day of every simulated order log."""
    return LOG_START + timedelta(days=LOG_DAYS - 1)


def _draw(model: str, n: int) -> Columns:
    rng = np.random.default_rng(20261121)
    T = rng.integers(12 * 7, 78 * 7, n).astype(np.float64)
    r, alpha, first, second = BG_NBD if model == "bg_nbd" else PARETO_NBD
    rate = rng.gamma(r, 1 / (alpha * 7), n)
    if model == "bg_nbd":
        x, t_x = _until_dropout(rate, rng.beta(first, second, n), T, rng)
    else:
        leaving_rate = rng.gamma(first, 1 / (second * 7), n)
        x, t_x = _until_death(rate, rng.exponential(1 / leaving_rate), T, rng)
    p, q, v = GAMMA_GAMMA
    mean = rng.gamma(p * np.maximum(x, 1), 1 / rng.gamma(q, 1 / v, n)) / np.maximum(x, 1)
    return {"x": x, "t_x": t_x / 7, "T": T / 7, "mean": np.where(x > 0, mean, 0.0)}


def _until_dropout(
    rate: NDArray[np.float64],
    p: NDArray[np.float64],
    T: NDArray[np.float64],
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Buy after exponential waits, drop out after each purchase with probability p (BG/NBD)."""
    n = len(rate)
    x, t_x, clock, live = np.zeros(n), np.zeros(n), np.zeros(n), np.arange(n)
    while len(live):
        clock[live] += rng.exponential(1 / rate[live])
        live = live[clock[live] < T[live]]
        x[live] += 1
        t_x[live] = np.maximum(np.floor(clock[live]), 1.0)
        live = live[rng.uniform(size=len(live)) > p[live]]
    return x, np.minimum(t_x, T)


def _until_death(
    rate: NDArray[np.float64],
    life: NDArray[np.float64],
    T: NDArray[np.float64],
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Buy at a constant rate until death (Pareto/NBD); the last of x purchases is a maximum."""
    stay = np.minimum(life, T)
    x = rng.poisson(rate * stay).astype(np.float64)
    last = stay * rng.uniform(size=len(x)) ** (1 / np.maximum(x, 1))
    return x, np.where(x > 0, np.maximum(np.floor(last), 1.0), 0.0)


def _write_log(path: Path, customers: int) -> None:
    rng = np.random.default_rng(20261121)
    season = Season.over(LOG_START, LOG_DAYS)
    people = draw_people(customers, LOG_DAYS, season, SHOP, rng)
    orders = draw_orders(people, LOG_DAYS, season, SHOP, rng)
    bought = orders.value > 0
    start = np.datetime64(LOG_START, "us").astype(np.int64)
    moments = start + (orders.day[bought] * 86_400_000_000).astype(np.int64)
    who = orders.customer[bought]
    table = pa.table(
        {
            "order_id": pa.array(np.char.mod("H%08d", np.arange(len(who)))),
            "ordered_at": pa.array(moments, pa.timestamp("us")),
            "customer_id": pa.array(np.char.mod("C%07d", who)),
            "amount": pa.array(orders.value[bought]),
        }
    )
    pq.write_table(table, path)


if __name__ == "__main__":
    make_all(int(sys.argv[1]))
