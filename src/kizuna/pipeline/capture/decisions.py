"""What only a whole column can tell: day or month first, decimal point or comma, which currency."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from kizuna.pipeline.capture import amounts, dates, staging
from kizuna.pipeline.capture.amounts import Decimal
from kizuna.pipeline.capture.dates import DateOrder
from kizuna.pipeline.capture.notes import Note
from kizuna.pipeline.capture.sources import Source
from kizuna.pipeline.capture.staging import Plan
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.errors import InputError

HEADER_HINTS = (
    *(("dollar", "USD"), ("usd", "USD"), ("円", "JPY"), ("yen", "JPY"), ("jpy", "JPY")),
    *(("eur", "EUR"), ("gbp", "GBP"), ("pound", "GBP")),
)
JAPANESE = "[ぁ-んァ-ヶ一-龠]"


@dataclass(frozen=True, slots=True)
class Decided:
    """A choice, and whether rows of the column spoke for it, or both ways, or none."""

    value: str
    rows_for: int
    rows_against: int
    in_doubt: int


def date_order(engine: Engine, source: Source, plan: Plan) -> Decided | None:
    """Decide between day and month first over the whole column; None where no date asks for it."""
    parts = f"regexp_extract({dates.plain('text')}, '{dates.AMBIGUOUS}', ['a', 'b', 'y'])"
    sql = (
        "SELECT coalesce(sum(rows) FILTER (WHERE a > 12 AND b <= 12), 0)::BIGINT AS day, "
        "coalesce(sum(rows) FILTER (WHERE a <= 12 AND b > 12), 0)::BIGINT AS month, "
        "coalesce(sum(rows) FILTER (WHERE a <= 12 AND b <= 12), 0)::BIGINT AS either, "
        "max(try_cast(y || '-' || b || '-' || a AS DATE)) AS last_if_day, "
        "max(try_cast(y || '-' || a || '-' || b AS DATE)) AS last_if_month "
        "FROM (SELECT rows, try_cast(p.a AS INTEGER) AS a, try_cast(p.b AS INTEGER) AS b, p.y AS y "
        f"FROM (SELECT rows, {parts} AS p FROM ({_distinct(source, plan.columns['date'], 12)})))"
    )
    found = engine.query(sql).to_pylist()[0]
    if not found["day"] + found["month"] + found["either"]:
        return None
    value = _date_order(found, plan)
    other = "month" if value == "day" else "day"
    return Decided(value, found[value], found[other], found["either"])


def _date_order(found: dict[str, Any], plan: Plan) -> DateOrder:
    """Follow the rows that can be read one way only; then, no order from the future; then habit."""
    if found["day"] != found["month"]:
        return "day" if found["day"] > found["month"] else "month"
    future_if_day = _is_after(found["last_if_day"], plan.today)
    future_if_month = _is_after(found["last_if_month"], plan.today)
    if future_if_day != future_if_month:
        return "month" if future_if_day else "day"
    return "month" if plan.currency == "USD" else "day"


def _is_after(day: date | None, today: date) -> bool:
    return day is not None and day > today


def decimal(engine: Engine, source: Source, plan: Plan) -> Decided | None:
    """Decide between decimal point and comma over the whole columns of amounts."""
    parts = [p for p in staging.NUMBERS if p in plan.columns]
    texts = [plan.columns[p] for p in parts if staging.is_text(source, plan.columns[p])]
    if not texts:
        return None
    sql = " UNION ALL ".join(_distinct(source, column) for column in texts)
    total = engine.query(amounts.evidence(sql)).to_pylist()[0]
    if not sum(total.values()):
        return None
    value = _decimal(total, plan)
    ways = {".": "point", ",": "comma"}
    other = ways["," if value == "." else "."]
    return Decided(value, total[ways[value]], total[other], total["dot"] + total["sep"])


def _distinct(source: Source, column: str, length: int | None = None) -> str:
    """SQL: the texts of a column, or how they begin, and in how many rows each stands."""
    text = "CAST(seen AS VARCHAR)" if length is None else f"left(CAST(seen AS VARCHAR), {length})"
    rows = staging.rows(source, {"seen": column})
    return f"SELECT {text} AS text, count(*) AS rows FROM ({rows}) GROUP BY ALL"


def _decimal(found: dict[str, int], plan: Plan) -> Decimal:
    if found["point"] != found["comma"]:
        return "." if found["point"] > found["comma"] else ","
    thousands_dot = plan.scale == 1 and found["dot"] > found["sep"]
    return "," if thousands_dot else "."


def decide(engine: Engine, source: Source, plan: Plan) -> tuple[Plan, list[Note]]:
    """Decide what the columns of one source leave open."""
    notes: list[Note] = []
    if plan.date_order is None and not staging.is_moment(source, plan.columns["date"]):
        order = date_order(engine, source, plan)
        if order is not None:
            plan = replace(plan, date_order=order.value)  # type: ignore[arg-type]
            notes += _order_notes(source, plan.columns["date"], order)
    sign = decimal(engine, source, plan)
    if sign is not None:
        plan = replace(plan, decimal=sign.value)  # type: ignore[arg-type]
        notes += _decimal_notes(source, sign)
    return plan, notes


def dates_of(
    engine: Engine, source: Source, plan: Plan, column: str
) -> tuple[DateOrder | None, list[Note]]:
    """Decide day or month first in one column, unless the plan says."""
    if plan.date_order is not None or staging.is_moment(source, column):
        return plan.date_order, []
    order = date_order(engine, source, replace(plan, columns={"date": column}))
    if order is None:
        return None, []
    return order.value, _order_notes(source, column, order)  # type: ignore[return-value]


def numbers_of(
    engine: Engine, source: Source, plan: Plan, column: str
) -> tuple[Decimal | None, list[Note]]:
    """Decide the decimal sign of one column."""
    sign = decimal(engine, source, replace(plan, columns={"amount": column}))
    if sign is None:
        return None, []
    return sign.value, _decimal_notes(source, sign)  # type: ignore[return-value]


def _order_notes(source: Source, column: str, decided: Decided) -> list[Note]:
    values: dict[str, object] = {"file": source.path.name, "column": column}
    values["order"] = decided.value
    if decided.rows_against:
        counts: dict[str, object] = {"rows": decided.rows_for, "against": decided.rows_against}
        return [Note("date_order_mixed", values | counts)]
    return [] if decided.rows_for else [Note("date_order_assumed", values)]


def _decimal_notes(source: Source, decided: Decided) -> list[Note]:
    values: dict[str, object] = {"file": source.path.name, "sign": decided.value}
    if decided.rows_against:
        counts: dict[str, object] = {"rows": decided.rows_for, "against": decided.rows_against}
        return [Note("decimal_mixed", values | counts)]
    return [] if decided.rows_for or not decided.in_doubt else [Note("decimal_assumed", values)]


def currency(
    engine: Engine, sources: Sequence[Source], columns: Sequence[dict[str, str]], wanted: str | None
) -> tuple[str, bool, list[Note]]:
    """Settle on one currency: (code, whether rows without one are of it, notes).

    Raises
    ------
    InputError
        When there are several and none is wanted, or the wanted one is in no row.

    """
    if wanted is not None:
        amounts.decimals(wanted)
    counts = _counted(engine, sources, columns)
    named = {code: rows for code, rows in counts.items() if code is not None}
    if not named:
        return _without_column(sources, columns, wanted)
    listed = ", ".join(f"{code} ({named[code]:,} rows)" for code in sorted(named))
    if wanted is None and len(named) > 1:
        raise InputError(f"amounts are in several currencies: {listed}; choose with --currency")
    if wanted is not None and wanted not in named:
        raise InputError(f"no amount is in {wanted}; the currency column holds {listed}")
    code = wanted or next(iter(named))
    amounts.decimals(code)
    return code, len(named) == 1, []


def _counted(
    engine: Engine, sources: Sequence[Source], columns: Sequence[dict[str, str]]
) -> dict[str | None, int]:
    counts: dict[str | None, int] = {}
    for source, parts in zip(sources, columns, strict=True):
        if "currency" in parts:
            column = {"currency": parts["currency"]}
            code = staging.currency_code("currency")
            sql = f"SELECT {code} AS code, count(*) AS n FROM ({staging.rows(source, column)}) "
            for row in engine.query(sql + "GROUP BY ALL").to_pylist():
                counts[row["code"]] = counts.get(row["code"], 0) + row["n"]
    return counts


def _without_column(
    sources: Sequence[Source], columns: Sequence[dict[str, str]], wanted: str | None
) -> tuple[str, bool, list[Note]]:
    """Take the currency from --currency, else from signs in the amounts, else from headers."""
    if wanted is not None:
        return wanted, True, []
    money = [parts.get("amount") or parts["price"] for parts in columns]
    signs = {
        code
        for source, column in zip(sources, money, strict=True)
        for value in source.sample.get(column, ())
        for sign, code in amounts.SYMBOLS.items()
        if value and sign in value
    }
    if len(signs) == 1:
        code = signs.pop()
        return code, True, [Note("currency_from_signs", {"currency": code})]
    return _from_headers(money)


def _from_headers(columns: Sequence[str]) -> tuple[str, bool, list[Note]]:
    """Take dollar_value for USD, 金額 for JPY; else leave the currency unknown."""
    hints = {code for name in columns for word, code in HEADER_HINTS if word in name.lower()}
    if len(hints) == 1 or all(re.search(JAPANESE, name) for name in columns):
        code = hints.pop() if hints else "JPY"
        return code, True, [Note("currency_from_header", {"currency": code, "column": columns[0]})]
    return amounts.NO_CURRENCY, True, [Note("no_currency", {})]
