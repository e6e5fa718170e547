"""Reads: whose a key is, the keys of a customer, the queue of duplicates, merges, rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.paginator import Page, Paginator
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from kizuna.web.capture.identities.models import (
    Identifier,
    Link,
    Membership,
    Merge,
    State,
    Suspicion,
    Switch,
)
from kizuna.web.capture.identities.rules import RULES, Rule

A_PAGE = 25
SHOWN = 20
COMPARED = (
    "name",
    "name_kana",
    "kind",
    "email",
    "phone",
    "region",
    "channel",
    "first_purchase",
    "last_purchase",
    "orders",
    "historical_value",
    "residual_clv",
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Two customers who may be one, as the queue shows them."""

    suspicion: Suspicion
    first: Any
    second: Any
    rules: list[Rule]


@dataclass(frozen=True, slots=True)
class Identity:
    """What is known of who a customer is."""

    keys: list[Link] = field(default_factory=list)
    more_keys: bool = False
    merges: list[Merge] = field(default_factory=list)
    identifiers: list[Identifier] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)
    persons: list[str] = field(default_factory=list)
    doubts: int = 0

    @property
    def exists(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.keys or self.identifiers or self.accounts or self.persons or self.doubts)


def customer_of(raw_customer_id: str) -> str:
    """Say to whom a key belongs."""
    found = Link.objects.filter(pk=raw_customer_id).values_list("customer_id", flat=True).first()
    return str(found) if found else raw_customer_id


def raw_ids(customer_id: str) -> list[str]:
    """List the keys of a customer: their own first."""
    kept = Link.objects.filter(customer_id=customer_id).order_by("raw_customer_id")
    return [customer_id, *kept.values_list("raw_customer_id", flat=True)]


def belonging(customer_id: str) -> Q:
    """Keep the rows of a customer, under whichever of their keys they were written."""
    keys = Link.objects.filter(customer_id=customer_id).values("raw_customer_id")
    return Q(customer_id=customer_id) | Q(customer_id__in=keys)


def belonging_to_any(customer_ids: Sequence[str]) -> Q:
    """Keep the rows of some customers, and of those whom people merged into them."""
    keys = Link.objects.filter(customer_id__in=customer_ids).exclude(merge=None)
    return Q(customer_id__in=customer_ids) | Q(customer_id__in=keys.values("raw_customer_id"))


def merged_into(customer_ids: Sequence[str]) -> list[str]:
    """Name the customers whom people merged into some others."""
    kept = Link.objects.filter(customer_id__in=customer_ids).exclude(merge=None)
    return list(kept.order_by("pk").values_list("pk", flat=True))


def merged_away() -> Q:
    """Keep the rows of customers whom people merged into others."""
    return Q(customer_id__in=Link.objects.exclude(merge=None).values("raw_customer_id"))


def whose() -> Coalesce:
    """Say to whom a row belongs now, whatever key is in its `customer_id`."""
    link = Link.objects.filter(pk=OuterRef("customer_id"))
    return Coalesce(Subquery(link.values("customer_id")[:1]), F("customer_id"))


def survivors_of(raw_customer_ids: QuerySet[Any]) -> QuerySet[Any]:
    """Give into whom people merged some customers."""
    kept = Link.objects.exclude(merge=None).filter(pk__in=raw_customer_ids)
    return kept.values("customer_id")


def merge_of(loser_id: str) -> Merge | None:
    """Give the merge by which a customer became part of another."""
    return Merge.objects.filter(loser_id=loser_id, undone_at=None).first()


def rules_on() -> set[str]:
    """Name the rules that are followed."""
    off = set(Switch.objects.filter(is_on=False).values_list("rule", flat=True))
    return set(RULES) - off


def rules() -> list[tuple[Rule, bool]]:
    """List every rule and whether it is followed."""
    followed = rules_on()
    return [(rule, rule.code in followed) for rule in RULES.values()]


def connected() -> dict[str, str]:
    """Give every key that belongs to another customer, with that customer."""
    pairs = Link.objects.values_list("raw_customer_id", "customer_id").order_by()
    return dict(pairs.iterator(50_000))


def queue(number: int, state: str = State.OPEN) -> tuple[Page[Suspicion], list[Doubt]]:
    """Give a page of the queue, the latest first."""
    kept = Suspicion.objects.filter(state=state).order_by("-found_at", "pk")
    page = Paginator(kept, A_PAGE).get_page(number)
    found = list(page.object_list)
    facts = facts_of({key for s in found for key in (s.first_id, s.second_id)})
    return page, [
        Doubt(s, facts[s.first_id], facts[s.second_id], [RULES[r] for r in s.rules if r in RULES])
        for s in found
    ]


def suspicion(first: str, second: str) -> Suspicion | None:
    """Give what is suspected of two customers."""
    one, other = sorted((first, second))
    return Suspicion.objects.filter(first_id=one, second_id=other).first()


def merges(number: int) -> Page[Merge]:
    """List merges, the latest first."""
    kept = Merge.objects.select_related("merged_by", "undone_by").order_by("-merged_at", "-pk")
    return Paginator(kept, A_PAGE).get_page(number)


def facts_of(customer_ids: Iterable[str]) -> dict[str, Any]:
    """Give the facts of some customers; of one who is not known yet, the key alone."""
    model, listed = apps.get_model("customers", "CustomerFact"), list(customer_ids)
    known = {fact.pk: fact for fact in model._default_manager.filter(pk__in=listed)}
    return {key: known.get(key) or model(customer_id=key) for key in listed}


def identity(customer_id: str) -> Identity:
    """Tell what is known of who a customer is."""
    links = Link.objects.filter(customer_id=customer_id)
    keys = list(links.select_related("merge").order_by("-merge", "raw_customer_id")[: SHOWN + 1])
    mine = [customer_id, *(link.raw_customer_id for link in keys)]
    said = Identifier.objects.filter(raw_customer_id__in=mine).order_by("kind", "value")
    return Identity(
        keys=keys[:SHOWN],
        more_keys=len(keys) > SHOWN,
        merges=[link.merge for link in keys if link.merge],
        identifiers=list({(i.kind, i.value): i for i in said[:SHOWN]}.values()),
        **_belonging(mine),
        doubts=_doubts(customer_id),
    )


def _belonging(mine: list[str]) -> dict[str, list[str]]:
    """Name the accounts that a customer belongs to, and the persons who belong to it."""
    of_person, of_account = Q(person_id__in=mine), Q(account_id__in=mine)
    kept = Membership.objects.filter(of_person | of_account).order_by("-first_seen_at")
    found = list(kept.values_list("person_id", "account_id")[: 2 * SHOWN])
    accounts = [account for person, account in found if person in mine]
    persons = [person for person, account in found if account in mine]
    now = _now([*accounts, *persons])
    return {
        "accounts": list(dict.fromkeys(now.get(key, key) for key in accounts)),
        "persons": list(dict.fromkeys(now.get(key, key) for key in persons)),
    }


def _now(keys: list[str]) -> dict[str, str]:
    kept = Link.objects.filter(pk__in=keys) if keys else Link.objects.none()
    return dict(kept.values_list("raw_customer_id", "customer_id"))


def _doubts(customer_id: str) -> int:
    open_ones = Suspicion.objects.filter(state=State.OPEN)
    first, second = open_ones.filter(first_id=customer_id), open_ones.filter(second_id=customer_id)
    return first.union(second, all=True).count()
