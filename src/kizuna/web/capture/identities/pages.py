"""What the pages on who is who show, put together for their templates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kizuna.web.capture.identities import queries
from kizuna.web.capture.identities.models import Suspicion
from kizuna.web.capture.identities.rules import RULES, Rule
from kizuna.web.ui.components import Tab
from kizuna.web.ui.templatetags.ui import writer

LABELS: dict[str, str | Promise] = {
    "name": gettext_lazy("Name"),
    "name_kana": gettext_lazy("Reading of the name"),
    "kind": gettext_lazy("Kind"),
    "email": gettext_lazy("E-mail address"),
    "phone": gettext_lazy("Phone"),
    "region": gettext_lazy("Region"),
    "channel": gettext_lazy("Acquired by"),
    "first_purchase": gettext_lazy("First purchase"),
    "last_purchase": gettext_lazy("Last purchase"),
    "orders": gettext_lazy("Orders"),
}
ADDED_UP: dict[str, Callable[[list[Any]], Any]] = {
    "first_purchase": min,
    "last_purchase": max,
    "orders": sum,
}
KEYS = 200


@dataclass(frozen=True, slots=True)
class Side:
    """A value of two customers: what each has, and what both have together."""

    label: str
    one: str
    other: str
    together: str
    adds_up: bool

    @property
    def differs(self) -> bool:
        """Whether both say something, and a merge must choose."""
        return not self.adds_up and self.one != self.other and "–" not in (self.one, self.other)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two customers side by side."""

    one: Any
    other: Any
    sides: list[Side]
    keys_of_one: list[str]
    keys_of_other: list[str]
    suspicion: Suspicion | None
    rules: list[Rule]

    @property
    def pair(self) -> list[tuple[str, str]]:
        """Give the two, as a choice of who stays: first who has been there for longer."""
        return [(fact.customer_id, _called(fact)) for fact in (self.one, self.other)]


def tabs(current: str) -> list[Tab]:
    """Give the pages on who is who."""
    names = {"queue": _("To be decided"), "merges": _("Merges"), "rules": _("Rules")}
    return [
        Tab(label, reverse(f"identities:{name}"), name == current) for name, label in names.items()
    ]


def comparison(one: str, other: str) -> Comparison | None:
    """Put two customers side by side; None where they are one, or one is not known."""
    facts = queries.facts_of({one, other})
    unknown = any(fact._state.adding for fact in facts.values())
    merged = any(queries.customer_of(key) != key for key in (one, other))
    if one == other or unknown or merged:
        return None
    first, second = sorted((facts[one], facts[other]), key=_age)
    found = queries.suspicion(one, other)
    return Comparison(
        one=first,
        other=second,
        sides=[_side(name, first, second) for name in LABELS],
        keys_of_one=queries.raw_ids(first.customer_id)[:KEYS],
        keys_of_other=queries.raw_ids(second.customer_id)[:KEYS],
        suspicion=found,
        rules=[RULES[rule] for rule in found.rules if rule in RULES] if found else [],
    )


def _age(fact: Any) -> tuple[date, str]:
    return fact.first_purchase or date.max, fact.customer_id


def _called(fact: Any) -> str:
    return f"{fact.name} ({fact.customer_id})" if fact.name else str(fact.customer_id)


def _side(name: str, first: Any, second: Any) -> Side:
    one, other = getattr(first, name), getattr(second, name)
    known = [value for value in (one, other) if value is not None]
    together = ADDED_UP.get(name, _first)(known) if known else None
    return Side(
        str(LABELS[name]), _said(one), _said(other), _said(together), adds_up=name in ADDED_UP
    )


def _first(known: list[Any]) -> Any:
    return known[0]


def _said(value: Any) -> str:
    say = writer()
    if value is None:
        return "–"
    if isinstance(value, date):
        return str(say.day(value))
    return str(say.number(value)) if isinstance(value, int) else str(value)
