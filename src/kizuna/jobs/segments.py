"""Segments: find the members of every rule in one pass, and write what changed since the last time.

Who is in is `segment_members`, who came and went `segment_moves`. A rebuild in which nothing
changed writes nothing; the members of a segment that is new, or whose rule was changed, are where
its history begins.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

import pyarrow as pa

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.rules.evaluation import members_sql
from kizuna.pipeline.rules.terms import Rule
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema

MEMBERS, MOVES = "segment_members", "segment_moves"
FACTS = "customer_facts"

COUNTS = """
SELECT segment_id, count(*) AS customers, sum(residual_clv) AS value,
    sum(value_at_risk) AS at_risk, count(residual_clv) AS valued
FROM found AS m LEFT JOIN customer_facts AS f ON m.customer_id = f.customer_id
GROUP BY segment_id"""
NOW = """
SELECT n.segment_id, n.customer_id, coalesce(f.since_at, {at}) AS since_at
FROM found AS n LEFT JOIN former AS f
ON n.segment_id = f.segment_id AND n.customer_id = f.customer_id
ORDER BY n.segment_id, n.customer_id"""
ENTERED = """
SELECT n.segment_id, n.customer_id, 'entered' AS kind, {at} AS moved_at
FROM found AS n ANTI JOIN former AS f
ON n.segment_id = f.segment_id AND n.customer_id = f.customer_id
WHERE n.segment_id NOT IN ({fresh})"""
LEFT = """
SELECT f.segment_id, f.customer_id, 'left' AS kind, {at} AS moved_at
FROM former AS f ANTI JOIN found AS n
ON n.segment_id = f.segment_id AND n.customer_id = f.customer_id
WHERE f.segment_id NOT IN ({fresh}) AND f.segment_id IN ({kept})"""
IN_NONE = """
SELECT count(*) AS n FROM customer_facts ANTI JOIN found USING (customer_id)"""
DIFFERENT = """
SELECT count(*) AS n FROM found AS n ANTI JOIN former AS f
ON n.segment_id = f.segment_id AND n.customer_id = f.customer_id"""
TALLY = "SELECT segment_id, kind, count(*) AS n FROM moves GROUP BY ALL"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to rebuild: rules by segment, segments with fixed members, and those that begin anew."""

    rules: Mapping[int, Rule]
    fixed: Sequence[int] = ()
    fresh: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Size:
    """How a segment stands; amounts in the minor unit, None where nobody in it has a value."""

    customers: int
    value: float | None
    at_risk: float | None
    entered: int
    left: int


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild found, and how long it took."""

    sizes: Mapping[int, Size]
    customers: int
    in_none: int
    seconds: float


def rebuild(
    store: Store,
    files: Sequence[str],
    wanted: Wanted,
    *,
    at: datetime,
    today: date,
    minor_units: int,
) -> Rebuilt:
    """Find the members of every segment among the customers of `files`; write what changed."""
    start = time.perf_counter()
    with _alone(store), Engine() as engine:
        engine.register_parquet(FACTS, files)
        _register_former(engine, store)
        _find(engine, wanted, today, minor_units)
        moves = _moves(engine, wanted, _moment(at))
        sizes = _sizes(engine, (*wanted.rules, *wanted.fixed))
        none = int(engine.query(IN_NONE)["n"][0].as_py())
        customers = engine.count(FACTS)
        if moves or _differs(engine):
            _write(engine, store, _moment(at))
    return Rebuilt(sizes, customers, none, time.perf_counter() - start)


def fix(store: Store, segment: int, customers: Iterable[str], *, at: datetime) -> int:
    """Give a segment these members and no others, for good; give how many."""
    ids = sorted(set(customers))
    with _alone(store), Engine(threads=1) as engine:
        _register_former(engine, store)
        rows = [{"segment_id": segment, "customer_id": one, "since_at": at} for one in ids]
        schema = arrow_schema(MEMBERS)
        engine.register("fixed", pa.Table.from_pylist(_naive(rows), schema=schema))
        others = "SELECT * FROM former WHERE segment_id <> {id} UNION ALL SELECT * FROM fixed"
        store.write(MEMBERS, engine.query(others.format(id=int(segment))).cast(schema))
    return len(ids)


def forget(store: Store, segment: int) -> None:
    """Let the members and the history of a segment go."""
    with _alone(store):
        for name in {MEMBERS, MOVES}.intersection(store.names()):
            store.remove(name, f"segment_id = {int(segment)}")


@contextmanager
def _alone(store: Store) -> Iterator[None]:
    """Let one process at a time read the members and write them; the lock goes with it."""
    store.folder.mkdir(parents=True, exist_ok=True)
    with (store.folder / ".segments-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _naive(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    for row in rows:
        at = row["since_at"]
        row["since_at"] = at.replace(tzinfo=None) if isinstance(at, datetime) else at
    return rows


def _register_former(engine: Engine, store: Store) -> None:
    if MEMBERS in store.names():
        store.register(engine, MEMBERS, under="former")
    else:
        engine.register("former", arrow_schema(MEMBERS).empty_table())


def _find(engine: Engine, wanted: Wanted, today: date, minor_units: int) -> None:
    fixed = f"SELECT segment_id, customer_id FROM former WHERE segment_id IN ({_ids(wanted.fixed)})"
    live = "SELECT CAST(0 AS BIGINT) AS segment_id, customer_id FROM customer_facts WHERE FALSE"
    if wanted.rules:
        found = members_sql(wanted.rules, today=today, minor_units=minor_units)
        live = f"SELECT CAST(rule AS BIGINT) AS segment_id, customer_id FROM ({found})"
    engine.create("found", f"{live} UNION ALL {fixed}")


def _moves(engine: Engine, wanted: Wanted, at: str) -> int:
    names = {"at": at, "fresh": _ids(wanted.fresh), "kept": _ids(wanted.rules)}
    engine.create("moves", f"{ENTERED.format(**names)} UNION ALL {LEFT.format(**names)}")
    return engine.count("moves")


def _differs(engine: Engine) -> bool:
    """Tell whether other pairs are in than were, also where that is no move."""
    if engine.count("found") != engine.count("former"):
        return True
    return bool(engine.query(DIFFERENT)["n"][0].as_py())


def _sizes(engine: Engine, segments: Iterable[int]) -> dict[int, Size]:
    counted = {row["segment_id"]: row for row in engine.query(COUNTS).to_pylist()}
    moved = {(r["segment_id"], r["kind"]): r["n"] for r in engine.query(TALLY).to_pylist()}
    sizes = {}
    for one in segments:
        row = counted.get(one, {"customers": 0, "value": None, "at_risk": None})
        entered, left = moved.get((one, "entered"), 0), moved.get((one, "left"), 0)
        sizes[one] = Size(row["customers"], row["value"], row["at_risk"], entered, left)
    return sizes


def _write(engine: Engine, store: Store, at: str) -> None:
    if engine.count("moves"):
        store.append(MOVES, engine.query("SELECT * FROM moves").cast(arrow_schema(MOVES)))
    store.write(MEMBERS, engine.query(NOW.format(at=at)).cast(arrow_schema(MEMBERS)))


def _ids(segments: Iterable[int]) -> str:
    return ", ".join(str(int(one)) for one in segments) or "-1"


def _moment(at: datetime) -> str:
    return f"TIMESTAMP '{at.replace(tzinfo=None).isoformat(sep=' ')}'"
