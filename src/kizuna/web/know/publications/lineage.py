"""Which table is made from which, as the steps themselves say."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kizuna.pipeline.fact_tables import TOLD
from kizuna.pipeline.lineage import columns_read
from kizuna.pipeline.steps import Step, discover
from kizuna.pipeline.tables import TABLES

EVIDENCE = {
    "clv_choice": ("cohort_days", "future_purchases", "order_history", "purchases", "spend"),
    "calibration": ("future_purchases", "purchases", "spend"),
    "frequency_calibration": ("future_purchases", "purchases"),
    "tracking": ("cohort_days",),
}
"""Tables that the back-test draws up, and what it reads for them."""


@cache
def _steps() -> dict[str, Step]:
    return {step.name: step for step in discover("know")}


@cache
def reads_of(name: str) -> tuple[str, ...]:
    """Name the tables that a table is made from."""
    step = _steps().get(name)
    found = step.reads if step else EVIDENCE.get(name, ())
    return tuple(read for read in found if read not in TOLD)


@cache
def ancestors_of(name: str) -> frozenset[str]:
    """Name all that a table is made from, directly or through others."""
    found, open_ones = set[str](), [name]
    while open_ones:
        new = set(reads_of(open_ones.pop())) - found
        found |= new
        open_ones.extend(new)
    return frozenset(found)


@cache
def readers_of(name: str) -> tuple[str, ...]:
    """Name the tables that are made from a table."""
    return tuple(sorted(n for n in {*_steps(), *EVIDENCE} if name in reads_of(n)))


def sql_of(name: str) -> str:
    """Give the SELECT that makes a table; empty where a function makes it."""
    step = _steps().get(name)
    return (step.sql or "") if step else ""


@dataclass(frozen=True, slots=True)
class Origin:
    """A column, and those that it is made of.

    `how` is `sql`, `function` (then the columns are those that its code names), `import` for what
    people bring in, `run` for what a run is told, or `test` for what the back-test draws up.
    `again` marks a column that is laid out further up already.
    """

    table: str
    column: str
    how: str
    made_of: tuple[Origin, ...] = ()
    again: bool = False


def origin_of(table: str, column: str) -> Origin:
    """Follow a column down to the columns that people bring in."""
    return _origin(table, column, set())


def uses_of(table: str, column: str) -> tuple[tuple[str, str], ...]:
    """List the columns that are made of a column, one step up."""
    made = (t for t in (*_steps(), *EVIDENCE) if table in reads_of(t) and t in TABLES)
    return tuple(
        (name, other)
        for name in sorted(made)
        for other, sources in sources_of(name).items()
        if (table, column) in sources
    )


@cache
def sources_of(table: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """Tell of which columns each column of a table is made, one step down."""
    step, columns = _steps().get(table), TABLES[table].column_names
    if step is None:
        return dict.fromkeys(columns, ())
    if step.sql is None:
        named = _named_by(step)
        return dict.fromkeys(columns, named)
    found = columns_read(step.sql, columns, _schema())
    # a count of rows is made of no column, but of the rows of what is read
    return {
        name: of or tuple((read, "*") for read in reads_of(table)) for name, of in found.items()
    }


def _origin(table: str, column: str, above: set[tuple[str, str]]) -> Origin:
    how = _how(table)
    if (table, column) in above:
        return Origin(table, column, how, again=True)
    above.add((table, column))
    below = sources_of(table).get(column, ()) if table in _steps() else ()
    return Origin(table, column, how, tuple(_origin(t, c, above) for t, c in below))


def _how(table: str) -> str:
    step = _steps().get(table)
    if step is None:
        return "run" if table in TOLD else "test" if table in EVIDENCE else "import"
    return "sql" if step.sql is not None else "function"


def _named_by(step: Step) -> tuple[tuple[str, str], ...]:
    """List the columns of what a function reads that its code names."""
    code = getattr(step.function, "__code__", None)
    if code is None:
        return ()
    tree = ast.parse(Path(code.co_filename).read_text(encoding="utf-8"))
    words = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)}
    return tuple(
        (read, column)
        for read in step.reads
        if read in TABLES and read not in TOLD
        for column in TABLES[read].column_names
        if column in words
    )


@cache
def _schema() -> dict[str, dict[str, str]]:
    return {name: {c.name: c.type for c in table.columns} for name, table in TABLES.items()}
