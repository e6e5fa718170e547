"""Who a customer key is: tables keep the key they came with, and a second table says whose it is.

`identity_map` names, for each key that is not a customer of its own, the customer that it belongs
to; what is absent stands for itself. It is applied whenever a table is registered, so that a merge
adds rows to it, an undo takes them out, and nothing else is ever rewritten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from kizuna.pipeline.engine import Engine, identifier
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import TABLES, arrow_schema

MAP: Final = "identity_map"
MEMBERS: Final = "identity_members"
AS_BROUGHT: Final = "_as_brought"
"""What the name of a table ends with, beside the resolved one, while its keys are as brought."""

LINKS: Final = "received_links"
UNFOLLOWED: Final = f"""
SELECT kind, from_key, to_key, min(happened_at) AT TIME ZONE 'UTC' AS happened_at
FROM {LINKS} ANTI JOIN {MAP} ON from_key = raw_customer_id
GROUP BY kind, from_key, to_key ORDER BY min(received_at), kind, from_key, to_key"""

TRAITS: Final = "received_traits"
TOLD_LATELY: Final = f"""
SELECT customer_key, email, phone, min(happened_at) AT TIME ZONE 'UTC' AS happened_at
FROM {TRAITS} WHERE (email IS NOT NULL OR phone IS NOT NULL)
    AND received_at > (SELECT max(received_at) FROM {TRAITS}) - INTERVAL 1 DAY
GROUP BY customer_key, email, phone ORDER BY customer_key, email, phone"""

MEMBERS_SQL: Final = (
    f"SELECT raw_customer_id, customer_id FROM {MAP} "
    f"UNION SELECT customer_id, customer_id FROM {MAP}"
)


def register(engine: Engine, store: Store, name: str, version: int | None = None) -> int:
    """Make one version of a table readable in an engine, under the customers as they are now.

    Gives the version. Give the engine another state of the map with `register_map` first.
    """
    if MAP not in engine.names():
        register_map(engine, store)
    if engine.count(MAP) == 0 or "customer_id" not in _columns_of(name):
        return store.register(engine, name, version)
    read = store.register(engine, name, version, under=name + AS_BROUGHT)
    resolve(engine, name, name + AS_BROUGHT)
    return read


def register_map(engine: Engine, store: Store, version: int | None = None) -> int | None:
    """Make the map readable in an engine, an empty one where there is none; give its version."""
    found = None
    if MAP in store.names():
        found = store.register(engine, MAP, version, under="identity_map_file")
        engine.create(MAP, "SELECT raw_customer_id, customer_id FROM identity_map_file")
    else:
        engine.register(MAP, arrow_schema(MAP).empty_table())
    engine.create(MEMBERS, MEMBERS_SQL)
    return found


def resolve(engine: Engine, name: str, source: str) -> None:
    """Make the view `name` of the relation `source` with each key replaced by its customer.

    The map must have been registered. Where several keys of one customer would give a table two
    rows of one grain, one is left: of `customers` the customer's own values, blanks filled from
    the others in the order of their keys; elsewhere the row of the customer's own key.
    """
    columns = engine.schema(source).names
    if name == "customers":
        engine.view(name, _joined_customers(columns, source))
    elif name in TABLES and "customer_id" in TABLES[name].grain:
        engine.view(name, _one_a_grain(columns, TABLES[name].grain, source))
    else:
        engine.view(name, _replaced(source))


def raw_ids(store: Store, customer_id: str) -> list[str]:
    """List the keys under which a customer's rows came: their own first."""
    return [customer_id, *_looked_up(store, "raw_customer_id", "customer_id", customer_id)]


def resolved(store: Store, raw_customer_id: str) -> str:
    """Say to whom a key belongs."""
    found = _looked_up(store, "customer_id", "raw_customer_id", raw_customer_id)
    return found[0] if found else raw_customer_id


def write_map(store: Store, customers: Mapping[str, str]) -> int | None:
    """Let the map be this one: key → customer; give its version, None where nothing differs."""
    keys = sorted(customers)
    table = pa.table([keys, [customers[key] for key in keys]], schema=arrow_schema(MAP))
    there = store.read(MAP) if MAP in store.names() else arrow_schema(MAP).empty_table()
    return None if there.equals(table) else store.write(MAP, table)


