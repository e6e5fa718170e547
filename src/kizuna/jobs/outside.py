"""Read a file of a finished experiment that was made elsewhere, and say what came of it.

Only sums of the arms leave this module: no row, and nobody's name.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from kizuna.pipeline.capture import sources, staging
from kizuna.pipeline.engine import Engine, identifier
from kizuna.pipeline.measure.outside import ALL, Arm, Plan, RefusedError, outside

ROWS: Final = "outside_rows"
MOST_ARMS: Final = 20
HEAD: Final = 5
LOOKED_AT: Final = 50_000
"""Rows by which columns are told apart before anybody said what is what."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the first rows of a file hold: columns, which are numbers, and few values of each.

    `values` has the columns that could be the arm: 2 to 20 values that repeat.
    """

    rows: int
    columns: tuple[str, ...]
    head: tuple[tuple[str | None, ...], ...]
    numbers: tuple[str, ...]
    values: dict[str, list[str]]


def look(path: Path) -> Look:
    """Look at a file before anybody said what is what.

    Raises
    ------
    InputError
        When it is no table.

    """
    with _opened(path, LOOKED_AT) as (engine, columns):
        rows = engine.count(ROWS)
        head = engine.query(f"SELECT {_listed(columns)} FROM {ROWS} LIMIT {HEAD}").to_pylist()
        found = engine.query(f"SELECT {', '.join(map(_about, columns))} FROM {ROWS}").to_pylist()[0]
        numbers = tuple(c for c in columns if found[f"n {c}"] == found[f"f {c}"] > 0)
        arms = [c for c in columns if 2 <= found[f"d {c}"] <= min(MOST_ARMS, rows // 2)]
        values = {c: _values(engine, c) for c in arms}
        return Look(rows, columns, tuple(tuple(r.values()) for r in head), numbers, values)


def measure(path: Path, plan: Plan) -> dict[str, Any]:
    """Compare the arms of a file.

    Raises
    ------
    InputError
        When columns are missing, units stand in several rows, or there is nothing to compare.

    """
    with _opened(path) as (engine, columns):
        _check(plan, columns)
        _unique(engine, plan)
        engine.create("typed", _typed(plan))
        left_out = _left_out(engine, plan)
        arms = _arms(engine, plan)
        return outside(arms, plan) | left_out


def lines(found: dict[str, Any]) -> Iterator[str]:
    """Write what was found as lines of text."""
    sizes = ", ".join(f"{arm['arm']} {arm['n']:,}" for arm in found["arms"])
    ratio = found["sample_ratio"]
    yield f"groups: {sizes}; chi-squared {ratio['chi_squared']:.4f}, p {ratio['p']:.3f}"
    if lost := found["without_arm"] + found["without_number"]:
        yield f"left out: {lost:,} of {found['rows']:,} rows, without a group or a number"
    for outcome in found["outcomes"]:
        for row in outcome["contrasts"]:
            yield f"{outcome['name']}: {_line(row)}"


def _line(row: dict[str, Any]) -> str:
    treated = "all treated" if row["arm"] == ALL else row["arm"]
    said = f"{treated} - {row['against']} {row['plain_effect']:+.6g}"
    said += f" (se {row['plain_error']:.4g}, z {row['z']:.2f}"
    said += f", 95% {row['plain_low']:.4g} to {row['plain_high']:.4g})"
    if row["variance_removed"] is not None:
        said += f"; adjusted {row['effect']:+.4g}, explained {row['variance_removed']:.2%}"
    if row.get("plain_roi") is not None:
        said += f"; ROI {row['plain_roi']:.3f}"
    return said + (f"; {row['verdict']}" if "verdict" in row else "")


@contextmanager
def _opened(path: Path, most: int | None = None) -> Iterator[tuple[Engine, tuple[str, ...]]]:
    """Read the file into a table of texts; give the engine and the columns."""
    with tempfile.TemporaryDirectory(prefix="kizuna-") as folder, Engine(threads=2) as engine:
        source = sources.recognise(path, engine, Path(folder))
        read = staging.rows(source, {name: name for name in source.columns})
        texts = ", ".join(f"{identifier(c)}::VARCHAR AS {identifier(c)}" for c in source.columns)
        limit = f" LIMIT {most}" if most else ""
        engine.create(ROWS, f"SELECT {texts} FROM ({read}){limit}")
        yield engine, source.columns


def _listed(columns: tuple[str, ...]) -> str:
    return ", ".join(map(identifier, columns))


def _about(column: str) -> str:
    """SQL: how many values a column has, how many of these are numbers, and how many differ."""
    name, n = identifier(column), identifier(f"n {column}")
    text = f"nullif(trim({name}), '')"
    return (
        f"count({_number(column)}) AS {n}, count({text}) AS {identifier(f'f {column}')}, "
        f"approx_count_distinct({text}) AS {identifier(f'd {column}')}"
    )


def _values(engine: Engine, column: str) -> list[str]:
    name = identifier(column)
    sql = (
        f"SELECT DISTINCT trim({name}) AS v FROM {ROWS} WHERE nullif(trim({name}), '') IS NOT NULL"
    )
    return [str(v) for v in engine.query(f"{sql} ORDER BY v LIMIT {MOST_ARMS}")["v"].to_pylist()]


def _number(column: str) -> str:
    """SQL: a text as a number, however wide, with or without commas and signs of money."""
    plain = f"translate(trim({identifier(column)}), '０１２３４５６７８９．－，', '0123456789.-,')"
    return f"try_cast(regexp_replace({plain}, '[,¥￥$€£円 ]', '', 'g') AS DOUBLE)"


def _check(plan: Plan, columns: tuple[str, ...]) -> None:
    asked = (plan.arm, *plan.numbers, *((plan.unit,) if plan.unit else ()))
    missing = [name for name in asked if name not in columns]
    if missing:
        raise RefusedError("no_column", name=missing[0], columns=", ".join(columns))
    if not plan.outcomes:
        raise RefusedError("no_outcome")
    if plan.arm in plan.numbers or set(plan.outcomes) & set(plan.covariates):
        raise RefusedError("two_things")


def _unique(engine: Engine, plan: Plan) -> None:
    if not plan.unit:
        return
    name = identifier(plan.unit)
    sql = f"SELECT {name} AS unit, count(*) AS n FROM {ROWS} GROUP BY {name} HAVING count(*) > 1"
    several = engine.query(f"{sql} ORDER BY unit LIMIT 1").to_pylist()
    if several:
        raise RefusedError("repeated", unit=several[0]["unit"], n=several[0]["n"])


def _typed(plan: Plan) -> str:
    numbers = ", ".join(f"{_number(c)} AS {identifier(c)}" for c in plan.numbers)
    arm = identifier(plan.arm)
    return f"SELECT nullif(trim({arm}), '') AS arm, {numbers} FROM {ROWS}"


def _left_out(engine: Engine, plan: Plan) -> dict[str, int]:
    """Count rows that cannot be used, and let go of them; an arm that loses its own is not fair."""
    known = " AND ".join(f"{identifier(c)} IS NOT NULL" for c in plan.numbers)
    whole = f"count(*) FILTER (WHERE arm IS NOT NULL AND {known})"
    sql = f"SELECT count(*) AS rows, count(arm) AS named, {whole} AS whole FROM typed"
    found: dict[str, int] = engine.query(sql).to_pylist()[0]
    engine.create("whole", f"SELECT * FROM typed WHERE arm IS NOT NULL AND {known}")
    without = {"without_arm": found["rows"] - found["named"]}
    return {"rows": found["rows"]} | without | {"without_number": found["named"] - found["whole"]}


def _arms(engine: Engine, plan: Plan) -> list[Arm]:
    columns = plan.numbers
    k = len(columns)
    sums = [f"sum({identifier(c)})" for c in columns]
    products = [f"sum({identifier(a)} * {identifier(b)})" for a in columns for b in columns]
    binary = [f"bool_and({identifier(c)} IN (0, 1))" for c in columns]
    asked = ", ".join(f"{sql} AS v{i}" for i, sql in enumerate([*sums, *products, *binary]))
    found = engine.query(f"SELECT arm, count(*) AS n, {asked} FROM whole GROUP BY arm ORDER BY arm")
    if len(found) > MOST_ARMS:
        raise RefusedError("many_groups", arm=plan.arm, n=len(found), most=MOST_ARMS)
    arms = []
    for row in found.to_pylist():
        values = [row[f"v{i}"] for i in range(2 * k + k * k)]
        square = np.array(values[k : k + k * k], np.float64).reshape(k, k)
        flags = tuple(map(bool, values[k + k * k :]))
        arms.append(Arm(row["arm"], row["n"], np.array(values[:k], np.float64), square, flags))
    return arms
