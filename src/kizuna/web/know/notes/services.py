"""Writes: notes, and who is mentioned in them; each checks, changes and records."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.know.notes.mentions import mentioned
from kizuna.web.know.notes.models import Mention, Note


class ChangedMeanwhileError(Exception):
    """Raised where someone has changed the note since it was read; nothing is written."""


def write(
    *, actor: Person, customer_id: str, text: str, request: HttpRequest | None = None
) -> Note:
    """Write a note; who is mentioned sees it among their mentions."""
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        note = Note.objects.create(customer_id=customer_id, text=text, author=actor)
        _mention(note)
        _record(actor, "written", note, None, request)
    return note


def change(
    *, actor: Person, note_id: int, version: int, text: str, request: HttpRequest | None = None
) -> Note:
    """Change a note of one's own, if it is still at the version that was seen."""
    with transaction.atomic():
        note = _own(actor, note_id)
        if note.version != version:
            raise ChangedMeanwhileError
        before, note.text = note.text, text
        note.version, note.edited_at = version + 1, timezone.now()
        note.save(update_fields=["text", "version", "edited_at"])
        _mention(note)
        _record(actor, "changed", note, before, request)
    return note


def remove(*, actor: Person, note_id: int, request: HttpRequest | None = None) -> str:
    """Take a note away; give whose customer it was about."""
    with transaction.atomic():
        note = _own(actor, note_id)
        _record(actor, "removed", note, note.text, request)
        note.delete()
    return note.customer_id


def see(*, actor: Person) -> None:
    """Note that a person has seen their mentions; their own reading is no change of the record."""
    Mention.objects.filter(person=actor, seen_at=None).update(seen_at=timezone.now())


def may_change(actor: Person, note: Note) -> bool:
    """Whether a person may change a note: their own, or, for a manager, any."""
    return actor.may(Role.MEMBER) and (note.author_id == actor.pk or actor.may(Role.MANAGER))


def _own(actor: Person, note_id: int) -> Note:
    note = Note.objects.select_for_update().get(pk=note_id)
    if not may_change(actor, note):
        raise PermissionDenied
    return note


def _mention(note: Note) -> None:
    """Keep who is mentioned now; who was mentioned before is not told a second time."""
    people = mentioned(note.text, Person.objects.filter(is_active=True))
    Mention.objects.filter(note=note).exclude(person__in=people).delete()
    rows = [Mention(note=note, person=person) for person in people]
    Mention.objects.bulk_create(rows, ignore_conflicts=True)


def _record(
    actor: Person, verb: str, note: Note, before: str | None, request: HttpRequest | None
) -> None:
    audit(
        actor=actor,
        action=f"know.note.{verb}",
        target=f"customer {note.customer_id}",
        before=None if before is None else {"note": note.pk, "text": before},
        after=None if verb == "removed" else {"note": note.pk, "text": note.text},
        request=request,
    )
