"""One row a customer, wide: who she is, her value, her facts on the last day, what they mean."""

from __future__ import annotations

from kizuna.pipeline.fact_tables import facts_of, results
from kizuna.pipeline.tables import TABLES


def _sql() -> str:
    found = results(TABLES)
    panel = TABLES["fact_panel"]
    valued = TABLES["valued_customers"].column_names
    columns = [f"valued.{name}" for name in valued]
    columns += [f"{table}.{c.name}" for table, c in facts_of((panel, *found), valued)]
    joins = [f"LEFT JOIN {t.name} ON valued.customer_id = {t.name}.customer_id" for t in found]
    return (
        "WITH last_day AS (SELECT max(day) AS day FROM fact_days) "
        f"SELECT {', '.join(columns)} FROM valued_customers AS valued CROSS JOIN last_day "
        "LEFT JOIN fact_panel ON valued.customer_id = fact_panel.customer_id "
        f"AND fact_panel.day = last_day.day {' '.join(joins)}"
    )


SQL = _sql()
