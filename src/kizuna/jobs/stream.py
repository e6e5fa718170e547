"""Orders by events into the order log, of which `transactions` is made.

They are batches of the stream: rows of the log beside those of files. The last row of each says
up to which batch of the drain the log has them, in the same commit; so none comes in twice.
An order that is told again, even on another day, is the one order. What counts is the latest word
on it by its own clock, in whatever order words arrive: of each order that a new word is about all
words are read again, and rows of the log that are no longer right are superseded. A cancelled
order is gone, and what went back of it too, until a later word says otherwise.
"""

from __future__ import annotations

from kizuna.jobs import log_sql as sql
from kizuna.jobs.load import alone, is_stale, make_transactions, register_log, spilling_engine
from kizuna.pipeline.engine import Engine, quoted
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema

ORDERS, CHANGES, STREAM = "received_orders", "received_order_changes", "stream"
LATEST = "told_at, received_at, message_id"
OURS = f"LIKE '{STREAM}-%'"

WORDS = f"""
SELECT
    customer_key AS customer_id, order_id, message_id, ordered_at AS told_at, received_at, amount,
    currency, drain_no, amount <= 0 AND ends_with(order_id, concat('/', message_id)) AS goes_back,
    CASE
        WHEN amount <= 0 AND ends_with(order_id, concat('/', message_id))
            THEN left(order_id, len(order_id) - len(message_id) - 1)
        ELSE order_id
    END AS purchase_id,
    CASE WHEN amount <= 0 AND ends_with(order_id, concat('/', message_id))
        THEN 'refunded' ELSE 'completed' END AS word
FROM {ORDERS}
UNION ALL
SELECT
    customer_key, order_id, message_id, changed_at, received_at, amount, currency, drain_no, false,
    order_id, word
FROM {CHANGES}"""

FILED = f"""
SELECT
    customer_id, order_id AS purchase_id, min(ordered_at) AS filed_at,
    min(ordered_on) AS filed_on
FROM {sql.LOG} SEMI JOIN touched
    ON touched.customer_id = {sql.LOG}.customer_id AND touched.purchase_id = {sql.LOG}.order_id
WHERE kind = 'put' AND NOT batch {OURS} GROUP BY customer_id, order_id"""
"""When an order that a file brought was made: its day stays."""


def book(store: Store, *, timezone: str, wait: float = 0) -> int:
    """Bring orders that were received into the log and into `transactions`; tell how many changed.

    Raises
    ------
    InputError
        When an import is still running after `wait` seconds.

    """
    if not {ORDERS, CHANGES}.intersection(store.names()):
        return 0
    with alone(store, wait), spilling_engine() as engine:
        register_log(engine, store)
        _register(engine, store)
        last = _last_touched(engine, _through(engine))
        if last is None:
            if is_stale(store):  # a former run died before it made `transactions`
                make_transactions(store)
            return 0
        _compare(engine, timezone)
        changed = engine.query(sql.counts()).to_pylist()[0]
        superseded = engine.count("superseded")
        name = f"{STREAM}-{last}"
        entries = sql.entries(name, str(last), kind=STREAM)
        store.append(sql.LOG, engine.reader(f"{_gone(name)} UNION ALL {entries}"))
        make_transactions(store)
    return int(changed["new"] + changed["changed"] + superseded)


def _register(engine: Engine, store: Store) -> None:
    for name in (ORDERS, CHANGES):
        if name in store.names():
            store.register(engine, name)
        else:
            engine.register(name, arrow_schema(name).empty_table())
    engine.view("words", WORDS)


def _through(engine: Engine) -> int:
    found = engine.query(
        f"SELECT max(CAST(note AS BIGINT)) AS n FROM {sql.LOG} WHERE kind = '{STREAM}'"
    )
    return int(found["n"][0].as_py() or 0)


def _last_touched(engine: Engine, through: int) -> int | None:
    """Find the orders that new words are about; give the batch of the drain that they go up to."""
    new = f"FROM words WHERE drain_no > {through}"
    engine.create("touched", f"SELECT DISTINCT customer_id, purchase_id {new}")
    found: int | None = engine.query(f"SELECT max(drain_no) AS n {new}")["n"][0].as_py()
    return found


def _compare(engine: Engine, timezone: str) -> None:
    """Set what the words come to beside what stands: `compared`, and `superseded` rows."""
    engine.create("told", "SELECT * FROM words SEMI JOIN touched USING (customer_id, purchase_id)")
    engine.create("filed", FILED)
    engine.create("states", _states())
    engine.create("orders", _orders(timezone))
    engine.create(sql.COMPARED, sql.compared())
    engine.create("superseded", _superseded())


def _states() -> str:
    """SQL: what all words on an order come to."""
    amounts = "FILTER (WHERE word IN ('completed', 'updated'))"
    return f"""
SELECT
    customer_id, purchase_id,
    coalesce(
        last(word ORDER BY {LATEST}) FILTER (WHERE word <> 'refunded') = 'cancelled', false
    ) AS cancelled,
    last(amount ORDER BY {LATEST}) {amounts} AS amount,
    last(currency ORDER BY {LATEST}) {amounts} AS currency,
    coalesce(
        min(told_at) FILTER (WHERE word = 'completed'), min(told_at) FILTER (WHERE word = 'updated')
    ) AS ordered_at
FROM told GROUP BY customer_id, purchase_id"""


def _orders(timezone: str) -> str:
    """SQL: the orders that there are to be, and what went back of them."""

    def day(moment: str) -> str:
        return f"CAST({moment} AT TIME ZONE 'UTC' AT TIME ZONE {quoted(timezone)} AS DATE)"

    return f"""
SELECT
    customer_id, purchase_id AS order_id, coalesce(filed_at, ordered_at) AS ordered_at,
    coalesce(filed_on, {day("ordered_at")}) AS ordered_on, amount, currency
FROM states LEFT JOIN filed USING (customer_id, purchase_id)
WHERE NOT cancelled AND amount IS NOT NULL
UNION ALL
SELECT customer_id, order_id, told_at, {day("told_at")}, told.amount, told.currency
FROM told INNER JOIN states USING (customer_id, purchase_id)
WHERE word = 'refunded' AND NOT cancelled"""


def _superseded() -> str:
    """SQL: rows that stand and are to be no more: ours, and that of a file which was cancelled."""
    return f"""
SELECT s.* FROM {sql.STANDING} AS s INNER JOIN (
    SELECT customer_id, purchase_id AS order_id, filed_on
    FROM states LEFT JOIN filed USING (customer_id, purchase_id)
    UNION ALL SELECT customer_id, order_id, NULL FROM told WHERE word = 'refunded'
) AS t USING (customer_id, order_id)
ANTI JOIN orders AS o
    ON o.customer_id = s.customer_id AND o.order_id = s.order_id AND o.ordered_on = s.ordered_on
WHERE s.owner {OURS} OR s.ordered_on = t.filed_on"""


def _gone(batch: str) -> str:
    """SQL: the rows of the log that say so."""
    name = f"{quoted(batch)} AS batch"
    return (
        f"SELECT {name}, 'gone' AS kind, owner, {sql.ORDER}, NULL::VARCHAR AS note FROM superseded "
        f"UNION ALL SELECT DISTINCT {name}, 'rests', owner, {sql.NO_ORDER}, NULL FROM superseded"
    )
