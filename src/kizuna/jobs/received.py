"""What was received beside what was imported: `events` and `customers` as steps read them.

Of a customer whom both know, what was imported stands, and what was received fills its blanks.
Visitors who are known by an anonymous id alone have events, but are no customers yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa

from kizuna.jobs import resolution
from kizuna.pipeline.engine import Engine, identifier
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import TABLES, arrow_schema

SOURCES: Mapping[str, tuple[str, ...]] = {
    "events": ("received_events",),
    "customers": ("received_traits", "received_links", "received_events"),
    "interactions": ("received_interactions",),
    "responses": ("received_responses",),
}
RECEIVED = frozenset(name for names in SOURCES.values() for name in names)
TOLD = ("name", "name_kana", "email", "phone", "country", "region", "city", "acquired_on")
OURS = {"customer_id": "customer_key", "case_id": "NULL::VARCHAR"}
"""Columns of `responses` that answers of the application name otherwise, or do not have."""
ASKED = f"""
SELECT key FROM asked_customers
UNION SELECT raw_customer_id FROM {resolution.MAP} SEMI JOIN asked_customers ON customer_id = key
UNION SELECT from_key FROM received_links WHERE kind = 'member'
UNION SELECT customer_id FROM customers_imported WHERE parent_id IS NOT NULL"""
KINDS = "('track', 'page', 'screen')"
"""Messages that are events of a customer; the others say who somebody is."""


def names(store: Store) -> frozenset[str]:
    """Name the tables that can be registered: of the store, and those that were only received."""
    there = frozenset(store.names())
    return there | {name for name, sources in SOURCES.items() if there.intersection(sources)}


def register(engine: Engine, store: Store, name: str) -> dict[str, int]:
    """Make a table readable under the customers as they are now; give versions read.

    Of what was received the newest version is read, which the log of versions may soon forget.
    """
    there = frozenset(store.names())
    if not there.intersection(SOURCES.get(name, ())):
        return {name: resolution.register(engine, store, name)}
    if resolution.MAP not in engine.names():
        resolution.register_map(engine, store)
    brought = name + resolution.AS_BROUGHT
    imported = f"{name}_imported"
    version = _given(engine, store, name, imported)
    for source in SOURCES[name]:
        _given(engine, store, source, source)
    engine.view(brought, UNIONS[name](imported))
    if engine.count(resolution.MAP):
        resolution.resolve(engine, name, brought)
    else:
        engine.view(name, f"SELECT * FROM {identifier(brought)}")
    return {} if version is None else {name: version}


def only_people_of(engine: Engine, customers: Sequence[str]) -> None:
    """Have `customers` tell of these and of who belongs to somebody: to find all takes long.

    The table must have been registered. What it tells of others is not all that is known of them.
    """
    if "customers_imported" not in engine.names():
        return
    engine.register("asked_customers", pa.table({"key": pa.array(customers, pa.string())}))
    engine.create("asked_keys", ASKED)
    engine.view(f"customers{resolution.AS_BROUGHT}", _customers("customers_imported", "asked_keys"))


def _given(engine: Engine, store: Store, name: str, under: str) -> int | None:
    """Make a table of the store readable, an empty one where there is none."""
    if name in store.names():
        return store.register(engine, name, under=under)
    engine.register(under, arrow_schema(name).empty_table())
    return None


def _events(imported: str) -> str:
    said = {
        "event_id": "message_id",
        "customer_id": "customer_key",
        "name": "name",
        "happened_at": "happened_at",
        "source": "source",
        "properties": "properties",
    }
    columns = TABLES["events"].columns
    listed = ", ".join(identifier(c.name) for c in columns)
    ours = ", ".join(
        f"{said.get(c.name, 'NULL')}::{c.type} AS {identifier(c.name)}" for c in columns
    )
    return (
        f"SELECT {listed} FROM {imported} UNION ALL "
        f"SELECT {ours} FROM received_events WHERE kind IN {KINDS}"
    )


def _customers(imported: str, asked: str = "") -> str:
    columns = TABLES["customers"].columns
    told = {*TOLD, "kind", "parent_id"}
    filled = ", ".join(
        f"coalesce(i.{identifier(c.name)}, r.{identifier(c.name)}) AS {identifier(c.name)}"
        if c.name in told
        else f"i.{identifier(c.name)}"
        for c in columns
        if c.name != "customer_id"
    )
    return (
        f"SELECT coalesce(i.customer_id, r.customer_id) AS customer_id, {filled} "
        f"FROM {imported} AS i FULL OUTER JOIN ({customers_sql(asked)}) AS r "
        "ON i.customer_id = r.customer_id"
    )


def _interactions(imported: str) -> str:
    """SQL: what was told under an id that was imported too is the later word on it."""
    columns = [c.name for c in TABLES["interactions"].columns]
    listed = ", ".join(map(identifier, columns))
    return (
        f"SELECT {listed} FROM {imported} ANTI JOIN received_interactions USING (interaction_id) "
        f"UNION ALL SELECT {listed} FROM ({contacts_sql('received_interactions')})"
    )


def contacts_sql(relation: str, condition: str = "true") -> str:
    """SQL: the last word on each contact, in the columns of `interactions` and by what it came."""
    return (
        f"SELECT * EXCLUDE (customer_key), customer_key AS customer_id FROM {relation} "
        f"WHERE {condition} QUALIFY row_number() OVER (PARTITION BY interaction_id "
        "ORDER BY drain_no DESC, row_no DESC) = 1"
    )


def _responses(imported: str) -> str:
    """SQL: an answer to a survey of the application; a changed one counts as changed last."""
    columns = [c.name for c in TABLES["responses"].columns]
    listed = ", ".join(map(identifier, columns))
    said = ", ".join(f"{OURS.get(name, name)} AS {identifier(name)}" for name in columns)
    return (
        f"SELECT {listed} FROM {imported} ANTI JOIN received_responses USING (response_id) "
        f"UNION ALL SELECT {said} FROM received_responses QUALIFY row_number() OVER "
        "(PARTITION BY response_id ORDER BY version DESC, drain_no DESC, row_no DESC) = 1"
    )


def customers_sql(asked: str = "") -> str:
    """SQL: who was received: one row a user id or account, the latest word on each trait.

    `asked` is a relation of the keys that are asked for; without it, of all.
    """
    of = f"WHERE customer_key IN (SELECT key FROM {asked}) " if asked else ""
    latest = ", ".join(
        f"last({name} ORDER BY happened_at, message_id) FILTER (WHERE {name} IS NOT NULL) AS {name}"
        for name in TOLD
    )
    return (
        "SELECT k.customer_id, CASE WHEN k.is_account THEN 'company' ELSE 'person' END AS kind, "
        f"t.* EXCLUDE (customer_key), p.parent_id FROM ({_keys(asked)}) AS k LEFT JOIN "
        f"(SELECT customer_key, {latest} FROM received_traits {of}GROUP BY customer_key) AS t "
        "ON t.customer_key = k.customer_id LEFT JOIN (SELECT from_key, last(to_key "
        "ORDER BY happened_at, message_id) AS parent_id FROM received_links "
        "WHERE kind = 'member' AND from_key <> to_key GROUP BY from_key) AS p "
        "ON p.from_key = k.customer_id"
    )


def _keys(asked: str = "") -> str:
    of = f"IN (SELECT key FROM {asked})" if asked else "IS NOT NULL"
    return (
        "SELECT customer_id, bool_or(is_account) AS is_account FROM ("
        "SELECT DISTINCT user_id AS customer_id, false AS is_account FROM received_events "
        f"WHERE user_id {of} UNION ALL SELECT DISTINCT to_key, true FROM received_links "
        "WHERE kind = 'member') GROUP BY customer_id"
    )


UNIONS: Mapping[str, Callable[[str], str]] = {
    "events": _events,
    "customers": _customers,
    "interactions": _interactions,
    "responses": _responses,
}
