"""All topics of facts joined: one row a customer and day whose facts are told."""

from __future__ import annotations

from collections.abc import Sequence

from kizuna.pipeline.contracts import Column
from kizuna.pipeline.fact_tables import facts_of, topics
from kizuna.pipeline.tables import TABLES


def panel_sql(facts: Sequence[tuple[str, Column]]) -> str:
    """Write the SELECT of facts, each with the name of its topic."""
    columns = [f"{table}.{column.name}" for table, column in facts]
    joins = [
        f"LEFT JOIN {name} ON moments.customer_id = {name}.customer_id AND moments.day = {name}.day"
        for name in dict.fromkeys(table for table, _column in facts)
    ]
    listed = ", ".join(["moments.customer_id", "moments.day", *columns])
    return f"SELECT {listed} FROM fact_moments AS moments {' '.join(joins)}"


SQL = panel_sql(facts_of(topics(TABLES)))
