"""From typed rows to `transactions`: lines of one order summed, returns booked on their purchase.

A return is an order whose amount is below zero. It belongs to the latest purchase of the customer
on its own day or before; `purchased_on` is the day of that purchase. It keeps its own day too, so
that at any moment of the past the value is what was known then.
"""

from __future__ import annotations

from kizuna.pipeline.capture import reasons
from kizuna.pipeline.capture.loading import ROWS
from kizuna.pipeline.capture.staging import Plan
from kizuna.pipeline.engine import Engine, quoted

LATE = "late_rejects"
"""file_no, n, reason: rows left out only when seen beside others."""

LINE_ID = "concat(file_no, ':', n)"
"""Where the log has no order number, the order is named by its file and row."""


def make(engine: Engine, plan: Plan, *, several_files: bool) -> dict[str, int]:
    """Make `transactions` from `order_rows`; give reason → rows left out here."""
    engine.create(LATE, "SELECT 0 AS file_no, 0::BIGINT AS n, '' AS reason LIMIT 0")
    merged = "order" in plan.columns
    if merged and several_files:
        _leave_out_copies(engine)
    rows = f"(SELECT * FROM {ROWS} WHERE reason IS NULL)"
    if _any(engine, f"{LATE}"):
        rows = f"(SELECT * FROM {rows} ANTI JOIN {LATE} USING (file_no, n))"
    (engine.create if merged else engine.view)("orders", _orders(rows, plan, merged=merged))
    if _any(engine, "orders WHERE amount < 0"):
        _book_returns(engine, merged=merged)
    else:
        engine.view("transactions", f"SELECT {COLUMNS}, ordered_on AS purchased_on FROM orders")
    return _counts(engine)


COLUMNS = "customer_id, order_id, ordered_at, ordered_on, amount, currency"


def _orders(rows: str, plan: Plan, *, merged: bool) -> str:
    """SQL: one row for each order; without order numbers, for each row."""
    currency = f"{quoted(plan.currency)} AS currency"
    if not merged:
        return (
            f"SELECT customer_id, {LINE_ID} AS order_id, ordered_at, ordered_on, "
            f"CAST(round(minor) AS BIGINT) AS amount, {currency} FROM {rows}"
        )
    return (
        f"SELECT customer_id, {_order_key()} AS order_id, min(ordered_at) AS ordered_at, "
        f"ordered_on, CAST(round(sum(minor)) AS BIGINT) AS amount, {currency} FROM {rows} "
        f"GROUP BY customer_id, ordered_on, {_order_key()}"
    )


def _order_key() -> str:
    return f"coalesce(order_id, {LINE_ID})"


def _leave_out_copies(engine: Engine) -> None:
    """Leave out an order that an earlier file has too, equal in lines, instant and amount."""
    part = "file_no, customer_id, ordered_on, order_id"
    whole = "customer_id, ordered_on, order_id, min(ordered_at), sum(minor), count(*)"
    copies = (
        f"SELECT {part} FROM {ROWS} WHERE reason IS NULL AND order_id IS NOT NULL GROUP BY {part} "
        f"QUALIFY row_number() OVER (PARTITION BY {whole} ORDER BY file_no) > 1"
    )
    engine.connection.execute(
        f"INSERT INTO {LATE} SELECT file_no, n, 'duplicate_order' FROM {ROWS} SEMI JOIN ({copies}) "
        "USING (file_no, customer_id, ordered_on, order_id) WHERE reason IS NULL"
    )


def _book_returns(engine: Engine, *, merged: bool) -> None:
    """Give each return the day of its purchase; leave out those of which the log has none."""
    engine.create(
        "booked",
        "SELECT *, max(CASE WHEN amount >= 0 THEN ordered_on END) "
        "OVER (PARTITION BY customer_id ORDER BY ordered_on) AS purchased_on FROM orders "
        "SEMI JOIN (SELECT customer_id FROM orders WHERE amount < 0) USING (customer_id)",
    )
    engine.create(
        "transactions",
        f"SELECT {COLUMNS}, ordered_on AS purchased_on FROM orders "
        "ANTI JOIN booked USING (customer_id) UNION ALL "
        f"SELECT {COLUMNS}, purchased_on FROM booked WHERE purchased_on IS NOT NULL",
    )
    key = _order_key() if merged else LINE_ID
    engine.connection.execute(
        f"INSERT INTO {LATE} SELECT file_no, n, 'return_without_purchase' "
        f"FROM (SELECT * REPLACE ({key} AS order_id) FROM {ROWS} WHERE reason IS NULL) "
        "SEMI JOIN (SELECT * FROM booked WHERE purchased_on IS NULL) "
        f"USING (customer_id, ordered_on, order_id) ANTI JOIN {LATE} USING (file_no, n)"
    )
    engine.drop("booked")


def _any(engine: Engine, relation: str) -> bool:
    return len(engine.query(f"SELECT 1 AS one FROM {relation} LIMIT 1")) > 0


def _counts(engine: Engine) -> dict[str, int]:
    rows = engine.query(f"SELECT reason, count(*) AS n FROM {LATE} GROUP BY reason").to_pylist()
    assert all(row["reason"] in reasons.REASONS for row in rows)
    return {row["reason"]: row["n"] for row in rows}