def unfollowed(store: Store) -> list[dict[str, Any]]:
    """List what messages said of keys, the first first, where the map does not know it yet."""
    if LINKS not in store.names():
        return []
    with Engine(threads=1) as engine:
        register_map(engine, store)
        store.register(engine, LINKS)
        found: list[dict[str, Any]] = engine.query(UNFOLLOWED).to_pylist()
    return found


def told_lately(store: Store) -> list[dict[str, Any]]:
    """List the addresses and numbers that messages told of on the last day of messages."""
    if TRAITS not in store.names():
        return []
    with Engine(threads=1) as engine:
        store.register(engine, TRAITS)
        found: list[dict[str, Any]] = engine.query(TOLD_LATELY).to_pylist()
    return found


def _looked_up(store: Store, wanted: str, column: str, value: str) -> list[str]:
    if MAP not in store.names():
        return []
    with Engine(threads=1) as engine:
        store.register(engine, MAP)
        sql = f"SELECT {wanted} FROM {MAP} WHERE {column} = $1 ORDER BY {wanted}"
        return [str(found) for found in engine.query(sql, [value])[wanted].to_pylist()]


def _columns_of(name: str) -> Sequence[str]:
    """Name a table's columns; of a table without a contract, assume the customer's among them."""
    return TABLES[name].column_names if name in TABLES else ("customer_id",)


def _replaced(source: str) -> str:
    return (
        "SELECT t.* REPLACE (coalesce(m.customer_id, t.customer_id) AS customer_id) "
        f"FROM {identifier(source)} AS t LEFT JOIN {MAP} AS m ON m.raw_customer_id = t.customer_id"
    )


def _one_a_grain(columns: Sequence[str], key: Sequence[str], source: str) -> str:
    listed = ", ".join(identifier(name) for name in columns)
    grain = ", ".join("m.customer_id" if part == "customer_id" else f"t.{part}" for part in key)
    return (
        f"SELECT {listed} FROM {identifier(source)} AS t ANTI JOIN {MEMBERS} AS m "
        f"ON m.raw_customer_id = t.customer_id UNION ALL SELECT {_of(columns)} "
        f"FROM {identifier(source)} AS t JOIN {MEMBERS} AS m ON m.raw_customer_id = t.customer_id "
        f"QUALIFY row_number() OVER (PARTITION BY {grain} "
        "ORDER BY t.customer_id <> m.customer_id, t.customer_id) = 1"
    )


def _of(columns: Sequence[str]) -> str:
    return ", ".join(
        "m.customer_id" if name == "customer_id" else f"t.{identifier(name)}" for name in columns
    )


def _joined_customers(columns: Sequence[str], source: str) -> str:
    """SQL: one row a customer; who belongs to an account belongs to what that account is now."""
    filled = ", ".join(_filled(name) for name in columns)
    listed = ", ".join(f"t.{identifier(name)}" for name in columns)
    parent = (
        "t.* REPLACE (nullif(coalesce(p.customer_id, t.parent_id), t.customer_id) AS parent_id)"
        if "parent_id" in columns
        else "t.*"
    )
    above = (
        f" LEFT JOIN {MAP} AS p ON p.raw_customer_id = t.parent_id"
        if "parent_id" in columns
        else ""
    )
    return (
        f"SELECT {parent} FROM (SELECT {listed} FROM {identifier(source)} AS t ANTI JOIN {MEMBERS} "
        f"AS m ON m.raw_customer_id = t.customer_id UNION ALL SELECT {filled} "
        f"FROM {identifier(source)} AS t JOIN {MEMBERS} AS m ON m.raw_customer_id = t.customer_id "
        f"GROUP BY m.customer_id) AS t{above}"
    )


def _filled(name: str) -> str:
    if name == "customer_id":
        return "m.customer_id"
    column, order = f"t.{identifier(name)}", "t.customer_id <> m.customer_id, t.customer_id"
    known = f"FILTER (WHERE {column} IS NOT NULL)"
    return f"first({column} ORDER BY {order}) {known} AS {identifier(name)}"
