"""What customers had bought by past days: what `order_history` and `spend` told then."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kizuna.pipeline.engine import Engine, identifier
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.run import discover, execute, select

TABLE = "past_purchases"
FACTS = (
    *("first_purchase", "last_purchase", "cohort", "orders", "frequency"),
    *("mean_spend", "historical_value"),
)
_SQL = """
WITH moments AS (SELECT customer_id, day FROM {panel}),
running AS (
    SELECT customer_id, day, count(*) OVER w AS purchases, sum(orders) OVER w AS orders,
        sum(amount) OVER w AS amount, first_value(amount) OVER w AS first_amount,
        first_value(day) OVER w AS first_purchase
    FROM purchase_days WINDOW w AS (PARTITION BY customer_id ORDER BY day)
),
bought AS (
    SELECT m.customer_id, m.day, r.day AS last_purchase, r.* EXCLUDE (customer_id, day)
    FROM moments AS m
    ASOF INNER JOIN running AS r ON m.customer_id = r.customer_id AND m.day >= r.day
),
returned AS (
    SELECT m.customer_id, m.day, r.purchased_on, sum(r.amount) AS amount
    FROM moments AS m INNER JOIN returns AS r ON m.customer_id = r.customer_id AND r.day <= m.day
    GROUP BY ALL
),
booked AS (
    SELECT r.customer_id, r.day, sum(r.amount) AS amount,
        sum(CASE WHEN r.purchased_on > b.first_purchase
            THEN greatest(r.amount, -p.amount) ELSE 0 END) AS of_repeats
    FROM returned AS r
    INNER JOIN bought AS b ON r.customer_id = b.customer_id AND r.day = b.day
    LEFT JOIN purchase_days AS p ON r.customer_id = p.customer_id AND r.purchased_on = p.day
    GROUP BY ALL
)
SELECT b.customer_id, b.day, b.first_purchase, b.last_purchase,
    date_trunc('month', b.first_purchase)::DATE AS cohort, b.orders::BIGINT AS orders,
    b.purchases - 1 AS frequency,
    (b.amount - b.first_amount + coalesce(k.of_repeats, 0))::DOUBLE
        / nullif(b.purchases - 1, 0) AS mean_spend,
    (b.amount + coalesce(k.amount, 0))::BIGINT AS historical_value
FROM bought AS b LEFT JOIN booked AS k ON b.customer_id = k.customer_id AND b.day = k.day"""


def asked(only: Collection[str]) -> Sequence[str]:
    """Name the facts of these that are told here."""
    return [name for name in FACTS if name in only]


def beside(engine: Engine, told: str, names: Sequence[str], run: Run, panel: str) -> str:
    """SQL: what is told of customers and days, with what they had bought by then."""
    execute(select(discover("know"), "purchase_days", "returns"), engine, run)
    engine.create(TABLE, _SQL.format(panel=identifier(panel)))
    columns = "".join(f", b.{identifier(name)}" for name in names)
    return (
        f"SELECT t.*{columns} FROM ({told}) AS t "
        f"LEFT JOIN {TABLE} AS b ON t.customer_id = b.customer_id AND t.day = b.day"
    )
