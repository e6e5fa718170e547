"""All sources read: typed rows in `order_rows`, lines that are no rows, and their sums."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from kizuna.pipeline.capture import decisions, reasons, staging
from kizuna.pipeline.capture.loading import ROWS, Malformed, forget, load, rows_of
from kizuna.pipeline.capture.notes import Note
from kizuna.pipeline.capture.sources import Source
from kizuna.pipeline.capture.staging import Plan
from kizuna.pipeline.engine import Engine

MOST_IN_VIEW = 64
"""Files that one view may read; beyond, rows are copied into a table."""
ASKS = re.compile(
    r"\d{1,2}[-/]\d{1,2}[-/]\d{4}.*|[^\d]*\d[\d.]*,\d+[^\d]*|[^\d]*\d{1,3}\.\d{3}[^\d]*"
)
"""A date or an amount that reads two ways."""

type Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Staged:
    """What all sources hold.

    Attributes
    ----------
    sources : as read in the end, i.e. with their repaired copies.
    malformed : for each source, lines that are no rows.
    reasons : reason → rows of `order_rows` with it; None: kept.
    total : amount of the rows kept, in minor units.
    one_customer : the customer, where all rows kept are of one.
    numbered : rows kept that have an order number.

    """

    sources: list[Source]
    malformed: list[Malformed]
    notes: list[Note] = field(default_factory=list)
    reasons: dict[str | None, int] = field(default_factory=dict)
    first_day: date | None = None
    last_day: date | None = None
    total: float = 0.0
    one_customer: str | None = None
    numbered: int = 0

    @property
    def accepted(self) -> int:
        return self.reasons.get(None, 0)

    @property
    def rejects(self) -> int:
        return sum(rows for reason, rows in self.reasons.items() if reason)

    @property
    def rows_read(self) -> int:
        return sum(self.reasons.values()) + sum(map(len, self.malformed))


def stage(
    engine: Engine,
    sources: Sequence[Source],
    plans: Sequence[Plan],
    folder: Path,
    on_progress: Progress | None = None,
) -> Staged:
    """Make `order_rows` of all sources; files whose rows are typed are read where they lie."""
    staged = Staged(list(sources), [{} for _ in sources])
    engine.drop(ROWS)
    relations: list[str] = []
    for number, plan in enumerate(plans):
        if on_progress is not None:
            on_progress(sources[number].path.name, number + 1, len(sources))
        relations.append(_relation(engine, staged, number, plan, folder))
        if len(sources) > MOST_IN_VIEW:
            _append(engine, relations.pop(), number)
    if relations:
        engine.view(ROWS, " UNION ALL ".join(relations))
    _summarise(engine, staged)
    return staged


def _relation(engine: Engine, staged: Staged, number: int, plan: Plan, folder: Path) -> str:
    """SQL: the typed rows of one source, loaded if need be."""
    source = staged.sources[number]
    if _needs_no_copy(source, plan):
        return staging.typed(source, number, plan)
    _read(engine, staged, number, plan, folder)
    return rows_of(staged.sources[number], number)


def _append(engine: Engine, relation: str, number: int) -> None:
    """Put the rows of one of many sources behind those of the others."""
    if ROWS in engine.names():
        engine.connection.execute(f"INSERT INTO {ROWS} {relation}")
    else:
        engine.create(ROWS, relation)
    forget(engine, number)


def _needs_no_copy(source: Source, plan: Plan) -> bool:
    """Tell whether rows come typed, so that reading them again costs next to nothing."""
    when = plan.columns["date"]
    numbers = (plan.columns[part] for part in staging.NUMBERS if part in plan.columns)
    return (
        source.kind == "parquet"
        and staging.is_moment(source, when)
        and (source.types[when] == "DATE" or plan.zone.is_cheap)
        and not any(staging.is_text(source, column) for column in numbers)
    )


def _read(engine: Engine, staged: Staged, number: int, plan: Plan, folder: Path) -> None:
    """Read one source; what only a whole column can tell is decided where a row asks for it."""
    source = staged.sources[number]
    decided = _decided(engine, staged, source, plan) if _asks(source) else plan
    staged.sources[number], staged.malformed[number] = load(engine, source, number, decided, folder)
    if decided is plan and _leaves_open(engine, source, number, plan):
        decided = _decided(engine, staged, source, plan)
        if decided != plan:
            source = staged.sources[number]
            staged.sources[number], staged.malformed[number] = load(
                engine, source, number, decided, folder
            )


def _decided(engine: Engine, staged: Staged, source: Source, plan: Plan) -> Plan:
    decided, notes = decisions.decide(engine, source, plan)
    staged.notes += notes
    return decided


def _asks(source: Source) -> bool:
    values = (value for column in source.sample.values() for value in column if value)
    return any(ASKS.fullmatch(value) for value in values)


def _leaves_open(engine: Engine, source: Source, number: int, plan: Plan) -> bool:
    """Tell whether rows could not be read that a decision might make readable."""
    codes = ["unreadable_date"] * (plan.date_order is None)
    codes += ["unreadable_amount"] * (plan.decimal is None)
    listed = ", ".join(str(reasons.number(code)) for code in codes) or "NULL"
    rows = rows_of(source, number)
    return len(engine.query(f"SELECT 1 FROM ({rows}) WHERE reason IN ({listed}) LIMIT 1")) > 0


def _summarise(engine: Engine, staged: Staged) -> None:
    """Count and sum in one pass."""
    sql = (
        "SELECT reason, count(*) AS rows, min(ordered_on) AS first_day, "
        "max(ordered_on) AS last_day, sum(minor) AS total, "
        "min(customer_id) AS one, max(customer_id) AS other, count(order_id) AS numbered "
        f"FROM {ROWS} GROUP BY reason"
    )
    for row in engine.query(sql).to_pylist():
        code = None if row["reason"] is None else reasons.CODES[row["reason"]]
        staged.reasons[code] = row["rows"]
        if code is None:
            _keep(staged, row)


def _keep(staged: Staged, row: dict[str, Any]) -> None:
    staged.first_day, staged.last_day = row["first_day"], row["last_day"]
    staged.total = row["total"]
    staged.numbered = row["numbered"]
    staged.one_customer = row["one"] if row["one"] == row["other"] else None
