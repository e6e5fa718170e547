"""Reading the audit log: searching it, and proving that nothing in it was changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from kizuna.web.accounts.models import AuditEntry, AuditHead, Person
from kizuna.web.accounts.services.redaction import is_redacted
from kizuna.web.accounts.services.trail import seal_of


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the log is whole: how many entries were read, and the first that does not hold."""

    entries: int
    broken_at: int | None = None

    @property
    def holds(self) -> bool:
        """Whether every entry is as it was written, and none is missing."""
        return self.broken_at is None


def entries(
    *,
    who: Person | None = None,
    action: str = "",
    text: str = "",
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[AuditEntry]:
    """Find entries, the latest first; days are those of the reader's time zone."""
    found = AuditEntry.objects.select_related("actor").order_by("-number")
    if who:
        found = found.filter(actor=who)
    if action:
        found = found.filter(action__startswith=action)
    if text:
        places = ("target", "before_text", "after_text", "address")
        found = found.filter(_any_contains(places, text))
    if since:
        found = found.filter(at__gte=_start_of(since))
    if until:
        found = found.filter(at__lt=_start_of(until + timedelta(days=1)))
    return found


def verify() -> Verdict:
    """Read the whole chain: each entry's own seal, that of the one before, and where it ends."""
    count, seal = 0, ""
    for entry in AuditEntry.objects.order_by("number").iterator():
        count += 1
        if entry.number != count or entry.previous != seal or not _is_sealed(entry):
            return Verdict(count, count)
        seal = entry.seal
    head = AuditHead.objects.filter(pk=AuditHead.THE_ONE).first()
    at_end = (head.number, head.seal) if head else (0, "")
    return Verdict(count) if at_end == (count, seal) else Verdict(count, count + 1)


def _is_sealed(entry: AuditEntry) -> bool:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    sealed = any(constant_time_compare(entry.seal, seal_of(entry, key=str(key))) for key in keys)
    return sealed or is_redacted(entry)


def _any_contains(places: tuple[str, ...], text: str) -> Q:
    condition = Q()
    for place in places:
        condition |= Q(**{f"{place}__icontains": text})
    return condition


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
