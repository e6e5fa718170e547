"""Reads: the notes on a customer, and where a person is mentioned."""

from __future__ import annotations

from django.db.models import QuerySet

from kizuna.web.accounts.models import Person
from kizuna.web.capture.identities.queries import belonging
from kizuna.web.know.notes.models import Mention, Note

SHOWN = 20
MENTIONS_SHOWN = 100


def notes_on(customer_id: str, many: int = SHOWN) -> list[Note]:
    """List the latest notes on a customer."""
    kept = Note.objects.filter(belonging(customer_id)).select_related("author")
    return list(kept.order_by("-written_at", "-pk")[:many])


def note(pk: int) -> Note | None:
    """Give one note; None where there is none."""
    return Note.objects.select_related("author").filter(pk=pk).first()


def mentions_of(person: Person) -> QuerySet[Mention]:
    """List the latest notes in which a person is mentioned."""
    kept = Mention.objects.filter(person=person).select_related("note", "note__author")
    return kept.order_by("-at", "-pk")[:MENTIONS_SHOWN]
