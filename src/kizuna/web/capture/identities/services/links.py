"""The tree of keys: put one into another, take it out again; the rest of the tree follows."""

from __future__ import annotations

from collections.abc import Iterable

from kizuna.web.capture.identities.models import Link, Merge, Switch

A_PART = 500


class CircleError(Exception):
    """Raised where two keys belong to one customer already."""


def lock() -> None:
    """Let nobody else change the tree until the transaction ends."""
    Switch.objects.get_or_create(rule="tree")
    Switch.objects.select_for_update().get(rule="tree")


def root_of(key: str) -> str:
    """Say to whom a key belongs."""
    return roots_of([key]).get(key, key)


def roots_of(keys: Iterable[str]) -> dict[str, str]:
    """Say to whom each of some keys belongs; keys that stand for themselves are left out."""
    listed = list(keys)
    found: dict[str, str] = {}
    for at in range(0, len(listed), A_PART):
        kept = Link.objects.filter(pk__in=listed[at : at + A_PART])
        found.update(kept.values_list("raw_customer_id", "customer_id"))
    return found


def put(*, key: str, into: str, rule: str, merge: Merge | None = None) -> Link:
    """Put a customer with all their keys into another."""
    root = root_of(into)
    if root in (key, root_of(key)):
        raise CircleError
    link = Link.objects.create(
        raw_customer_id=key, into_id=into, customer_id=root, rule=rule, merge=merge
    )
    Link.objects.filter(customer_id=key).update(customer_id=root)
    return link


def take_out(*, key: str) -> None:
    """Let a key stand for itself again, with all that was put into it."""
    below = _below(key)
    Link.objects.filter(pk=key).delete()
    for at in range(0, len(below), A_PART):
        Link.objects.filter(pk__in=below[at : at + A_PART]).update(customer_id=key)


def _below(key: str) -> list[str]:
    found: list[str] = []
    level = [key]
    while level:
        parts = (level[at : at + A_PART] for at in range(0, len(level), A_PART))
        level = [
            str(pk)
            for part in parts
            for pk in Link.objects.filter(into_id__in=part).values_list("pk", flat=True)
        ]
        found += level
    return found
