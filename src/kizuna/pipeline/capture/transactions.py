"""From typed rows to `transactions`: lines of one order summed, returns booked on their purchase.

A return is an order whose amount is below zero. It belongs to the latest purchase of the customer
on its own day or before; `purchased_on` is the day of that purchase. It keeps its own day too, so
that at any moment of the past the value is what was known then.
"""

from __future__ import annotations

from kizuna.pipeline.capture.loading import ROWS
from kizuna.pipeline.capture.staged import Staged
from kizuna.pipeline.capture.staging import Plan
from kizuna.pipeline.engine import Engine, quoted

LATE = "late_rejects"
"""file_no, n, reason: rows left out only when seen beside others."""

COLUMNS = "customer_id, order_id, ordered_at, ordered_on, amount, currency"

ROW_ID = "concat(file_no, ':', n)"
"""Where the log has no order number, the order is named by its file and row."""


def make(engine: Engine, staged: Staged, plan: Plan) -> dict[str, int]:
    """Make `transactions` from `order_rows`; give reason → rows left out here."""
    make_orders(engine, staged, plan)
    if book(engine):
        _leave_out_unbooked(engine, _order_key(staged, ROW_ID))
    counts = engine.query(f"SELECT reason, count(*) AS n FROM {LATE} GROUP BY reason")
    return {row["reason"]: row["n"] for row in counts.to_pylist()}


def make_orders(engine: Engine, staged: Staged, plan: Plan, row_id: str = ROW_ID) -> None:
    """Make `orders` from `order_rows`: returns stand in it, not yet booked."""
    engine.create(LATE, "SELECT 0 AS file_no, 0::BIGINT AS n, '' AS reason LIMIT 0")
    if staged.numbered and len(staged.sources) > 1:
        _leave_out_copies(engine)
    kept = _kept(engine, staged)
    if staged.numbered:
        engine.create("orders", _merged(kept, _order_key(staged, row_id), plan))
    else:
        engine.view("orders", _as_they_are(kept, plan, row_id))


def book(engine: Engine) -> bool:
    """Make `transactions` from `orders`; tell whether there are returns.

    If so, `booked` holds the orders of all who returned; `purchased_on` is NULL where the log has
    no purchase that a return could belong to.
    """
    if not len(engine.query("SELECT 1 FROM orders WHERE amount < 0 LIMIT 1")):
        engine.view("transactions", f"SELECT {COLUMNS}, ordered_on AS purchased_on FROM orders")
        return False
    _book_returns(engine)
    return True


def _order_key(staged: Staged, row_id: str) -> str:
    """SQL: what tells orders apart; the number of the order, or else of its row."""
    if staged.numbered == staged.accepted:
        return "order_id"
    return f"coalesce(order_id, {row_id})" if staged.numbered else row_id


def _kept(engine: Engine, staged: Staged) -> str:
    """SQL: the rows not left out; where none is, nothing is asked of them."""
    late = f"(file_no, n) NOT IN (SELECT (file_no, n) FROM {LATE})"
    conditions = ["reason IS NULL"] * bool(staged.rejects) + [late] * bool(engine.count(LATE))
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT * FROM {ROWS}{where}"


def _as_they_are(kept: str, plan: Plan, row_id: str) -> str:
    """SQL: each row is an order."""
    return (
        f"SELECT customer_id, {row_id} AS order_id, ordered_at, ordered_on, "
        f"CAST(round(minor) AS BIGINT) AS amount, {quoted(plan.currency)} AS currency FROM ({kept})"
    )


def _merged(kept: str, key: str, plan: Plan) -> str:
    """SQL: the lines of one order, i.e. of one customer, day and number, are one row."""
    return (
        f"SELECT customer_id, {key} AS order_id, min(ordered_at) AS ordered_at, ordered_on, "
        f"CAST(round(sum(minor)) AS BIGINT) AS amount, {quoted(plan.currency)} AS currency "
        f"FROM ({kept}) GROUP BY customer_id, ordered_on, {key}"
    )


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


def _book_returns(engine: Engine) -> None:
    """Give each return the day of its purchase."""
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


def _leave_out_unbooked(engine: Engine, key: str) -> None:
    """Leave out returns of which the log has no purchase."""
    engine.connection.execute(
        f"INSERT INTO {LATE} SELECT file_no, n, 'return_without_purchase' "
        f"FROM (SELECT * REPLACE ({key} AS order_id) FROM {ROWS} WHERE reason IS NULL) "
        "SEMI JOIN (SELECT * FROM booked WHERE purchased_on IS NULL) "
        f"USING (customer_id, ordered_on, order_id) ANTI JOIN {LATE} USING (file_no, n)"
    )
    engine.drop("booked")
