"""The table `rejected` of a standard file: line, reason, raw, and the part that is to blame."""

from __future__ import annotations

import pyarrow as pa

from kizuna.pipeline.capture.rejected import content
from kizuna.pipeline.capture.standard.reading import ROWS, RecordsRead
from kizuna.pipeline.engine import Engine

SCHEMA = pa.schema([("line", pa.int64()), ("reason", pa.string()), ("raw", pa.string())])


def make(engine: Engine, found: RecordsRead, left_out: str) -> dict[str, int]:
    """Make `rejected` of what was left out while reading and in `left_out`; give reason → rows."""
    keys = (
        f"SELECT n, reason, part FROM {ROWS} WHERE reason IS NOT NULL "
        f"UNION ALL SELECT n, reason, part FROM {left_out}"
    )
    rows = [(line, "malformed_line", raw) for line, raw in sorted(found.malformed.items())]
    columns = [[row[at] for row in rows] for at in range(3)]
    engine.register("malformed_lines", pa.table(columns, schema=SCHEMA))
    engine.create("left_out_rows", keys)
    engine.create("rejected", _rejected(engine, found))
    sql = "SELECT reason, count(*) AS n FROM rejected GROUP BY reason ORDER BY n DESC, reason"
    return {row["reason"]: row["n"] for row in engine.query(sql).to_pylist()}


def _rejected(engine: Engine, found: RecordsRead) -> str:
    broken = "SELECT line, reason, raw, NULL::VARCHAR AS part FROM malformed_lines"
    if not engine.count("left_out_rows"):
        return broken
    lines = content(found.source, found.malformed)
    return (
        f"SELECT c.line, k.reason, c.raw, k.part FROM ({lines}) AS c INNER JOIN left_out_rows AS k "
        f"ON c.n = k.n UNION ALL {broken}"
    )
