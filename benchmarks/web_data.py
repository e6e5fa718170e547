"""A data folder of the application with a large shop in it: made once, in benchmarks/results/."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.data import LOG_DAYS, LOG_START, RESULTS
from kizuna.demo.behaviour import CHANNELS, People, Truth, draw_orders, draw_people
from kizuna.demo.people import FAMILY, GIVEN, PLACES
from kizuna.demo.season import Season
from kizuna.jobs import log_sql
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema

GREAT = "C0000000"
"""One customer in whose name a fifth of all orders are, as of a shop's counter."""
SHOP = Truth(r=0.8, alpha=24.0, s=1.0, beta=400.0)
"""Some eight orders a customer over two years; the great customer's come on top of them."""


def home(customers: int) -> Path:
    """Give a data folder whose store holds orders, customers and costs, as imports leave them."""
    folder = RESULTS / f"web-{customers}"
    if not (folder / "made").exists():
        _make(Store(folder / "store"), customers)
        (folder / "made").touch()
    return folder


def _make(store: Store, n: int) -> None:
    rng = np.random.default_rng(20261121)
    season = Season.over(LOG_START, LOG_DAYS)
    people = draw_people(n, LOG_DAYS, season, SHOP, rng)
    with Engine() as engine:
        engine.register("drawn", _orders(people, season, n, rng))
        engine.view("transactions", _as_transactions())
        store.write("transactions", engine.reader(log_sql.transactions()))
    store.write("customers", _customers(people, n))
    store.write("costs", _costs(n))


def _orders(people: People, season: Season, n: int, rng: np.random.Generator) -> pa.Table:
    drawn = draw_orders(people, LOG_DAYS, season, SHOP, rng)
    many = 2 * n
    who = np.append(drawn.customer, np.zeros(many, np.int64))
    day = np.append(drawn.day, rng.uniform(0, LOG_DAYS, many))
    value = np.append(drawn.value, rng.integers(100, 9_000, many))
    return pa.table({"who": who, "day": day, "amount": value})


def _as_transactions() -> str:
    moment = f"(TIMESTAMP '{LOG_START}' + to_microseconds(CAST(day * 86400e6 AS BIGINT)))"
    return (
        f"SELECT format('C{{:07d}}', who) AS customer_id, "
        f"format('H{{:08d}}', row_number() OVER (ORDER BY day, who)) AS order_id, "
        f"{moment} AS ordered_at, CAST({moment} AS DATE) AS ordered_on, amount, "
        f"'JPY' AS currency, CAST({moment} AS DATE) AS purchased_on FROM drawn"
    )


def _customers(people: People, n: int) -> pa.Table:
    family, given = np.arange(n) * 7 % len(FAMILY), np.arange(n) * 13 // 5 % len(GIVEN)
    places, numbers = np.arange(n) * 11 % len(PLACES), range(n)
    made = {
        "customer_id": [f"C{k:07d}" for k in numbers],
        "name": [f"{FAMILY[f].kanji} {GIVEN[g].kanji}" for f, g in zip(family, given, strict=True)],
        "name_kana": [
            f"{FAMILY[f].kana} {GIVEN[g].kana}" for f, g in zip(family, given, strict=True)
        ],
        "kind": ["company" if k % 50 == 0 else "person" for k in numbers],
        "email": [
            f"{GIVEN[g].roman.lower()}{k}@example.jp" for g, k in zip(given, numbers, strict=True)
        ],
        "phone": [f"+8190{k:08d}" for k in numbers],
        "region": [PLACES[p][0] for p in places],
        "channel": [CHANNELS[c].name for c in people.channel],
    }
    schema = arrow_schema("customers")
    empty = pa.nulls(n)
    columns = [pa.array(made[f.name]) if f.name in made else empty.cast(f.type) for f in schema]
    return pa.table(columns, schema=schema)


def _costs(n: int) -> pa.Table:
    rows = []
    for year, month in ((y, m) for y in (2024, 2025) for m in range(1, 13)):
        first = np.datetime64(f"{year}-{month:02d}-01", "D")
        last = (first.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
        rows += [
            {
                "cost_id": f"{c.name}-{first}",
                "kind": "acquisition",
                "channel": c.name,
                "from_on": first.item(),
                "until_on": last.item(),
                "amount": round(c.cost * c.share * n / 24),
                "currency": "JPY",
            }
            for c in CHANNELS
        ]
    return pa.Table.from_pylist(rows, schema=arrow_schema("costs"))


if __name__ == "__main__":
    print(home(int(sys.argv[1])))
