"""Whose a key is, and to which account a customer belongs: for many customers at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from kizuna.experiments.assignment import unit_of
from kizuna.web.capture.identities.models import Link, Membership
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.profiles.models import Profile

A_BATCH = 500


def batches[T](keys: Iterable[T]) -> Iterator[list[T]]:
    """Part many keys into as many as a question may name."""
    listed = list(keys)
    return (listed[start : start + A_BATCH] for start in range(0, len(listed), A_BATCH))


def customers_of(keys: Sequence[str]) -> dict[str, str]:
    """Say to whom each key belongs."""
    links = Link.objects.filter(pk__in=keys).values_list("raw_customer_id", "customer_id")
    return {key: key for key in keys} | dict(links)


def keys_of(customer_ids: Sequence[str]) -> dict[str, str]:
    """Give every key of some customers, their own among them, each with its customer."""
    links = Link.objects.filter(customer_id__in=customer_ids)
    found = dict(links.values_list("raw_customer_id", "customer_id"))
    return found | {customer_id: customer_id for customer_id in customer_ids}


@dataclass(frozen=True)
class Who:
    """Some customers as they are now: the keys that were asked for, all keys, accounts."""

    named: Mapping[str, str]

    @classmethod
    def of(cls, keys: Sequence[str]) -> Who:
        """Look up who some keys are."""
        return cls(customers_of(keys))

    @cached_property
    def customers(self) -> list[str]:
        """Each customer once."""
        return sorted(set(self.named.values()))

    @cached_property
    def keys(self) -> dict[str, str]:
        """Every key of theirs, with its customer."""
        return keys_of(self.customers)

    def keys_of(self, customer: str) -> list[str]:
        """Give the keys of one of them, its own first."""
        return self._keys[customer]

    @cached_property
    def _keys(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {one: [] for one in self.customers}
        for key, customer in self.keys.items():
            found[customer].append(key)
        return {one: sorted(keys, key=lambda key: key != one) for one, keys in found.items()}

    def only(self, customers: Set[str]) -> Who:
        """Give some of them, without looking anything up again."""
        some = Who({key: one for key, one in self.named.items() if one in customers})
        keys = {key: one for key, one in self.keys.items() if one in customers}
        vars(some).update(keys=keys, facts=self.facts, accounts=self.accounts)
        return some

    @cached_property
    def facts(self) -> dict[str, CustomerFact]:
        """What is published of them, by key."""
        told = CustomerFact.objects.filter(pk__in=list(self.keys))
        return {fact.pk: fact for fact in told.only("customer_id", "parent_id", "residual_clv")}

    @cached_property
    def accounts(self) -> dict[str, str]:
        """Their accounts: as people set them, as they were brought in, as programs said."""
        mine = list(self.keys)
        brought = [(fact.pk, fact.parent_id) for fact in self.facts.values()]
        found = {
            self.keys[key]: account
            for rows in (_said(mine), brought, _set(mine))
            for key, account in rows
            if account
        }
        now = customers_of(sorted(set(found.values()))) if found else {}
        return {customer: now[account] for customer, account in found.items()}

    def unit(self, customer: str) -> str:
        """Give what is placed as one with a customer where treatment leaks."""
        return unit_of(customer, self.accounts.get(customer))

    def predicted(self, customer: str) -> float | None:
        """Give the value that was foretold of a customer."""
        fact = self.facts.get(customer)
        return fact.residual_clv if fact else None


def _said(keys: list[str]) -> list[tuple[str, str]]:
    kept = Membership.objects.filter(person_id__in=keys).order_by("first_seen_at", "pk")
    return list(kept.values_list("person_id", "account_id"))


def _set(keys: list[str]) -> list[tuple[str, str | None]]:
    kept = Profile.objects.filter(pk__in=keys).exclude(parent_id=None)
    return list(kept.values_list("customer_id", "parent_id"))
