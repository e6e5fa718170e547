"""Which facts there are: the columns of `customer_facts`, by type and unit."""

from __future__ import annotations

from collections.abc import Iterable

from kizuna.pipeline.contracts import Table
from kizuna.pipeline.rules.terms import KINDS, Facts, FactType
from kizuna.pipeline.tables import TABLES

FACTS_TABLE = "customer_facts"
NOT_FACTS = frozenset({"customer_id"})


def facts_of(table: Table) -> Facts:
    """Give the facts that a table tells of a customer."""
    return {
        column.name: FactType(column.name, KINDS[column.type], column.unit)
        for column in table.columns
        if column.type in KINDS and column.name not in NOT_FACTS
    }


def known_facts(published: Iterable[str] | None = None) -> Facts:
    """Give every fact; with names of columns, those of them that were published."""
    facts = facts_of(TABLES[FACTS_TABLE])
    if published is None:
        return facts
    there = set(published)
    return {name: fact for name, fact in facts.items() if name in there}
