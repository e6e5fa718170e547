"""Segments: find the members of every rule in one pass, and write what changed since the last time.

Who is in is `segment_members` with `segment_changes` laid over it, which `register` does; who came
and went is `segment_moves`. A rebuild writes as much as changed, and nothing where nothing did. The
members of a segment that is new, or whose rule was changed, are where its history begins.
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
from kizuna.pipeline.rules.evaluation import held_sql
from kizuna.pipeline.rules.terms import Rule
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema

MEMBERS, CHANGES, MOVES = "segment_members", "segment_changes", "segment_moves"
FACTS = "customer_facts"

BUCKETS = 4096
"""Parts in which the members of a segment are compared: parts that are alike are not looked at."""
REWRITTEN = 0.1
"""Share of a segment that may have changed before its members are written anew."""

KNOWN = """
SELECT segment_id, customer_id, since_at FROM written
ANTI JOIN altered USING (segment_id, customer_id)
UNION ALL
SELECT segment_id, customer_id, max_by(since_at, moved_at) AS since_at FROM altered
GROUP BY segment_id, customer_id HAVING max_by(is_in, moved_at)"""
COUNTS = """
SELECT segment_id, count(*) AS customers, sum(residual_clv) AS value,
    sum(value_at_risk) AS at_risk FROM found GROUP BY segment_id"""
KEPT = """
SELECT segment_id, count(*) AS customers, sum(residual_clv) AS value,
    sum(value_at_risk) AS at_risk
FROM former AS m LEFT JOIN customer_facts AS f ON m.customer_id = f.customer_id
WHERE segment_id IN ({kept}) GROUP BY segment_id"""
PARTS = """
SELECT segment_id, CAST(hash(customer_id) % {buckets} AS INTEGER) AS part, count(*) AS n,
    bit_xor(hash(customer_id)) AS print FROM {source} WHERE segment_id IN ({kept}) GROUP BY ALL"""
UNLIKE = """
SELECT coalesce(n.segment_id, f.segment_id) AS segment_id, coalesce(n.part, f.part) AS part
FROM ({now}) AS n FULL JOIN ({former}) AS f ON n.segment_id = f.segment_id AND n.part = f.part
WHERE n.n IS DISTINCT FROM f.n OR n.print IS DISTINCT FROM f.print"""
LOOKED_AT = """
SELECT * FROM {source} AS s SEMI JOIN unlike AS u
ON s.segment_id = u.segment_id AND CAST(hash(s.customer_id) % {buckets} AS INTEGER) = u.part"""
MOVED = """
SELECT segment_id, customer_id, 'entered' AS kind, {at} AS moved_at
FROM here ANTI JOIN there USING (segment_id, customer_id)
UNION ALL
SELECT segment_id, customer_id, 'left' AS kind, {at} AS moved_at
FROM there ANTI JOIN here USING (segment_id, customer_id)"""
ALTERED = """
SELECT segment_id, customer_id, moved_at AS since_at, moved_at, kind = 'entered' AS is_in
FROM moves WHERE segment_id NOT IN ({anew})"""
NOW = """
SELECT n.segment_id, n.customer_id, coalesce(f.since_at, {at}) AS since_at
FROM found AS n LEFT JOIN former AS f
ON n.segment_id = f.segment_id AND n.customer_id = f.customer_id
WHERE n.segment_id = {one} ORDER BY n.customer_id"""
FIRST = """
SELECT segment_id, customer_id, {at} AS since_at FROM found
WHERE segment_id = {one} ORDER BY customer_id"""
TO_REWRITE = """
SELECT a.segment_id FROM
    (SELECT segment_id, count(*) AS n FROM (SELECT segment_id FROM altered
        UNION ALL SELECT segment_id FROM moves) GROUP BY segment_id) AS a
