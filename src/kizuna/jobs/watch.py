"""Watch customers: of whom rules begin or cease to hold, what changed, and what is at stake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from kizuna.jobs.stakes import basis, stakes
from kizuna.jobs.transitions import FRAMES, HISTORY, Condition, moved
from kizuna.pipeline.engine import Engine, identifier

STORM_LEAST, STORM_SHARE = 200, 0.05
"""A rule that begins to hold of more customers at once than both tells of data, not of them."""
MODELLED = {"health_learned": "health", "churn_probability": "churn_probability"}
"""Facts of former days by the models of now, and under which name `health_trail` has them."""
AT_STAKE = ("stake_value", "stake_at_risk", "stake_of", "stake_on")


@dataclass(frozen=True, slots=True)
class Watched:
    """A condition, and the facts that its alert tells of."""

    condition: Condition
    facts: tuple[str, ...]

    @property
    def key(self) -> int:
        """Which rule it is of."""
        return self.condition.key


@dataclass(frozen=True, slots=True)
class Changed:
    """A fact before and now; None where it was not known."""

    fact: str
    before: Any
    now: Any


@dataclass(frozen=True, slots=True)
class Turned:
    """A rule began, or ceased, to hold of a customer; amounts in minor units (see `stakes`)."""

    customer_id: str
    key: int
    begins: bool
    changes: tuple[Changed, ...] = ()
    value: float | None = None
    at_risk: float | None = None
    stake_of: str | None = None
    stake_on: date | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What turned; `storms` counts customers of rules that began to hold of too many at once."""

    turned: Sequence[Turned]
    storms: Mapping[int, int] = field(default_factory=dict)
    refused: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Frame:
    """Facts of one day: Parquet files, or rows at hand."""

    day: date
    files: Sequence[str] = ()
    rows: pa.Table | None = None

    def register(self, engine: Engine, name: str) -> None:
        """Make them readable."""
        if self.rows is not None:
            engine.register(name, self.rows)
        else:
            engine.register_parquet(name, self.files)


def compare(
    former: Frame,
    latest: Frame,
    watched: Sequence[Watched],
    *,
    panel: Sequence[str] = (),
    trail: Sequence[str] = (),
    live: bool = False,
) -> Findings:
    """Find what turned between two frames.

    Parameters
    ----------
    former, latest : facts as they were told last, and as they are now.
    watched : what is watched; a condition that the engine refuses is named and left out.
    panel : files of facts of former days, for trends.
    trail : files of what models of now say of these days.
    live : whether the news is known to be of now: what was not known before counts as begun, and
        no number of customers is too many.

    """
    with Engine(threads=2) as engine:
        return compare_in(engine, former, latest, watched, panel=panel, trail=trail, live=live)


def compare_in(
    engine: Engine,
    former: Frame,
    latest: Frame,
    watched: Sequence[Watched],
    *,
    panel: Sequence[str] = (),
    trail: Sequence[str] = (),
    live: bool = False,
) -> Findings:
    """Find the same in an engine that is there."""
    former.register(engine, "former")
    latest.register(engine, "latest")
    # two runs of one day are two frames all the same
    before = min(former.day, latest.day - timedelta(days=1))
    engine.view(FRAMES, _frames(before, latest.day))
    asked = {trend.fact for one in watched for trend in one.condition.trends}
    _history(engine, panel, trail if asked & MODELLED.keys() else ())
    good, refused = _accepted(engine, watched)
    rows = moved(engine, [w.condition for w in good], first_seen=live).to_pylist()
    storms = {} if live else _storms(engine, rows)
    told = [r for r in rows if not (r["begins"] and r["key"] in storms)]
    return Findings(_detailed(engine, told, good, latest.day), storms, refused)


def _frames(before: date, day: date) -> str:
    """SQL: both frames, by the columns of the latest; what the former had not is not known."""
    return (
        f"SELECT *, DATE '{day}' AS day FROM latest UNION ALL BY NAME "
        f"SELECT *, DATE '{before}' AS day FROM former "
        "WHERE customer_id IN (SELECT customer_id FROM latest)"
    )


def _history(engine: Engine, panel: Sequence[str], trail: Sequence[str]) -> None:
    sql = f"SELECT * FROM {FRAMES} WHERE false"
    if panel:
        engine.register_parquet("panel", panel)
        sql += f" UNION ALL BY NAME SELECT {'p.*' if trail else '*'} FROM panel AS p"
    if panel and trail:
        engine.register_parquet("trail", trail)
        told = ", ".join(f"t.{identifier(name)} AS {fact}" for fact, name in MODELLED.items())
        sql = sql.replace("p.*", f"p.*, {told}")
        sql += " LEFT JOIN trail AS t ON p.customer_id = t.customer_id AND p.day = t.day"
    engine.view(HISTORY, sql)


def _accepted(engine: Engine, watched: Sequence[Watched]) -> tuple[list[Watched], dict[int, str]]:
    """Leave out conditions over facts that are not there: the others go on."""
    known = set(engine.schema(FRAMES).names)
    past = set(engine.schema(HISTORY).names)
    refused: dict[int, str] = {}
    for one in watched:
        needed = set(one.facts) - known
        needed |= {trend.fact for trend in one.condition.trends} - past
        if needed:
            refused[one.key] = ", ".join(sorted(needed))
    return [one for one in watched if one.key not in refused], refused


def _storms(engine: Engine, rows: Iterable[Mapping[str, Any]]) -> dict[int, int]:
    most = max(STORM_LEAST, STORM_SHARE * engine.count("latest"))
    begun = Counter(row["key"] for row in rows if row["begins"])
    return {key: many for key, many in begun.items() if many > most}


def _detailed(
    engine: Engine, rows: Sequence[Mapping[str, Any]], watched: Sequence[Watched], day: date
) -> list[Turned]:
    """Add to what began the facts before and now, and what is at stake."""
    about = {one.key: one.facts for one in watched}
    told = _rows_of(engine, rows, sorted({f for facts in about.values() for f in facts}))
    found = []
    for row in sorted(rows, key=lambda r: (r["customer_id"], r["key"])):
        now = told.get((row["customer_id"], True), {})
        former = told.get((row["customer_id"], False), {})
        changes = tuple(Changed(f, former.get(f), now.get(f)) for f in about[row["key"]])
        found.append(
            Turned(
                row["customer_id"],
                row["key"],
                row["begins"],
                changes if row["begins"] else (),
                *(now.get(name) for name in AT_STAKE),
            )
        )
    return found


def _rows_of(
    engine: Engine, rows: Sequence[Mapping[str, Any]], facts: Sequence[str]
) -> dict[tuple[str, bool], dict[str, Any]]:
    """Read the facts of those who turned, of both frames."""
    ids = pa.table({"customer_id": pa.array({r["customer_id"] for r in rows}, pa.string())})
    engine.register("turned", ids)
    columns = "".join(f", {identifier(name)}" for name in facts)
    names = engine.schema(FRAMES).names
    told = zip((*stakes(names), *basis(names)), AT_STAKE, strict=True)
    at_stake = ", ".join(f"{sql} AS {name}" for sql, name in told)
    found = engine.query(
        f"SELECT customer_id, day = max(day) OVER () AS is_now{columns}, {at_stake} "
        f"FROM {FRAMES} SEMI JOIN turned USING (customer_id)"
    )
    return {(row["customer_id"], row["is_now"]): row for row in found.to_pylist()}
