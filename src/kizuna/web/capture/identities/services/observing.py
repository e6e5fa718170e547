"""What messages say of who is who, followed by the rules that connect; never two known customers.

Saying the same a second time changes nothing, so a drain that was killed may be repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.apps import apps
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from kizuna.web.capture.identities.models import (
    Identifier,
    IdentifierKind,
    Link,
    Membership,
)
from kizuna.web.capture.identities.queries import rules_on
from kizuna.web.capture.identities.services import links as tree
from kizuna.web.capture.identities.services.merging import map_changed
from kizuna.web.capture.identities.services.review import suspect

ANONYMOUS = "anon:"
A_PART = 500


class Linking(Protocol):
    """What a message says of two keys: `kind` is anonymous, alias or member."""

    @property
    def kind(self) -> str:
        """Which of the rules it is for."""

    @property
    def from_key(self) -> str:
        """The key that belongs to the other."""

    @property
    def to_key(self) -> str:
        """The other key."""

    @property
    def happened_at(self) -> datetime:
        """When it was said."""


@dataclass(frozen=True, slots=True)
class Said:
    """A link that was read back from the tables."""

    kind: str
    from_key: str
    to_key: str
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What was said of a customer, read back from the tables."""

    customer_key: str
    email: str | None
    phone: str | None
    happened_at: datetime


class Describing(Protocol):
    """What a message says of a customer."""

    @property
    def customer_key(self) -> str:
        """The key that it is about."""

    @property
    def email(self) -> str | None:
        """A mail address."""

    @property
    def phone(self) -> str | None:
        """A telephone number."""

    @property
    def happened_at(self) -> datetime:
        """When it was said."""


def observe(*, links: Iterable[Linking] = (), traits: Iterable[Describing] = ()) -> int:
    """Follow the rules for what messages say, in the order received; give the keys connected."""
    said, rules = list(links), rules_on()
    with transaction.atomic():
        _know(list(traits))
        _join([link for link in said if link.kind == "member" and "member" in rules])
        wanted = _connections([link for link in said if link.kind in rules - {"member"}])
        made = _connect(wanted) if wanted else 0
        if made:
            map_changed(figures=False)
    return made


def _connections(said: Sequence[Linking]) -> list[tuple[str, str, str]]:
    """Say which key is to be put into which, by which rule; two known customers are suggested."""
    aliases = [link for link in said if link.kind == "alias"]
    known = _known({a.from_key for a in aliases if not a.from_key.startswith(ANONYMOUS)})
    suspect(
        pairs=[
            (a.from_key, a.to_key, ["alias"])
            for a in aliases
            if a.from_key in known and a.from_key != a.to_key
        ]
    )
    return [
        (_anonymous(link.from_key), link.to_key, link.kind)
        for link in said
        if not (link.kind == "alias" and link.from_key in known)
        and not link.to_key.startswith(ANONYMOUS)
    ]


def _anonymous(key: str) -> str:
    return key if key.startswith(ANONYMOUS) else ANONYMOUS + key


def _known(keys: set[str]) -> set[str]:
    """Tell which keys are customers that a company named itself."""
    if not keys:
        return set()
    facts = apps.get_model("customers", "CustomerFact")._default_manager
    said = Identifier.objects.filter(raw_customer_id__in=keys)
    found = set(facts.filter(pk__in=keys).values_list("pk", flat=True))
    found |= set(said.values_list("raw_customer_id", flat=True))
    linked = Link.objects.filter(Q(into_id__in=keys) | Q(pk__in=keys))
    for pair in linked.values_list("raw_customer_id", "into_id"):
        found |= keys.intersection(pair)
    return found


def _connect(wanted: Sequence[tuple[str, str, str]]) -> int:
    """Put each key into the first customer named with it; who comes second is only noted."""
    first: dict[str, tuple[str, str]] = {}
    for key, into, rule in wanted:
        first.setdefault(key, (into, rule))
    there, roots = tree.roots_of(first), tree.roots_of({into for _key, into, _rule in wanted})
    fresh = {key: said for key, said in first.items() if key not in there}
    if fresh:
        tree.lock()
        roots = tree.roots_of({into for _key, into, _rule in wanted})
    rows = [
        Link(raw_customer_id=key, into_id=into, customer_id=roots.get(into, into), rule=rule)
        for key, (into, rule) in fresh.items()
    ]
    Link.objects.bulk_create(rows, A_PART, ignore_conflicts=True)
    owners = there | {row.raw_customer_id: row.customer_id for row in rows}
    _contest({key for key, into, _rule in wanted if owners[key] != roots.get(into, into)})
    return len(rows)


def _contest(keys: set[str]) -> None:
    if keys:
        found = Link.objects.filter(pk__in=keys, contested_at=None)
        found.update(contested_at=timezone.now())


def _join(members: Sequence[Linking]) -> None:
    rows = [
        Membership(person_id=m.from_key, account_id=m.to_key, first_seen_at=m.happened_at)
        for m in members
        if m.from_key != m.to_key
    ]
    Membership.objects.bulk_create(rows, A_PART, ignore_conflicts=True)


def _know(traits: Sequence[Describing]) -> None:
    rows = [
        Identifier(
            raw_customer_id=said.customer_key,
            kind=kind,
            value=value,
            first_seen_at=said.happened_at,
        )
        for said in traits
        for kind, value in ((IdentifierKind.EMAIL, said.email), (IdentifierKind.PHONE, said.phone))
        if value
    ]
    Identifier.objects.bulk_create(rows, A_PART, ignore_conflicts=True)
