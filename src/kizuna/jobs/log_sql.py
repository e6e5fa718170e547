"""SQL of the order log: which orders stand, and how those of a file compare with them."""

from __future__ import annotations

from kizuna.pipeline.engine import quoted

LOG = "order_log"
"""batch, kind, owner, customer_id, order_id, ordered_at, ordered_on, amount, currency, note.

kind: 'put' an order; 'gone' an order of the batch `owner`, replaced; 'rests' on the batch `owner`;
'batch' the import itself, told in `note`; 'stream' that orders received up to the batch `note` of
the drain are here.
"""
STANDING, COMPARED = "standing_orders", "compared"

ORDER = "customer_id, order_id, ordered_at, ordered_on, amount, currency"
KEY = "customer_id, order_id, ordered_on"
"""An order number may be used again for another customer or on another day."""
NO_ORDER = (
    "NULL::VARCHAR AS customer_id, NULL::VARCHAR AS order_id, NULL::TIMESTAMP AS ordered_at, "
    "NULL::DATE AS ordered_on, NULL::BIGINT AS amount, NULL::VARCHAR AS currency"
)


def empty_log() -> str:
    """SQL: the log before the first import."""
    return (
        f"SELECT '' AS batch, '' AS kind, NULL::VARCHAR AS owner, {NO_ORDER}, "
        "NULL::VARCHAR AS note LIMIT 0"
    )


def headers() -> str:
    """SQL: what each import says of itself."""
    return f"SELECT note FROM {LOG} WHERE kind = 'batch'"


def standing() -> str:
    """SQL: orders put and not gone, each with the import that owns it."""
    return (
        f"SELECT batch AS owner, {ORDER} FROM {LOG} WHERE kind = 'put' AND NOT EXISTS "
        f"(SELECT 1 FROM {LOG} AS g WHERE g.kind = 'gone' AND g.owner = {LOG}.batch AND "
        f"g.customer_id = {LOG}.customer_id AND g.order_id = {LOG}.order_id "
        f"AND g.ordered_on = {LOG}.ordered_on)"
    )


def compared() -> str:
    """SQL: each order of the file beside the one that stands; `owner` is NULL where none does."""
    return (
        "SELECT i.*, s.owner, s.ordered_at AS former_at, s.amount AS former_amount, "
        "CASE WHEN s.owner IS NULL THEN 'new' WHEN s.amount = i.amount THEN 'unchanged' "
        f"ELSE 'changed' END AS state FROM orders AS i LEFT JOIN {STANDING} AS s USING ({KEY})"
    )


def counts() -> str:
    """SQL: one row of what an import does."""
    states = ", ".join(
        f"count(*) FILTER (WHERE state = {quoted(state)}) AS {state}"
        for state in ("new", "changed", "unchanged")
    )
    alike = (
        f"(SELECT count(*) FROM {COMPARED} SEMI JOIN {STANDING} "
        "USING (customer_id, ordered_on, amount) WHERE state = 'new') AS alike"
    )
    owners = "coalesce(list_sort(list(DISTINCT owner)), []) AS rests_on"
    return f"SELECT {states}, {alike}, {owners} FROM {COMPARED}"


def entries(batch: str, header: str, kind: str = "batch") -> str:
    """SQL: the rows that an import adds to the log; `kind` is that of its last."""
    name = f"{quoted(batch)} AS batch"
    former = "customer_id, order_id, former_at, ordered_on, former_amount, currency"
    nobody, silent = "NULL::VARCHAR AS owner", "NULL::VARCHAR AS note"
    return " UNION ALL ".join(
        (
            f"SELECT {name}, 'put' AS kind, {nobody}, {ORDER}, {silent} FROM {COMPARED} "
            "WHERE state <> 'unchanged'",
            f"SELECT {name}, 'gone', owner, {former}, NULL FROM {COMPARED} WHERE state = 'changed'",
            f"SELECT DISTINCT {name}, 'rests', owner, {NO_ORDER}, NULL FROM {COMPARED} "
            "WHERE owner IS NOT NULL",
            f"SELECT {name}, {quoted(kind)}, NULL, {NO_ORDER}, {quoted(header)}",
        )
    )


def orders() -> str:
    """SQL: the orders that stand, as a log of orders has them."""
    return f"SELECT {ORDER} FROM {STANDING}"


def waiting() -> str:
    """SQL: returns whose purchase is not there."""
    return "SELECT order_id FROM booked WHERE purchased_on IS NULL"


def transactions() -> str:
    """SQL: transactions in an order of their own, so that one customer's lie together."""
    return "SELECT * FROM transactions ORDER BY customer_id, ordered_on, order_id"
