"""Whose a key is, and to which account a customer belongs: for many customers at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kizuna.web.capture.identities.models import Link, Membership
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.profiles.models import Profile

A_BATCH = 500


def batches(keys: Iterable[str]) -> Iterator[list[str]]:
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


def accounts_of(customer_ids: Sequence[str]) -> dict[str, str]:
    """Name the accounts: as people set them, as they were brought in, as programs said."""
    mine = keys_of(customer_ids)
    found: dict[str, str] = {}
    for rows in (_said(list(mine)), _brought(list(mine)), _set(list(mine))):
        found |= {mine[key]: account for key, account in rows if account}
    now = customers_of(sorted(set(found.values())))
    return {customer_id: now[account] for customer_id, account in found.items()}


def _said(keys: list[str]) -> list[tuple[str, str]]:
    kept = Membership.objects.filter(person_id__in=keys).order_by("first_seen_at", "pk")
    return list(kept.values_list("person_id", "account_id"))


def _brought(keys: list[str]) -> list[tuple[str, str | None]]:
    kept = CustomerFact.objects.filter(pk__in=keys).exclude(parent_id=None)
    return list(kept.values_list("customer_id", "parent_id"))


def _set(keys: list[str]) -> list[tuple[str, str | None]]:
    kept = Profile.objects.filter(pk__in=keys).exclude(parent_id=None)
    return list(kept.values_list("customer_id", "parent_id"))
