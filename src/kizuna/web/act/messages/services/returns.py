"""What mailboxes bring back: heeded where it is certainly on a mail of ours, else left to a person.

Anybody may write to a mailbox. So a report stops a channel only where it carries the signature that
we put into `Message-ID`, or into the address that reports go to. Without it an address that is none
counts as a soft bounce, and a complaint is shown to a person.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.messages import reports
from kizuna.web.act.messages.models import BounceKind, Leftover, OutboxMessage, Returned
from kizuna.web.act.messages.reports import Read, Report, Sort
from kizuna.web.act.messages.services import bounces

LATELY = timedelta(days=10)
"""How long after a mail a report on it still comes."""
LEFT = {Sort.UNREADABLE: Leftover.UNREADABLE, Sort.OTHER: Leftover.NO_REPORT}


class UnknownAddressError(Exception):
    """Raised where nothing of ours went to an address."""


def take(raw: bytes, at: datetime, alone: bool) -> bool:
    """Take a mail of a mailbox; False: it is none of these, and others may read it.

    Of a mailbox that is not for reports alone, only what carries our signature is taken.
    """
    found = reports.read(raw)
    if found.sort == Sort.AUTOMATIC or (found.number is None and not alone):
        return alone
    if found.sort == Sort.OTHER and not alone:
        return False
    if found.sort in LEFT:
        _leave(found, LEFT[found.sort], Report(""), at)
    for report in found.reports:
        if why := _heed(report, at):
            _leave(found, why, report, at)
    return True


def settle(
    *, actor: Person, pk: int, kind: str, address: str = "", request: HttpRequest | None = None
) -> None:
    """Say what a mail that was left over is; no kind: it is put aside.

    Raises
    ------
    UnknownAddressError
        Where no message of ours went to the address.

    """
    if not actor.may(Role.MANAGER):
        raise PermissionDenied
    with transaction.atomic():
        found = Returned.objects.select_for_update().get(pk=pk)
        if found.done_at is not None:
            return
        said = f"{found.subject} {found.text}".strip()[:500]
        report = Report(kind, None, address.strip(), "", said)
        if kind and not bounces.note(report=report, at=timezone.now()):
            raise UnknownAddressError
        found.done_at, found.done_by = timezone.now(), actor
        found.save(update_fields=["done_at", "done_by"])
        audit(
            actor=actor, action="act.messages.returned_settled", target=str(found),
            after={"kind": kind, "address": address}, request=request,
        )  # fmt: skip


def put_aside(*, actor: Person, request: HttpRequest | None = None) -> int:
    """Put aside all that wait and are no reports, such as unsolicited mail; give how many."""
    if not actor.may(Role.MANAGER):
        raise PermissionDenied
    with transaction.atomic():
        waiting = Returned.objects.filter(done_at=None, why=Leftover.NO_REPORT)
        gone = waiting.update(done_at=timezone.now(), done_by=actor)
        audit(
            actor=actor, action="act.messages.returned_put_aside", target="returned mail",
            after={"mails": gone}, request=request,
        )  # fmt: skip
    return gone


def _heed(report: Report, at: datetime) -> str:
    """Heed a report; give why it is left to a person."""
    if report.message_id is None:
        if report.kind == BounceKind.COMPLAINT:
            return Leftover.UNSIGNED
        if not _lately(report.address, at):
            return Leftover.NOT_OURS
        report = replace(report, kind=BounceKind.SOFT.value)
    return "" if bounces.note(report=report, at=at) else Leftover.NOT_OURS


def _lately(address: str, at: datetime) -> bool:
    """Whether a mail of ours went to an address of late."""
    spellings = {address, address.lower()} - {""}
    sent = OutboxMessage.objects.filter(address__in=spellings, handed_at__gt=at - LATELY)
    return sent.exists()


def _leave(found: Read, why: str, report: Report, at: datetime) -> None:
    """Keep a mail for a person, once."""
    name = "\n".join((found.message_id, found.sender, found.subject, why, report.address))
    told = {
        "at": at, "why": why, "sender": found.sender, "address": report.address,
        "subject": found.subject, "text": found.text or report.said,
    }  # fmt: skip
    key = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()
    Returned.objects.get_or_create(key=key, defaults=told)
