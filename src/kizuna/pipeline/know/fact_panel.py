"""All topics of facts joined: one row a customer and day whose facts are told."""

from __future__ import annotations

from kizuna.pipeline.fact_tables import facts_of, topics
from kizuna.pipeline.tables import TABLES


def _sql() -> str:
    found = topics(TABLES)
    columns = [f"{table}.{column.name}" for table, column in facts_of(found)]
    joins = [
        f"LEFT JOIN {t.name} ON moments.customer_id = {t.name}.customer_id"
        f" AND moments.day = {t.name}.day"
        for t in found
    ]
    listed = ", ".join(["moments.customer_id", "moments.day", *columns])
    return f"SELECT {listed} FROM fact_moments AS moments {' '.join(joins)}"


SQL = _sql()
