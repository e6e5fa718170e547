"""What came back: reports of mail servers (RFC 3464) and complaints (RFC 5965), read and heeded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

from django.db import transaction

from kizuna.web.act.gate.models import Cause
from kizuna.web.act.messages import gating
from kizuna.web.act.messages.models import Bounce, BounceKind, Channel, OutboxMessage
from kizuna.web.act.messages.tracking import marked

LARGEST = 1_000_000
SOFT_ONES, WITHIN = 3, timedelta(days=30)
"""So many soft bounces within so many days, and the address counts as one that is none."""
FULL = re.compile(r"[45]\.2\.[12]|[45]\.3\.|4\.")
STATUS = re.compile(r"\b([245]\.[0-9]{1,3}\.[0-9]{1,3})\b")


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says: of which mail or address, how it came back, in which words."""

    kind: str
    message_id: int | None = None
    address: str = ""
    status: str = ""
    said: str = ""


def read(raw: bytes) -> list[Report]:
    """Read a report as mail servers send it; [] for any other mail."""
    mail = message_from_bytes(raw[:LARGEST], policy=policy.default)
    whole = raw[:LARGEST].decode("utf-8", "replace")
    number = marked(whole)
    parts = list(mail.walk())
    if any(p.get_content_type() == "message/feedback-report" for p in parts):
        return [Report(BounceKind.COMPLAINT, number, _complained(parts), "", "complaint")]
    status = (p for p in parts if p.get_content_type() == "message/delivery-status")
    return [report for part in status for report in _recipients(part, number)]


def _recipients(part: Any, number: int | None) -> list[Report]:
    """Read the blocks of a delivery report: the first is the server's, the others recipients'."""
    blocks = part.get_payload()
    found = []
    for block in blocks if isinstance(blocks, list) else []:
        action = str(block.get("Action", "")).strip().lower()
        if action not in ("failed", "delayed"):
            continue
        status = _status(str(block.get("Status", "")))
        said = " ".join(str(block.get("Diagnostic-Code", "")).split())[:500]
        to = str(block.get("Final-Recipient") or block.get("Original-Recipient") or "")
        found.append(Report(_kind(action, status), number, _address(to), status, said))
    return found


def _status(text: str) -> str:
    found = STATUS.search(text)
    return found[1] if found else ""


def _kind(action: str, status: str) -> str:
    """A full mailbox, a server with no room and what is only late are soft."""
    if action == "delayed" or FULL.match(status):
        return BounceKind.SOFT
    return BounceKind.HARD


def _address(text: str) -> str:
    return text.rpartition(";")[2].strip().strip("<>")[:320]


def _complained(parts: Sequence[Any]) -> str:
    for part in parts:
        if part.get_content_type() == "message/feedback-report":
            blocks = part.get_payload()
            block = blocks[0] if isinstance(blocks, list) and blocks else part
            return _address(str(block.get("Original-Rcpt-To", "")))
    return ""


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
    mine = rows.filter(address=report.address, channel=channel)
    return mine.order_by("-handed_at").first()


def _cause(message: OutboxMessage, report: Report, at: datetime) -> Cause | None:
    if report.kind == BounceKind.COMPLAINT:
        return Cause.COMPLAINT
    if report.kind == BounceKind.HARD:
        return Cause.BOUNCE
    soft = Bounce.objects.filter(
        customer_id=message.customer_id, channel=message.channel, kind=BounceKind.SOFT,
        at__gt=at - WITHIN,
    )  # fmt: skip
    return Cause.BOUNCE if soft.count() >= SOFT_ONES else None
