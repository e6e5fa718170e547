"""What a SQL file reads, found by parsing it; and the same SQL for Spark."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.spark import Spark
from sqlglot.errors import SqlglotError
from sqlglot.generators.spark import SparkGenerator
from sqlglot.lineage import lineage
from sqlglot.optimizer.scope import traverse_scope

DIALECT = "duckdb"


class ExactSparkGenerator(SparkGenerator):
    """Writes Spark's SQL as sqlglot does, less one rewriting."""

    TRANSFORMS: ClassVar = {
        node: write for node, write in SparkGenerator.TRANSFORMS.items() if node != exp.WithinGroup
    }


class ExactSpark(Spark):
    """Spark with exact percentiles: sqlglot would make them approximate."""

    Generator = ExactSparkGenerator


class LineageError(ValueError):
    """SQL that is not one SELECT over named tables."""


@functools.cache
def parse(sql: str) -> exp.Query:
    """Parse one SELECT in DuckDB's dialect."""
    try:
        statements = [tree for tree in sqlglot.parse(sql, read=DIALECT) if tree is not None]
    except SqlglotError as error:
        raise LineageError(f"SQL cannot be parsed: {error}") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise LineageError("a step is one SELECT; found " + (str(statements)[:80] or "nothing"))
    return statements[0]


def reads(sql: str) -> tuple[str, ...]:
    """Name the tables that a SELECT reads, sorted; its own WITH names are not among them."""
    sources = (
        source
        for scope in traverse_scope(parse(sql))
        for source in scope.sources.values()
        if isinstance(source, exp.Table)
    )
    names = {source.name for source in sources if source.name}
    return tuple(sorted(names))


@functools.cache
def names_in(sql: str) -> frozenset[str] | None:
    """Name all that a SELECT names, columns among it; None where it takes whole rows by a star."""
    stars = (
        star for star in parse(sql).find_all(exp.Star) if not isinstance(star.parent, exp.Count)
    )
    if next(stars, None) is not None:
        return None
    return frozenset(name.name for name in parse(sql).find_all(exp.Identifier))


def columns_read(
    sql: str, columns: Iterable[str], schema: Mapping[str, Mapping[str, str]]
) -> dict[str, tuple[tuple[str, str], ...]]:
    """Tell of which columns of the tables it reads each column of a SELECT is made, sorted.

    Empty for what depends on no column, such as a count of rows or a constant.
    `schema` gives the columns of each table with their types.
    """
    parse(sql)
    return {name: _sources(name, sql, schema) for name in columns}


def _sources(
    column: str, sql: str, schema: Mapping[str, Mapping[str, str]]
) -> tuple[tuple[str, str], ...]:
    try:
        root = lineage(column, sql, schema=dict(schema), dialect=DIALECT)
    except (SqlglotError, ValueError) as error:
        raise LineageError(f"column {column} cannot be followed: {error}") from error
    leaves = (node for node in root.walk() if not node.downstream)
    found = ((leaf.source, leaf.name) for leaf in leaves if isinstance(leaf.source, exp.Table))
    return tuple(sorted({(table.name, name.rpartition(".")[2]) for table, name in found}))


def is_grouped_by(sql: str, columns: tuple[str, ...]) -> bool:
    """Prove that no two rows of a SELECT share `columns`: it groups by exactly these.

    False means only that the SQL does not prove it.
    """
    query = parse(sql)
    group = query.args.get("group")
    if not isinstance(query, exp.Select) or group is None or _multiplies(query, group):
        return False
    grouped = {expression.sql() for expression in group.expressions}
    projected = {item.alias_or_name: item.unalias().sql() for item in query.expressions}
    proved = {name for name, source in projected.items() if source in grouped}
    return proved == set(columns) and len(grouped) == len(columns)


def to_spark(sql: str) -> str:
    """Write the same SELECT for Spark; raise `LineageError` where sqlglot knows no way."""
    try:
        level = sqlglot.ErrorLevel.RAISE
        return parse(sql).sql(dialect=ExactSpark, unsupported_level=level, comments=False)
    except SqlglotError as error:
        raise LineageError(f"SQL cannot be written for Spark: {error}") from error


def _multiplies(query: exp.Select, group: exp.Expression) -> bool:
    """Tell whether a SELECT gives more than one row for what it groups by."""
    unnested = any(item.find(exp.UDTF, exp.Explode) for item in query.expressions)
    sets = any(value for key, value in group.args.items() if key != "expressions")
    return unnested or sets
