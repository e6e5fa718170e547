"""Segments as they are written: what changed lies over what was written whole, and both are one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kizuna.jobs import segments
from kizuna.jobs.segments import CHANGES, MEMBERS, MOVES, Rebuilt, Wanted, fix, forget, rebuild
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.rules.catalogue import known_facts
from kizuna.pipeline.rules.reading import read
from kizuna.pipeline.store import Store

START, TODAY = datetime(2026, 4, 1, tzinfo=UTC), date(2026, 3, 31)
RULES = {1: read("orders >= 3", known_facts()), 2: read("orders < 5", known_facts())}


def facts(folder: Path, orders: Sequence[int]) -> list[str]:
    rows = [
        {"customer_id": f"c{n:05}", "orders": many, "residual_clv": 10.0, "value_at_risk": None}
        for n, many in enumerate(orders)
    ]
    numbers = [("orders", pa.int64()), ("residual_clv", pa.float64())]
    schema = pa.schema([("customer_id", pa.string()), *numbers, ("value_at_risk", pa.float64())])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), folder / "facts.parquet")
    return [str(folder / "facts.parquet")]


def built(folder: Path, orders: Sequence[int], turn: int, fresh: Iterable[int] = ()) -> Rebuilt:
    return rebuild(
        Store(folder / "store"),
        facts(folder, orders),
        Wanted(RULES, fresh=frozenset(fresh)),
        at=START + timedelta(days=turn),
        today=TODAY,
        minor_units=1,
    )


def inside(folder: Path, *columns: str) -> set[tuple[object, ...]]:
    with Engine(threads=1) as engine:
        segments.register(engine, Store(folder / "store"))
        listed = ", ".join(("segment_id", "customer_id", *columns))
        found = engine.query(f"SELECT {listed} FROM {MEMBERS}").to_pylist()
    assert len(found) == len({(row["segment_id"], row["customer_id"]) for row in found})
    return {tuple(row.values()) for row in found}


def expected(orders: Sequence[int]) -> set[tuple[object, ...]]:
    first = {(1, f"c{n:05}") for n, many in enumerate(orders) if many >= 3}
    return first | {(2, f"c{n:05}") for n, many in enumerate(orders) if many < 5}


def turns(many: int) -> list[list[int]]:
    """Give the orders of so many customers on five days: few change, then many, then back."""
    first = [n % 8 for n in range(many)]
    few = [7 if n % 97 == 0 else o for n, o in enumerate(first)]
    lots = [(o + 3) % 8 for o in few]
    return [first, few, first, lots, few]


def followed(folder: Path, many: int) -> None:
    for turn, orders in enumerate(turns(many)):
        built(folder, orders, turn, RULES if turn == 0 else ())
        assert inside(folder) == expected(orders)


@pytest.mark.parametrize("many", [300, 4_000])
def test_who_is_in_is_whom_the_rules_find_however_it_was_written(tmp_path: Path, many: int) -> None:
    followed(tmp_path, many)


def test_a_reader_that_leaves_the_changes_out_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "KNOWN", "SELECT * FROM written")
    with pytest.raises(AssertionError):
        followed(tmp_path, 300)


def test_few_moves_leave_what_was_written_as_it_is_and_many_do_not(tmp_path: Path) -> None:
    first, few, _first, lots, _few = turns(8_000)
    store = Store(tmp_path / "store")
    built(tmp_path, first, 0, RULES)
    whole = store.changed_at(MEMBERS)
    moved = built(tmp_path, few, 1)
    assert sum(size.entered + size.left for size in moved.sizes.values()) > 0
    assert store.changed_at(MEMBERS) == whole
    built(tmp_path, lots, 2)
    assert store.changed_at(MEMBERS) > whole
    assert store.read(CHANGES).num_rows == 0


def test_the_day_of_entering_stays_and_who_comes_back_has_a_new_one(tmp_path: Path) -> None:
    for turn, one in enumerate((4, 0, 4)):
        built(tmp_path, [one, 6], turn, RULES if turn == 0 else ())
    since = {(row[0], row[1]): row[2] for row in inside(tmp_path, "since_at")}
    day = START.replace(tzinfo=None)
    assert since[1, "c00001"] == day
    assert since[1, "c00000"] == day + timedelta(days=2)
    assert Store(tmp_path / "store").read(MOVES).num_rows == 2


def test_a_new_rule_forgets_what_changed_under_the_former_one(tmp_path: Path) -> None:
    built(tmp_path, [4, 6], 0, RULES)
    built(tmp_path, [0, 6], 1)
    built(tmp_path, [4, 6], 2, [1])
    assert inside(tmp_path) == expected([4, 6])
    store = Store(tmp_path / "store")
    fix(store, 1, ["c00001"], at=START)
    forget(store, 2)
    assert inside(tmp_path) == {(1, "c00001")}
