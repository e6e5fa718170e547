"""New customers in the list as soon as their first event is in the tables.

The next publication writes their rows anew; until then they are known by name only.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from kizuna.jobs.drain import Batch
from kizuna.web.capture.identities.models import Link
from kizuna.web.know.customers.folds import name_key, searched
from kizuna.web.know.customers.models import CustomerFact

NOT_PUBLISHED = 0
"""Fingerprint of a row that no publication has written: whatever it writes differs."""
TOLD = ("name", "name_kana", "kind", "email", "phone", "region", "acquired_on")


def welcome(batch: Batch) -> int:
    """Put customers of a batch into the list who are not there yet; give how many are new."""
    told = _told(batch)
    if not told:
        return 0
    with transaction.atomic():
        known = dict(
            CustomerFact.objects.filter(pk__in=told).values_list("customer_id", "fingerprint")
        )
        others = set(
            Link.objects.filter(raw_customer_id__in=told).values_list("raw_customer_id", flat=True)
        )
        new = [_row(key, told[key]) for key in told if key not in known and key not in others]
        CustomerFact.objects.bulk_create(new, ignore_conflicts=True)
        for key in (k for k, print_ in known.items() if print_ == NOT_PUBLISHED and told[k]):
            _add_to(key, told[key])
    return len(new)


def _told(batch: Batch) -> dict[str, dict[str, Any]]:
    """Give what a batch tells of each customer; nothing but the name of the key is enough."""
    accounts = {link.to_key for link in batch.links if link.kind == "member"}
    told: dict[str, dict[str, Any]] = {key: {} for key in sorted(batch.users | accounts)}
    for traits in batch.traits:
        if traits.customer_key in told:
            said = {name: getattr(traits, name) for name in TOLD}
            told[traits.customer_key] |= {k: v for k, v in said.items() if v is not None}
    for key in accounts:
        told[key]["kind"] = "company"
    return told


def _add_to(key: str, said: dict[str, Any]) -> None:
    """Add what came later to a row that no publication has written yet."""
    row = CustomerFact.objects.get(pk=key)
    merged = {name: said.get(name, getattr(row, name)) for name in TOLD}
    CustomerFact.objects.filter(pk=key).update(**merged, **_found_by(key, merged))


def _row(key: str, said: dict[str, Any]) -> CustomerFact:
    values: dict[str, Any] = {"kind": "person"} | said
    return CustomerFact(
        customer_id=key, fingerprint=NOT_PUBLISHED, **values, **_found_by(key, values)
    )


def _found_by(key: str, said: dict[str, Any]) -> dict[str, Any]:
    texts: Iterable[str | None] = (said.get(n) for n in ("name", "name_kana", "email", "phone"))
    return {
        "folded": searched(key, *texts),
        "name_key": name_key(said.get("name"), said.get("name_kana")),
    }
