"""The audit trail: one entry for each thing done, sealed together with the entry before it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from kizuna.web.accounts.models import AuditEntry, AuditHead, Person
from kizuna.web.accounts.origin import Origin, origin_of

SEALED = ("number", "action", "target", "before_text", "after_text", "address", "agent", "previous")


def audit(
    *,
    actor: Person | None,
    action: str,
    target: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    request: HttpRequest | None = None,
) -> AuditEntry:
    """Record that `actor` (no one: the system itself) did `action` to `target`.

    `action` is dotted, e.g. `capture.import.started`. Call it last in the transaction of the
    change: the end of the chain stays locked until the transaction ends.
    """
    origin = origin_of(request) if request else Origin(None, "")
    with transaction.atomic():
        head, _made = AuditHead.objects.select_for_update().get_or_create(id=AuditHead.THE_ONE)
        entry = AuditEntry(
            number=head.number + 1,
            at=timezone.now(),
            actor=actor,
            action=action,
            target=target[:300],
            before_text=_as_text(before),
            after_text=_as_text(after),
            address=origin.address,
            agent=origin.agent,
            previous=head.seal,
        )
        entry.seal = seal_of(entry)
        entry.save()
        head.number, head.seal = entry.number, entry.seal
        head.save()
    return entry


def seal_of(entry: AuditEntry, *, key: str | None = None) -> str:
    """Compute the seal over all that an entry says, and over the seal before it.

    It is keyed by the installation's secret, which is not in the database: whoever can only
    write to the database cannot make a new chain that holds.
    """
    said: dict[str, Any] = {name: getattr(entry, name) for name in SEALED}
    said |= {"actor": entry.actor_id, "at": entry.at.astimezone(UTC).isoformat()}
    text = json.dumps(said, sort_keys=True)
    secret = key or settings.SECRET_KEY
    return salted_hmac("kizuna.audit", text, secret=secret, algorithm="sha256").hexdigest()


def _as_text(values: Mapping[str, Any] | None) -> str | None:
    if values is None:
        return None
    text = json.dumps(values, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
