"""From a mailbox to contacts: whose a mail is, in which direction, in which thread."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from kizuna.pipeline.capture.contacts import Contact
from kizuna.pipeline.capture.mails import Mail, read_mail
from kizuna.web.capture.interactions import hooks, imap, queries
from kizuna.web.capture.interactions.models import Mailbox, Stranger, Use
from kizuna.web.capture.interactions.taking import keep

RETRIED = 500
"""Mails of strangers that are looked at again each time, the newest first."""


@dataclass(slots=True)
class Sorted:
    """What became of some mails."""

    contacts: list[Contact] = field(default_factory=list)
    strangers: list[tuple[int, str]] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)
    automatic: int = 0
    returned: int = 0


def fetch(mailbox: Mailbox) -> int:
    """Read what is new in a mailbox; give how many contacts came of it.

    A mail is kept before it is remembered as read: after a crash it is read once more, and is the
    same contact.
    """
    with imap.opened(mailbox) as box:
        if mailbox.validity != box.validity:
            _begin_anew(mailbox, box.validity)
        count = _known_now(mailbox, box)
        uids = box.uids(mailbox.last_uid, mailbox.since_on)
        for start in range(0, len(uids), imap.AT_ONCE):
            part = uids[start : start + imap.AT_ONCE]
            count += _take(mailbox, list(box.mails(part)), last=part[-1])
    Mailbox.objects.filter(pk=mailbox.pk).update(read_at=timezone.now(), problem="")
    return count


def sort(mailbox: Mailbox, mails: Sequence[tuple[int, bytes]], now: datetime) -> Sorted:
    """Tell whose some mails are; what came back is taken by whom it is for."""
    alone = mailbox.use == Use.RETURNS
    back = {uid for uid, content in mails if hooks.taken(content, now, alone=alone)}
    if alone:
        return Sorted(returned=len(back))
    read = [(uid, read_mail(content)) for uid, content in mails if uid not in back]
    own = {address.lower() for address in mailbox.addresses}
    owners = queries.holders(a for _uid, mail in read for a in (mail.sender, *mail.receivers))
    found = Sorted(returned=len(back))
    for uid, mail in read:
        others = [a for a in _others(mail, own) if a not in own]
        customers = [owners[a].customer_id for a in others if a in owners]
        contacts = [
            _contact(mailbox, mail, customer, mail.sender in own, now)
            for customer in dict.fromkeys(filter(None, customers))
        ]
        if mail.is_automatic:
            found.automatic += 1
        elif contacts:
            found.contacts += contacts
            found.taken.append(uid)
        elif others:
            found.strangers.append((uid, others[0][:320]))
    return found


def _others(mail: Mail, own: set[str]) -> Iterator[str]:
    """Give who wrote to us, or to whom we wrote."""
    yield from mail.receivers if mail.sender in own else [mail.sender] if mail.sender else []


def _contact(mailbox: Mailbox, mail: Mail, customer: str, is_ours: bool, now: datetime) -> Contact:
    name = "\n".join((mail.message_id, mail.sender, customer))
    return Contact(
        interaction_id=f"mail-{hashlib.sha256(name.encode()).hexdigest()[:40]}",
        customer_key=customer,
        happened_at=min(mail.happened_at or now, now),
        channel="mail",
        direction="out" if is_ours else "in",
        case_id=f"mail-{hashlib.sha256(mail.thread.encode()).hexdigest()[:40]}",
        agent=(mail.sender_name or mail.sender)[:200] if is_ours else None,
        subject=mail.subject or None,
        text=mail.text or None,
        wait_seconds=None,
        minutes=None,
        transfers=None,
        outcome=None,
        custom=None,
        source=f"mailbox {mailbox.pk}",
        received_at=now,
        row_no=0,
    )


def _begin_anew(mailbox: Mailbox, validity: int) -> None:
    """The server has numbered its mails anew: what is read again is the same contacts."""
    with transaction.atomic():
        Stranger.objects.filter(mailbox=mailbox).delete()
        mailbox.validity, mailbox.last_uid = validity, 0
        mailbox.save(update_fields=["validity", "last_uid"])


def _known_now(mailbox: Mailbox, box: imap.Opened) -> int:
    """Read the mails of strangers who are customers by now."""
    waiting = dict(
        Stranger.objects.filter(mailbox=mailbox)
        .order_by("-at", "-pk")
        .values_list("uid", "email")[:RETRIED]
    )
    owners = queries.holders(waiting.values())
    known = sorted(uid for uid, email in waiting.items() if owners[email].customer_id)
    return sum(
        _take(mailbox, list(box.mails(known[start : start + imap.AT_ONCE])), last=0)
        for start in range(0, len(known), imap.AT_ONCE)
    )


def _take(mailbox: Mailbox, mails: Sequence[tuple[int, bytes]], *, last: int) -> int:
    now = timezone.now()
    found = sort(mailbox, mails, now)
    keep(found.contacts)
    with transaction.atomic():
        Stranger.objects.filter(mailbox=mailbox, uid__in=found.taken).delete()
        Stranger.objects.bulk_create(
            [Stranger(mailbox=mailbox, uid=u, email=e, at=now) for u, e in found.strangers],
            ignore_conflicts=True,
        )
        mailbox.last_uid = max(mailbox.last_uid, last)
        Mailbox.objects.filter(pk=mailbox.pk).update(
            last_uid=mailbox.last_uid,
            taken=F("taken") + len(found.contacts),
            automatic=F("automatic") + found.automatic,
            returned=F("returned") + found.returned,
        )
    return len(found.contacts)
