"""What came back: reports of mail servers (RFC 3464) and complaints (RFC 5965), read and heeded."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta

from django.db import transaction

from kizuna.web.act.gate.models import Cause
from kizuna.web.act.messages import gating, reports
from kizuna.web.act.messages.models import Bounce, BounceKind, Channel, OutboxMessage
from kizuna.web.act.messages.reports import Report

__all__ = ["Report", "note", "read"]

SOFT_ONES, WITHIN = 3, timedelta(days=30)
"""So many soft bounces within so many days, and the address counts as one that is none."""
ABOUT_US = r"^[45]\.7\."
"""Refused for what we are or wrote: it says nothing about the address."""


def read(raw: bytes) -> list[Report]:
    """Read a report as mail servers send it; [] for any other mail."""
    return list(reports.read(raw).reports)


def note(*, report: Report, at: datetime, channel: str = Channel.EMAIL) -> bool:
    """Keep what came back, once, and write no more to whom it says so.

    False: it is on no message of ours.
    """
    with transaction.atomic():
        message = _message(report, channel)
        if message is None:
            return False
        parts = (message.pk, report.kind, report.status, report.said)
        key = hashlib.sha256(repr(parts).encode()).hexdigest()
        told = {
            "message": message, "customer_id": message.customer_id, "channel": message.channel,
            "kind": report.kind, "status": report.status[:20], "said": report.said[:500], "at": at,
        }  # fmt: skip
        _bounce, is_new = Bounce.objects.get_or_create(key=key, defaults=told)
        if is_new and (cause := _cause(message, report, at)):
            said = f"{report.status} {report.said}".strip()[:300]
            gating.suppress(message.customer_id, message.channel, cause, said)
    return True


def _message(report: Report, channel: str) -> OutboxMessage | None:
    rows = OutboxMessage.objects.exclude(handed_at=None)
    if report.message_id is not None:
        return rows.filter(pk=report.message_id).first()
    if not report.address:
        return None
    spellings = {report.address, report.address.lower()}
    mine = rows.filter(address__in=spellings, channel=channel)
    return mine.order_by("-handed_at").first()


def _cause(message: OutboxMessage, report: Report, at: datetime) -> Cause | None:
    if report.kind == BounceKind.COMPLAINT:
        return Cause.COMPLAINT
    if report.kind == BounceKind.HARD:
        return Cause.BOUNCE
    if re.match(ABOUT_US, report.status):
        return None
    soft = Bounce.objects.filter(
        customer_id=message.customer_id, channel=message.channel, kind=BounceKind.SOFT,
        at__gt=at - WITHIN,
    ).exclude(status__regex=ABOUT_US)  # fmt: skip
    return Cause.BOUNCE if soft.count() >= SOFT_ONES else None
