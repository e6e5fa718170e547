"""What customers are called, for the rows of published tables, which know them by their id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kizuna.web.know.customers.models import CustomerFact


def names_of(customer_ids: Iterable[str]) -> dict[str, str]:
    """Name customers, those without a name by their id; who is not known is left out."""
    kept = CustomerFact.objects.filter(pk__in=set(customer_ids))
    return {key: name or key for key, name in kept.values_list("customer_id", "name")}


def named(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Add to each row its customer's `name`, the id where there is none."""
    found = list(rows)
    names = names_of(row["customer_id"] for row in found) if found else {}
    return [{**row, "name": names.get(row["customer_id"], row["customer_id"])} for row in found]
