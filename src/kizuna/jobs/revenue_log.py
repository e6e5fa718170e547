"""What each publication forecast of recurring revenue is kept, to be set beside what comes."""

from __future__ import annotations

from collections.abc import Sequence

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import TABLES, arrow_schema

LOG, WRITER, FORECASTS = "revenue_log", "revenue", "revenue_forecasts"
FEW_FILES = 40
COLUMNS = [name for name in TABLES[LOG].column_names if name != "publication"]
LATEST = f"""
SELECT {", ".join(COLUMNS)}, CAST($1 AS BIGINT) AS publication
FROM {FORECASTS} AS told
WHERE made_on = (SELECT max(made_on) FROM {FORECASTS} AS own WHERE own.currency = told.currency)
ORDER BY currency, month"""


def keep(store: Store, files: Sequence[str], *, number: int) -> int:
    """Keep the forecast of a publication's own day; once, however often it is called."""
    if not files or store.batch_of(LOG, WRITER) >= number:
        return 0
    with Engine(threads=1) as engine:
        engine.register_parquet(FORECASTS, files)
        rows = engine.query(LATEST, [number])
    rows = rows.select(TABLES[LOG].column_names).cast(arrow_schema(LOG))
    store.append_once(LOG, rows, writer=WRITER, number=number)
    if len(store.files(LOG)) > FEW_FILES:
        store.compact(LOG)
    return int(rows.num_rows)
