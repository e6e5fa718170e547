"""Refuse what no value can be computed from, in one sentence that says what to do."""

from __future__ import annotations

from datetime import date

from kizuna.pipeline.capture import reasons, staging
from kizuna.pipeline.capture.loading import ROWS
from kizuna.pipeline.capture.sources import Source
from kizuna.pipeline.capture.staged import Staged
from kizuna.pipeline.capture.staging import Plan
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.errors import InputError


def check(engine: Engine, staged: Staged, plan: Plan) -> None:
    """Raise `InputError` unless there are orders of two customers or more, worth something."""
    check_rows(engine, staged, plan)
    name = _names(staged)
    if staged.one_customer is not None:
        raise InputError(
            f"{name}: all {staged.accepted:,} orders are of one customer, {staged.one_customer!r}; "
            "values need at least two: is --customer the right column?"
        )
    if staged.total <= 0:
        column = plan.columns.get("amount") or "quantity × price"
        raise InputError(
            f"{name}: the amounts add up to {staged.total / plan.scale:,.2f}, which is not above "
            f"zero; is --amount {column!r} the right column?"
        )


def check_rows(engine: Engine, staged: Staged, plan: Plan) -> None:
    """Raise `InputError` unless there is a row that can be used."""
    if not staged.rows_read:
        raise InputError(f"{_names(staged)}: there is no row below the header")
    if not staged.accepted:
        raise InputError(_nothing_left(engine, staged, plan))


def _names(staged: Staged) -> str:
    return " and ".join(str(source.path) for source in staged.sources[:3])


def _nothing_left(engine: Engine, staged: Staged, plan: Plan) -> str:
    """Say why all rows are left out, with the first as an example."""
    counts = {code: n for code, n in staged.reasons.items() if code} | {
        "malformed_line": sum(map(len, staged.malformed))
    }
    listed = ", ".join(f"{n:,} {reasons.REASONS[code]}" for code, n in counts.items() if n)
    main = max(counts, key=lambda code: counts[code])
    part = main.rpartition("_")[2]
    if main == "future_date":
        first = _first_day(engine)
        return f"all dates lie in the future: the first is {first}, and today is {plan.today}"
    if main == "after_as_of":
        return f"all orders are after --as-of {plan.last_day}: the first is of {_first_day(engine)}"
    if part in plan.columns:
        column = plan.columns[part]
        seen = _example(engine, staged.sources[0], column)
        return (
            f"no row can be used: {listed}; column {column!r} holds e.g. {seen!r}: "
            f"is --{part} the right column?"
        )
    return f"no row can be used: {listed}"


def _first_day(engine: Engine) -> date | None:
    day: date | None = engine.query(f"SELECT min(ordered_on) AS d FROM {ROWS}")["d"][0].as_py()
    return day


def _example(engine: Engine, source: Source, column: str) -> str | None:
    rows = staging.rows(source, {"seen": column})
    found = engine.query(f"SELECT CAST(seen AS VARCHAR) AS seen FROM ({rows}) LIMIT 1")
    return str(found["seen"][0].as_py()) if found.num_rows else None
