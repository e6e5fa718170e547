"""What a contract of a table is, and how data is held to it, in Arrow or in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

ARROW_TYPES: dict[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: SQL type, unit, meaning; counts and shares may not be negative."""

    name: str
    type: str
    unit: str
    meaning: str
    nullable: bool = False

    @property
    def countable(self) -> bool:
        """Hold a count, a length of time or a share: never negative."""
        return self.unit in {"customers", "purchases", "orders", "rows", "period", "share"}


@dataclass(frozen=True, slots=True)
class Table:
    """One table: `grain` names the columns that tell its rows apart; () means a single row."""

    name: str
    grain: tuple[str, ...]
    meaning: str
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


ROWS = "rows_checked"
FEW = 10_000
ONE = 1 + 1e-9
"""A share may pass 1 by rounding."""


class ContractError(ValueError):
    """A table is not what `tables.py` says it is.

    Attributes
    ----------
    table : name of the table; empty where the error is about none alone.
    violations : rule → how many rows break it; empty where its columns are not those promised.

    """

    def __init__(
        self, message: str, *, table: str = "", violations: Mapping[str, int] | None = None
    ) -> None:
        super().__init__(message)
        self.table, self.violations = table, dict(violations or {})


def optional(*columns: Column) -> tuple[Column, ...]:
    """Give the columns as such that may be empty."""
    return tuple(replace(column, nullable=True) for column in columns)


def arrow_schema(table: Table) -> pa.Schema:
    """Give the Arrow schema of a table."""
    return pa.schema([(c.name, ARROW_TYPES[c.type]) for c in table.columns])


def check(table: Table, data: pa.Table | pa.Schema) -> None:
    """Raise `ContractError` unless the data (or its schema alone) is as the contract says."""
    check_schema(table, data if isinstance(data, pa.Schema) else data.schema)
    if not isinstance(data, pa.Schema):
        report(table, {name: count for name, count in _violations(table, data) if count})


def check_schema(table: Table, schema: pa.Schema) -> None:
    """Raise `ContractError` unless the schema has the table's columns, in order, by type."""
    expected, found = table.column_names, tuple(schema.names)
    if expected != found:
        missing = [name for name in expected if name not in found]
        extra = [name for name in found if name not in expected]
        raise ContractError(
            f"{table.name}: columns are not those of its contract; "
            f"missing {missing}, not expected {extra}, order should be {list(expected)}",
            table=table.name,
        )
    for column in table.columns:
        _check_type(table, column, schema.field(column.name).type)


def rules(table: Table) -> tuple[str, ...]:
    """Name every rule that the rows of a table are held to."""
    return (*(name for name, _sql in _rules(table)), _grain_rule(table))


def violations_sql(table: Table, *, unique: bool = True) -> str:
    """Give one SELECT of one row: the table's rows, and how many of them break each rule.

    `unique=False` leaves out the grain, for results that are grouped by it.
    """
    counts = [f"count(*) AS {ROWS}"]
    counts += [f"count(*) FILTER (WHERE {sql}) AS {_quoted(name)}" for name, sql in _rules(table)]
    if unique:
        counts.append(f"count(*) - {_distinct_rows(table)} AS {_quoted(_grain_rule(table))}")
    return f"SELECT {', '.join(counts)} FROM {table.name}"


def broken_sql(table: Table, *, unique: bool = True) -> str:
    """Give one SELECT of one number: 0 where no rule is broken, at a fraction of the work."""
    any_rule = " OR ".join(f"({sql})" for _name, sql in _rules(table)) or "FALSE"
    broken = f"(SELECT count(*) FROM {table.name} WHERE {any_rule})"
    repeated = f"(SELECT abs(count(*) - {_distinct_rows(table)}) FROM {table.name})"
    return f"SELECT {broken}{f' + {repeated}' if unique else ''} AS broken"


def report(table: Table, violations: dict[str, int]) -> None:
    """Raise `ContractError` that names each broken rule and how many rows break it."""
    if violations:
        broken = "; ".join(f"{rule} ({count:,} rows)" for rule, count in violations.items())
        raise ContractError(f"{table.name}: {broken}", table=table.name, violations=violations)


def markdown(tables: Iterable[Table]) -> str:
    """Write the data dictionary, `docs/tables.md`."""
    head = (
        "# Tables\n\nWritten from `src/kizuna/pipeline/tables.py` by `make docs`; "
        "do not edit.\n\n"
        "Money: `minor` is the currency's minor unit (yen, cents), `major` its unit.\n"
    )
    return head + "".join(_section(table) for table in tables)


def _section(table: Table) -> str:
    grain = f"One row for each {', '.join(table.grain)}." if table.grain else "A single row."
    lines = [_line(column) for column in table.columns]
    header = "| column | type | unit | meaning |\n|---|---|---|---|\n"
    return f"\n## {table.name}\n\n{table.meaning} {grain}\n\n{header}" + "\n".join(lines) + "\n"


def _line(column: Column) -> str:
    empty = ", may be empty" if column.nullable else ""
    return f"| `{column.name}` | {column.type}{empty} | {column.unit} | {column.meaning} |"


def _check_type(table: Table, column: Column, found: pa.DataType) -> None:
    if found != ARROW_TYPES[column.type]:
        raise ContractError(
            f"{table.name}.{column.name}: type is {found}, should be {column.type} "
            f"({ARROW_TYPES[column.type]})",
            table=table.name,
        )


def _rules(table: Table) -> list[tuple[str, str]]:
    empty = [(f"{c.name} is empty", f"{c.name} IS NULL") for c in table.columns if not c.nullable]
    below = [(f"{c.name} is negative", f"{c.name} < 0") for c in table.columns if c.countable]
    above = [(f"{c.name} is above 1", _above_one(c)) for c in table.columns if c.unit == "share"]
    nan = [(f"{c.name} is NaN", f"isnan({c.name})") for c in table.columns if c.type == "DOUBLE"]
    return empty + below + above + nan


def _above_one(column: Column) -> str:
    """SQL that leaves out NaN, which DuckDB holds to be above everything."""
    number = "" if column.type != "DOUBLE" else f" AND NOT isnan({column.name})"
    return f"{column.name} > {ONE}{number}"


def _violations(table: Table, data: pa.Table) -> Iterable[tuple[str, int]]:
    for column in table.columns:
        values = data[column.name]
        if not column.nullable:
            yield f"{column.name} is empty", values.null_count
        if column.countable:
            yield f"{column.name} is negative", _count(pc.less(values, 0))
        if column.unit == "share":
            yield f"{column.name} is above 1", _count(pc.greater(values, ONE))
        if column.type == "DOUBLE":
            yield f"{column.name} is NaN", _count(pc.is_nan(values))
    yield _grain_rule(table), data.num_rows - _distinct_count(table, data)


def _count(true: pa.ChunkedArray) -> int:
    return pc.sum(true).as_py() or 0


def _distinct_count(table: Table, data: pa.Table) -> int:
    if not table.grain:
        return 1
    few = data.num_rows <= FEW  # more threads than one would take longer to begin
    grouped = data.select(list(table.grain)).group_by(list(table.grain), use_threads=not few)
    return int(grouped.aggregate([]).num_rows)


def _grain_rule(table: Table) -> str:
    return f"more than one row for a {', '.join(table.grain) or 'table of a single row'}"


def _distinct_rows(table: Table) -> str:
    if not table.grain:
        return "1"
    key = ", ".join(table.grain)
    return f"count(DISTINCT {key if len(table.grain) == 1 else f'({key})'})"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