LEFT JOIN (SELECT segment_id, count(*) AS n FROM written GROUP BY segment_id) AS w
USING (segment_id) WHERE a.n > {share} * coalesce(w.n, 0) + 1000"""
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
        register(engine, store, under="former")
        _find(engine, wanted, today, minor_units)
        _compare(engine, wanted, _moment(at))
        sizes = _sizes(engine, wanted)
        none = _in_none(engine, wanted)
        customers = engine.count(FACTS)
        _write(engine, store, wanted, _moment(at))
    return Rebuilt(sizes, customers, none, time.perf_counter() - start)


def register(engine: Engine, store: Store, *, under: str = MEMBERS) -> None:
    """Make readable who is in which segment: as it was written, and what changed since."""
    for name, alias in ((MEMBERS, "written"), (CHANGES, "altered")):
        if name in store.names():
            store.register(engine, name, under=alias)
        else:
            engine.register(alias, arrow_schema(name).empty_table())
    engine.view(under, KNOWN)


def fix(store: Store, segment: int, customers: Iterable[str], *, at: datetime) -> int:
    """Give a segment these members and no others, for good; give how many."""
    ids, schema = sorted(set(customers)), arrow_schema(MEMBERS)
    moment = at.replace(tzinfo=None)
    rows = [{"segment_id": segment, "customer_id": one, "since_at": moment} for one in ids]
    with _alone(store):
        _replace(store, segment, pa.Table.from_pylist(rows, schema=schema))
    return len(ids)


def forget(store: Store, segment: int) -> None:
    """Let the members and the history of a segment go."""
    with _alone(store):
        for name in (CHANGES, MEMBERS, MOVES):
            _remove(store, name, segment)


@contextmanager
def _alone(store: Store) -> Iterator[None]:
    """Let one process at a time read the members and write them; the lock goes with it."""
    store.folder.mkdir(parents=True, exist_ok=True)
    with (store.folder / ".segments-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _find(engine: Engine, wanted: Wanted, today: date, minor_units: int) -> None:
    """Look at each customer once: `held` has who is in something live, `found` a row a pair."""
    keys = ("customer_id", "residual_clv", "value_at_risk")
    held = held_sql(wanted.rules, today=today, minor_units=minor_units, keys=keys)
    engine.create("held", f"SELECT * FROM ({held}) WHERE len(held) > 0")
    listed = ", ".join(keys)
    pairs = f"SELECT unnest(held) AS segment_id, {listed} FROM held"
    engine.create(
        "found", f"SELECT CAST(segment_id AS BIGINT) AS segment_id, {listed} FROM ({pairs})"
    )


def _compare(engine: Engine, wanted: Wanted, at: str) -> None:
    """Find who moved, in the parts of segments that are not as they were."""
    kept = _ids(one for one in wanted.rules if one not in wanted.fresh)
    now, former = (
        PARTS.format(source=source, kept=kept, buckets=BUCKETS) for source in ("found", "former")
    )
    engine.create("unlike", UNLIKE.format(now=now, former=former))
    for name, source in (("here", "found"), ("there", "former")):
        engine.create(name, LOOKED_AT.format(source=source, buckets=BUCKETS))
    engine.create("moves", MOVED.format(at=at))


def _sizes(engine: Engine, wanted: Wanted) -> dict[int, Size]:
    counted = engine.query(COUNTS).to_pylist()
    if wanted.fixed:
        counted += engine.query(KEPT.format(kept=_ids(wanted.fixed))).to_pylist()
    found = {row["segment_id"]: row for row in counted}
    moved = {(r["segment_id"], r["kind"]): r["n"] for r in engine.query(TALLY).to_pylist()}
    sizes = {}
    for one in (*wanted.rules, *wanted.fixed):
        row = found.get(one, {"customers": 0, "value": None, "at_risk": None})
        entered, left = moved.get((one, "entered"), 0), moved.get((one, "left"), 0)
        sizes[one] = Size(row["customers"], row["value"], row["at_risk"], entered, left)
    return sizes


def _in_none(engine: Engine, wanted: Wanted) -> int:
    if not wanted.fixed:
        return engine.count(FACTS) - engine.count("held")
    fixed = f"SELECT customer_id FROM former WHERE segment_id IN ({_ids(wanted.fixed)})"
    sql = f"SELECT customer_id FROM held UNION {fixed}"
    none = f"SELECT count(*) AS n FROM {FACTS} ANTI JOIN ({sql}) AS inside USING (customer_id)"
    return int(engine.query(none)["n"][0].as_py())


def _write(engine: Engine, store: Store, wanted: Wanted, at: str) -> None:
    """Write as much as changed: a segment whole where it is new, or where much of it moved.

    What is written twice after a crash says the same twice. A new segment is found anew until its
    version is recorded.
    """
    if engine.count("moves"):
        rewritten = engine.query(TO_REWRITE.format(share=REWRITTEN))["segment_id"].to_pylist()
        anew = [one for one in rewritten if one in wanted.rules]
        _append(store, MOVES, engine.query("SELECT * FROM moves"))
        _append(store, CHANGES, engine.query(ALTERED.format(anew=_ids(anew))))
        for one in anew:
            rows = engine.query(NOW.format(at=at, one=one)).cast(arrow_schema(MEMBERS))
            store.replace(MEMBERS, rows, f"segment_id = {int(one)}")
            _remove(store, CHANGES, one)
    for one in sorted(wanted.fresh.intersection(wanted.rules)):
        rows = engine.query(FIRST.format(at=at, one=one)).cast(arrow_schema(MEMBERS))
        _replace(store, one, rows)


def _append(store: Store, name: str, rows: pa.Table) -> None:
    if rows.num_rows:
        store.append(name, rows.cast(arrow_schema(name)))


def _replace(store: Store, segment: int, rows: pa.Table) -> None:
    """Begin a segment anew: what changed in the former one is no change of this one."""
    _remove(store, CHANGES, segment)
    store.replace(MEMBERS, rows, f"segment_id = {int(segment)}")


def _remove(store: Store, name: str, segment: int) -> None:
    if name in store.names():
        store.remove(name, f"segment_id = {int(segment)}")


def _ids(segments: Iterable[int]) -> str:
    return ", ".join(str(int(one)) for one in segments) or "-1"


def _moment(at: datetime) -> str:
    return f"TIMESTAMP '{at.replace(tzinfo=None).isoformat(sep=' ')}'"
