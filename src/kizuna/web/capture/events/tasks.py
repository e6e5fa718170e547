"""What the worker does for events beside draining."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kizuna.jobs import stream
from kizuna.jobs.received import RECEIVED
from kizuna.web.capture.events.places import store
from kizuna.web.jobs.services import announce
from kizuna.web.jobs.tasks import job

MANY = 20
"""Files of a table that are worth joining."""
REJECTS = "received_rejects"


@job(title=_("Join the small files of events"), unique="events.files")
def join_files() -> int:
    """Join the files that many small batches left; give of how many tables."""
    tables = store()
    many = [n for n in _received() if len(tables.files(n)) > MANY]
    for name in many:
        tables.compact(name)
    return len(many)


@job(title=_("Lay the events of each customer together"), unique="events.sort")
def sort_files() -> int:
    """Lay the rows of one customer together, so that a page finds them at once."""
    tables = store()
    sorted_ = [name for name in _received() if name in ("received_events", "received_traits")]
    for name in sorted_:
        if len(tables.files(name)) > 1:
            tables.compact(name, by="customer_key")
    return len(sorted_)


@job(title=_("Bring orders by events among the others"), unique="events.book_orders")
def book_orders() -> int:
    """Bring orders that were received into the log of orders; give how many are new."""
    found = stream.book(store(), timezone=settings.TIME_ZONE, wait=600)
    if found:
        announce("transactions_changed")
    return found


def _received() -> list[str]:
    there = store().names()
    return [
        name
        for name in sorted({*RECEIVED, stream.ORDERS, stream.CHANGES, REJECTS})
        if name in there
    ]
