"""The table `rejected`: every row left out, with its file, line, reason and content as it was."""

from __future__ import annotations

import pyarrow as pa

from kizuna.pipeline.capture import reasons, staging
from kizuna.pipeline.capture.loading import ROWS, Malformed
from kizuna.pipeline.capture.records import NEWLINE_IN_FIELD
from kizuna.pipeline.capture.sources import Source
from kizuna.pipeline.capture.staged import Staged
from kizuna.pipeline.capture.transactions import LATE
from kizuna.pipeline.engine import Engine, identifier, quoted

KEYS = "reject_keys"


def make(engine: Engine, staged: Staged) -> dict[str, int]:
    """Make the table `rejected` (file, line, reason, explanation, raw); give reason → rows."""
    _empty(engine)
    if staged.rejects or engine.count(LATE):
        _keys(engine)
        for number in _files_with_rejects(engine):
            _fill(engine, staged.sources[number], number, staged.malformed[number])
    for source, malformed in zip(staged.sources, staged.malformed, strict=True):
        _fill_malformed(engine, source, malformed)
    engine.drop(KEYS)
    sql = "SELECT reason, count(*) AS n FROM rejected GROUP BY reason ORDER BY n DESC, reason"
    return {row["reason"]: row["n"] for row in engine.query(sql).to_pylist()}


def _keys(engine: Engine) -> None:
    names = ", ".join(map(quoted, reasons.CODES))
    engine.create(
        KEYS,
        f"SELECT file_no, n, ([{names}])[reason + 1] AS reason FROM {ROWS} "
        f"WHERE reason IS NOT NULL UNION ALL SELECT file_no, n, reason FROM {LATE}",
    )


def _empty(engine: Engine) -> None:
    engine.create(
        "rejected",
        "SELECT '' AS file, 0::BIGINT AS line, '' AS reason, '' AS explanation, '' AS raw LIMIT 0",
    )


def _files_with_rejects(engine: Engine) -> list[int]:
    found = engine.query(f"SELECT DISTINCT file_no FROM {KEYS} ORDER BY file_no")
    return [int(number) for number in found["file_no"].to_pylist()]


def _fill(engine: Engine, source: Source, number: int, malformed: Malformed) -> None:
    """Join the rows left out with the content of their file."""
    lines = content(source, malformed)
    engine.connection.execute(
        f"INSERT INTO rejected SELECT {quoted(str(source.path))}, c.line, k.reason, "
        f"{_explanation()}, c.raw FROM ({lines}) AS c JOIN {KEYS} AS k "
        f"ON c.n = k.n WHERE k.file_no = {number}"
    )


def content(source: Source, malformed: Malformed) -> str:
    """SQL: (n, line, raw) of every row of a source."""
    if source.kind == "parquet":
        fields = ", ".join(f"{identifier(c)} := {identifier(c)}" for c in source.columns)
        scan = staging.parquet_scan(source)
        return (
            "SELECT file_row_number + 1 AS n, file_row_number + 1 AS line, "
            f"CAST(to_json(struct_pack({fields})) AS VARCHAR) AS raw FROM {scan}"
        )
    lines = staging.lines(source.readable)
    if source.kind == "jsonl":
        return f"SELECT line AS n, line, text AS raw FROM ({lines})"
    skipped = ", ".join(map(str, [0, *malformed]))
    return (
        f"SELECT row_number() OVER () AS n, line, replace(text, '{NEWLINE_IN_FIELD}', chr(10)) "
        f"AS raw FROM ({lines}) WHERE line > {source.header_lines} AND text IS NOT NULL "
        f"AND line NOT IN ({skipped})"
    )


def _explanation() -> str:
    cases = " ".join(
        f"WHEN {quoted(code)} THEN {quoted(text)}" for code, text in reasons.REASONS.items()
    )
    return f"CASE k.reason {cases} END"


def _fill_malformed(engine: Engine, source: Source, malformed: Malformed) -> None:
    """Add the lines that are no rows."""
    if not malformed:
        return
    text = reasons.REASONS["malformed_line"]
    rows = [
        {"file": str(source.path), "line": line, "reason": "malformed_line", "explanation": text}
        | {"raw": raw}
        for line, raw in sorted(malformed.items())
    ]
    engine.register("malformed_lines", pa.Table.from_pylist(rows))
    engine.connection.execute("INSERT INTO rejected SELECT * FROM malformed_lines")
    engine.drop("malformed_lines")
