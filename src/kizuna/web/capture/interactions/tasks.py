"""What the worker does for sources of contacts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kizuna.web.capture.interactions import mail, queries
from kizuna.web.capture.interactions.imap import MailboxError
from kizuna.web.capture.interactions.models import Mailbox
from kizuna.web.jobs.tasks import job


@job(title=_("Read a mailbox"), unique=lambda pk: f"mailbox {pk}")
def read_one(pk: int) -> int:
    """Read what is new in a mailbox; give how many contacts came of it."""
    mailbox = Mailbox.objects.filter(pk=pk, is_on=True).first()
    if mailbox is None:
        return 0
    try:
        return mail.fetch(mailbox)
    except MailboxError as error:
        # the next look tries again; until then the page says what is wrong
        Mailbox.objects.filter(pk=pk).update(problem=error.code)
        return 0


@job(title=_("Look for new mail"), unique="mail")
def read_all() -> int:
    """Have each mailbox read."""
    found = queries.to_be_read()
    for pk in found:
        read_one.enqueue(pk)
    return len(found)
