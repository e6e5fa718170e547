"""Orders by events into the order log, of which `transactions` is made.

They are batches of the stream: rows of the log beside those of files. The last row of each says
up to which batch of the drain the log has them, in the same commit; so none comes in twice.
An order that is told again, even on another day, is the one order; the latest word on it counts.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from kizuna.jobs import log_sql as sql
from kizuna.jobs.load import alone, is_stale, make_transactions, register_log, spilling_engine
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.store import Store

ORDERS, STREAM = "received_orders", "stream"
SCHEMA = pa.schema(
    [
        ("customer_id", pa.string()),
        ("order_id", pa.string()),
        ("ordered_at", pa.timestamp("us")),
        ("ordered_on", pa.date32()),
        ("amount", pa.int64()),
        ("currency", pa.string()),
    ]
)
WITH_FIRST_DAY = f"""
SELECT n.customer_id, n.order_id, coalesce(s.ordered_at, n.ordered_at) AS ordered_at,
    coalesce(s.ordered_on, n.ordered_on) AS ordered_on, n.amount, n.currency
FROM told_orders AS n LEFT JOIN (
    SELECT customer_id, order_id, min(ordered_at) AS ordered_at, min(ordered_on) AS ordered_on
    FROM {sql.STANDING} GROUP BY customer_id, order_id
) AS s USING (customer_id, order_id)"""


def book(store: Store, *, timezone: str, wait: float = 0) -> int:
    """Bring orders that were received into the log and into `transactions`; give how many are new.

    Raises
    ------
    InputError
        When an import is still running after `wait` seconds.

    """
    if ORDERS not in store.names():
        return 0
    with alone(store, wait), spilling_engine() as engine:
        register_log(engine, store)
        store.register(engine, ORDERS)
        through = _through(engine)
        rows = _rows(engine, through)
        if not rows:
            if is_stale(store):  # a former run died before it made `transactions`
                make_transactions(store)
            return 0
        last = max(row["drain_no"] for row in rows)
        engine.register("told_orders", _told(rows, ZoneInfo(timezone)))
        engine.create("orders", WITH_FIRST_DAY)
        engine.create(sql.COMPARED, sql.compared())
        changed = engine.query(sql.counts()).to_pylist()[0]
        entries = sql.entries(f"{STREAM}-{last}", str(last), kind=STREAM)
        store.append(sql.LOG, engine.reader(entries))
        make_transactions(store)
    return int(changed["new"] + changed["changed"])


def _through(engine: Engine) -> int:
    found = engine.query(
        f"SELECT max(CAST(note AS BIGINT)) AS n FROM {sql.LOG} WHERE kind = '{STREAM}'"
    )
    return int(found["n"][0].as_py() or 0)


def _rows(engine: Engine, through: int) -> list[dict[str, Any]]:
    query = f"SELECT * FROM {ORDERS} WHERE drain_no > $1 ORDER BY received_at, message_id"
    found: list[dict[str, Any]] = engine.query(query, [through]).to_pylist()
    return found


def _told(rows: list[dict[str, Any]], zone: ZoneInfo) -> pa.Table:
    """Give one row an order: the first moment, and the latest word on its amount."""
    told: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        key = (row["customer_key"], row["order_id"])
        at = told[key]["ordered_at"] if key in told else row["ordered_at"]
        told[key] = {
            "customer_id": key[0],
            "order_id": key[1],
            "ordered_at": at,
            "ordered_on": _day(at, zone),
            "amount": row["amount"],
            "currency": row["currency"],
        }
    return pa.Table.from_pylist(list(told.values()), schema=SCHEMA)


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.replace(tzinfo=UTC).astimezone(zone).date()
