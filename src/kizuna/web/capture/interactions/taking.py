"""Taking contacts in: read, put to their customer, and kept in the inbox before it is answered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from kizuna.jobs.drain import CONTACTS
from kizuna.pipeline.capture.contacts import Contact, body_of, contact
from kizuna.pipeline.capture.messages.rows import Refused
from kizuna.web.accounts.secrecy import reveal
from kizuna.web.capture.inbox import Arrival, open_inbox
from kizuna.web.capture.interactions import mapping, queries, signatures
from kizuna.web.capture.interactions.models import Hook, Refusal, Scheme
from kizuna.web.capture.interactions.queries import Holder

MOST_BYTES = 1_000_000
MOST_REFUSED = 5_000
"""Refusals that a hook keeps; beyond, it takes nothing, and whoever calls tries again later."""


class UnsignedError(Exception):
    """What came is not signed by who knows the secret."""


class FullError(Exception):
    """So much was refused that a person has to look first."""


@dataclass(slots=True)
class Read:
    """What became of items: contacts, and those refused with their place."""

    contacts: list[Contact] = field(default_factory=list)
    refused: list[tuple[int, Any, Refused]] = field(default_factory=list)


def keep(contacts: Sequence[Contact]) -> None:
    """Keep contacts; once this returns they outlast a loss of power."""
    if contacts:
        arrival = Arrival(timezone.now(), 0, CONTACTS, body_of(list(contacts)))
        with closing(open_inbox()) as inbox:
            inbox.append([arrival])


def read(items: Iterable[Any], *, source: str, prefix: str = "", now: datetime) -> Read:
    """Read items as contacts; each stands or falls by itself."""
    given, found = list(items), Read()
    owners = queries.holders(
        item["email"] for item in given if isinstance(item, dict) and _by_mail(item)
    )
    for place, item in enumerate(given):
        try:
            made = contact(_owned(item, owners), source=source, received_at=now)
        except Refused as why:
            found.refused.append((place, item, why))
        else:
            found.contacts.append(made._replace(interaction_id=prefix + made.interaction_id))
    return found


def take(*, hook: Hook, headers: Mapping[str, str], body: bytes) -> Read:
    """Take what a program sent to a hook.

    Raises
    ------
    UnsignedError
        Where the signature is missing, wrong or old.
    FullError
        Where too much was refused already.

    """
    now = timezone.now()
    if not _is_signed(hook, headers, body, now.timestamp()):
        Hook.objects.filter(pk=hook.pk).update(unsigned=F("unsigned") + 1, unsigned_at=now)
        raise UnsignedError
    if hook.refusals.count() >= MOST_REFUSED:
        raise FullError
    found = read_body(hook, body, now)
    refuse(hook, found, now)
    keep(found.contacts)
    count = F("taken") + len(found.contacts)
    Hook.objects.filter(pk=hook.pk).update(taken=count, last_at=now)
    return found


def read_body(hook: Hook, body: bytes, now: datetime) -> Read:
    """Read a body by the mapping of a hook; one that cannot be read is refused whole."""
    try:
        items = list(mapping.items(_json(body), hook.items))
    except Refused as why:
        return Read(refused=[(0, body.decode("utf-8", "replace"), why)])
    return read_items(hook, items, now)


def read_items(hook: Hook, items: Sequence[Any], now: datetime) -> Read:
    """Read the parts of a body; what is refused is given as it came."""
    found, given, places = Read(), [], []
    for place, item in enumerate(items):
        try:
            given.append(mapping.mapped(item, hook.mapping))
            places.append(place)
        except Refused as why:
            found.refused.append((place, item, why))
    made = read(given, source=f"webhook {hook.pk}", prefix=f"webhook-{hook.pk}:", now=now)
    found.contacts = made.contacts
    found.refused += [(places[at], items[places[at]], why) for at, _item, why in made.refused]
    return found


def refuse(hook: Hook, found: Read, now: datetime) -> None:
    """Keep what was refused, as it came, once."""
    rows = []
    for _place, item, why in found.refused:
        body = item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
        body = body.replace("\0", "�")
        digest = hashlib.sha256(body.encode("utf-8", "replace")).hexdigest()
        rows.append(
            Refusal(hook=hook, at=now, code=why.code, field=why.field, body=body, digest=digest)
        )
    with transaction.atomic():
        Refusal.objects.bulk_create(rows, 500, ignore_conflicts=True)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_no_number)
    except RecursionError:
        raise Refused("too_deep") from None
    except ValueError:
        raise Refused("not_json") from None


def _no_number(_text: str) -> Any:
    raise ValueError


def _is_signed(hook: Hook, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    secret = reveal(hook.hidden_secret)
    if hook.scheme == Scheme.STANDARD:
        return signatures.standard(secret, headers, body, now)
    return signatures.simple(
        secret,
        headers,
        body,
        now,
        signature_header=hook.signature_header,
        timestamp_header=hook.timestamp_header,
    )


def _by_mail(item: dict[str, Any]) -> bool:
    return isinstance(item.get("email"), str) and item.get("customer_id") in (None, "")


def _owned(item: Any, owners: Mapping[str, Holder]) -> dict[str, Any]:
    """Name the customer of a contact that says a mail address instead."""
    if not isinstance(item, dict):
        raise Refused("not_object")
    said = {name: value for name, value in item.items() if name != "email"}
    if not _by_mail(item):
        return said
    owner = owners.get(item["email"].strip().lower(), Holder())
    if not owner.customer_id:
        raise Refused("several_customers" if owner.several else "unknown_customer", "email")
    return {**said, "customer_id": owner.customer_id}
