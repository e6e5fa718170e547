"""Write the results of the value job into a folder: each file whole, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kizuna.jobs.value import MOST_VALUABLE, ValueResult
from kizuna.pipeline.engine import Engine, identifier

if TYPE_CHECKING:
    from kizuna.jobs.options import Language

FORMULA_STARTS = "^[=+@\\t\\r\\x00＝＋＠-]"
BY_LINE = "file, line"
BYTE_ORDER_MARK = "\ufeff"


def write(result: ValueResult, out: Path, *, lang: Language) -> None:
    """Write customers, summary, report and rejected rows into `out`, replacing earlier ones."""
    from kizuna.report import render

    engine, bom = result.engine, BYTE_ORDER_MARK if lang == "ja" else ""
    page = render(result.material, result.tables, lang=lang)
    customers, rejected = _ordered("customer_values", MOST_VALUABLE), _ordered("rejected", BY_LINE)
    _whole(out / "customers.parquet", lambda path: engine.copy(customers, path))
    _whole(
        out / "customers.csv", lambda path: engine.copy(_safe(engine, customers, bom), path, "csv")
    )
    _whole(
        out / "rejected.csv", lambda path: engine.copy(_safe(engine, rejected, bom), path, "csv")
    )
    _whole(out / "summary.json", lambda path: _write_text(path, to_json(result.summary)))
    _whole(out / "report.html", lambda path: _write_text(path, page))


def to_json(summary: dict[str, Any]) -> str:
    """Write the summary as JSON: days as ISO text, no NaN."""
    text = json.dumps(summary, ensure_ascii=False, indent=2, default=str, allow_nan=False)
    return text + "\n"


def guarded(column: str) -> str:
    """SQL of a text that no spreadsheet takes for a formula: an apostrophe goes before it."""
    name = identifier(column)
    return (
        f"CASE WHEN regexp_matches({name}, '{FORMULA_STARTS}') THEN '''' || {name} ELSE {name} END"
    )


def _ordered(table: str, order: str) -> str:
    return f"SELECT * FROM {table} ORDER BY {order}"


def _safe(engine: Engine, select: str, bom: str) -> str:
    """Guard the texts of a SELECT; the byte order mark goes before the first header."""
    columns = []
    for number, field in enumerate(engine.query(f"{select} LIMIT 0").schema):
        sql = guarded(field.name) if str(field.type) == "string" else identifier(field.name)
        columns.append(f"{sql} AS {identifier((bom if number == 0 else '') + field.name)}")
    return select.replace("SELECT *", f"SELECT {', '.join(columns)}", 1)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _whole(path: Path, write_to: Callable[[Path], None]) -> None:
    """Write beside the target and put it in place at the end, so that no half file is seen."""
    part = path.with_name(f".{path.name}.part")
    try:
        write_to(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
