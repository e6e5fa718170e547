"""Segments of a million customers: the first rebuild, one in which some changed, one in which none.

python -m benchmarks.segments [customers]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from kizuna.jobs.segments import Wanted, rebuild
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.rules.catalogue import known_facts
from kizuna.pipeline.rules.reading import read
from kizuna.pipeline.rules.terms import Rule
from kizuna.pipeline.store import Store

NOW, TODAY = datetime(2026, 4, 1, tzinfo=UTC), date(2026, 3, 31)
RULES = ("p_alive < 0.3 AND residual_clv > 50", "orders >= 3", "today - last_purchase > 60")
FACTS = """
SELECT printf('c%08d', i) AS customer_id, CAST(hash(i) % 9 AS BIGINT) AS orders,
    (hash(i + {moved}) % 1000) / 1000.0 AS p_alive, hash(i + 7) % 20000 / 1.0 AS residual_clv,
    hash(i + 9) % 5000 / 1.0 AS value_at_risk,
    CAST(DATE '2026-03-31' - CAST(hash(i + 5) % 365 AS INTEGER) AS DATE) AS last_purchase
FROM range({customers}) AS r(i)"""


def facts(folder: Path, customers: int, name: str, changed: str) -> str:
    """Write facts of customers; `changed` says which moved since."""
    path = folder / f"{name}.parquet"
    with Engine() as engine:
        engine.copy(FACTS.format(customers=customers, moved=changed), path)
    return str(path)


def main(customers: int) -> None:
    """Print how long each rebuild took."""
    for many in (1, len(RULES)):
        rules = {at: read(text, known_facts()) for at, text in enumerate(RULES[:many], 1)}
        print(f"segments: {many}")
        measured(customers, rules)


def measured(customers: int, rules: Mapping[int, Rule]) -> None:
    """Rebuild some segments three times."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        store = Store(folder / "store")
        same = facts(folder, customers, "same", "0")
        some = facts(folder, customers, "some", "CASE WHEN i % 1000 = 0 THEN 3 ELSE 0 END")
        runs = (("first", same, frozenset(rules)), ("none changed", same, frozenset[int]()))
        for name, path, fresh in (*runs, ("0.1 % changed", some, frozenset[int]())):
            start = time.perf_counter()
            wanted = Wanted(rules, fresh=fresh)
            found = rebuild(store, [path], wanted, at=NOW, today=TODAY, minor_units=100)
            moved = sum(size.entered + size.left for size in found.sizes.values())
            took = time.perf_counter() - start
            print(f"{name}: {took:.2f} s, {customers:,} customers, {moved:,} moves")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
