"""Writes: trying again what was refused, and the record that it was or that it was exported."""

from __future__ import annotations

import base64
from contextlib import closing

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.capture.events import queries
from kizuna.web.capture.events.queries import Rejected
from kizuna.web.capture.inbox import Arrival, open_inbox

REPLAY = "?replay="


class NotThereError(LookupError):
    """The message is not among those refused: it was tried again meanwhile."""


def replay(*, actor: Person, code: str, request: HttpRequest | None = None) -> int:
    """Try all that were refused for a reason again, as they came; give how many."""
    _members_only(actor)
    found = list(queries.rejects(code, limit=None))
    _send(actor, {"code": code, "messages": len(found)}, [(r, _body(r)) for r in found], request)
    return len(found)


def correct(
    *, actor: Person, reject_id: str, body: str, request: HttpRequest | None = None
) -> None:
    """Try one message again as a person has corrected it; it keeps its place in time."""
    _members_only(actor)
    found = queries.reject(reject_id)
    if found is None:
        raise NotThereError(reject_id)
    _send(actor, {"message": reject_id}, [(found, body.encode())], request)


def export(*, actor: Person, request: HttpRequest | None = None) -> None:
    """Record that messages leave the application."""
    _members_only(actor)
    with transaction.atomic():
        audit(actor=actor, action="capture.rejects.exported", target="rejects", request=request)


def _send(
    actor: Person,
    said: dict[str, object],
    messages: list[tuple[Rejected, bytes]],
    request: HttpRequest | None,
) -> None:
    arrivals = [
        Arrival(r.received_at, int(r.key_id), f"{r.path}{REPLAY}{r.reject_id}", body)
        for r, body in messages
    ]
    with transaction.atomic():
        audit(
            actor=actor,
            action="capture.rejects.replayed",
            target="rejects",
            after=said,
            request=request,
        )
        if arrivals:
            with closing(open_inbox()) as inbox:
                inbox.append(arrivals)


def _body(found: Rejected) -> bytes:
    return base64.b64decode(found.body) if found.is_base64 else found.body.encode()


def _members_only(actor: Person) -> None:
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
