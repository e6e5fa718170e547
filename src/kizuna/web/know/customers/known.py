"""Every fact of one customer, read from the published table, topic by topic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from kizuna.report.language import Language
from kizuna.report.names import segment_name
from kizuna.web.know.customers.columns import KINDS, FactColumn, Kind
from kizuna.web.know.customers.definitions import (
    GROUPS,
    SOURCE_NAMES,
    FactDefinition,
    definitions,
)
from kizuna.web.know.customers.engines import own_engine
from kizuna.web.know.customers.queries import Customer
from kizuna.web.know.journey.names import persona_names
from kizuna.web.know.segments.stage_tables import stage_names
from kizuna.web.ui.templatetags.ui import writer

ROW = "SELECT * FROM customer_facts WHERE customer_id = ?"
KINDS_OF_UNITS: Mapping[str, Kind] = {"minor": "money", "share": "share", "month": "month"}
KINDS_OF_TYPES: Mapping[str, Kind] = {"DATE": "day", "DOUBLE": "decimal", "VARCHAR": "text"}


@dataclass(frozen=True, slots=True)
class Known:
    """A fact in words; nothing known is no value, which is never 0."""

    label: str
    value: str
    meaning: str
    direction: str


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: its facts, of which day its newest row is, and the tables that it comes from."""

    label: str
    newest_on: date | None
    sources: str
    facts: list[Known]

    @property
    def is_known(self) -> bool:
        """Whether anything is known of it."""
        return any(fact.value for fact in self.facts)


def topics_of(customer: Customer) -> list[Topic]:
    """Give what is known of a customer; what is not known is listed without a value."""
    row, say = _row(customer), writer(customer.state.currency)
    order = list(GROUPS)
    listed = sorted(
        definitions().values(),
        key=lambda d: order.index(d.group) if d.group in GROUPS else len(order),
    )
    return [
        _topic(group, list(found), row, say)
        for group, found in groupby(listed, lambda definition: definition.group)
    ]


def _row(customer: Customer) -> Mapping[str, Any]:
    """Read the customer's row; who turned up since has none."""
    with own_engine() as engine:
        engine.register_parquet("customer_facts", customer.state.files("customer_facts"))
        rows = engine.query(ROW, [customer.fact.customer_id]).to_pylist()
    return rows[0] if rows else {}


def _topic(group: str, found: list[FactDefinition], row: Mapping[str, Any], say: Language) -> Topic:
    shown = [d for d in found if d.name != d.freshness or d.name == "last_purchase"]
    return Topic(
        str(GROUPS.get(group, group)),
        row.get(found[0].freshness),
        say.join([str(SOURCE_NAMES[source]) for source in found[0].sources]),
        [_known(definition, row.get(definition.name), say) for definition in shown],
    )


def _known(definition: FactDefinition, value: Any, say: Language) -> Known:
    text = "" if value is None else _written(definition, value, say)
    meaning = _(definition.column.meaning)
    return Known(str(definition.label), text, meaning, str(definition.direction_said))


def _written(definition: FactDefinition, value: Any, say: Language) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if definition.name == "rfm_segment":
        return segment_name(say, value)
    if definition.name == "kind":
        return str(KINDS.get(value, value))
    if definition.name == "lifecycle_stage":
        return stage_names().get(value, str(value))
    if definition.name == "persona":
        return persona_names().get(value, str(value))
    if worded := definition.worded(value):
        return worded
    return FactColumn(definition.name, definition.label, _kind(definition)).written(value, say)


def _kind(definition: FactDefinition) -> Kind:
    column = definition.column
    if "_change" in column.name:
        return "change"
    return KINDS_OF_UNITS.get(column.unit) or KINDS_OF_TYPES.get(column.type, "number")
