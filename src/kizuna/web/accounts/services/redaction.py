"""Taking the name of somebody who was erased out of the audit log, which holds all the same."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.crypto import constant_time_compare, salted_hmac

from kizuna.web.accounts.models import AuditEntry, AuditRedaction
from kizuna.web.accounts.services.trail import seal_of

GONE = "[erased]"
GONE_VALUES = '{"erased": true}'
PLACES = ("target", "before_text", "after_text")


def redact(*, ids: Sequence[str], texts: Sequence[str], patterns: Sequence[str] = ()) -> int:
    """Take somebody's keys, and texts that name her, out of all entries; give how many it were.

    What is said in an entry about her goes as a whole; of an entry about others, her name.
    `patterns` find what may be written in several ways.
    """
    hers = _about(ids)
    naming = Q()
    for text in texts:
        for place in PLACES:
            naming |= Q(**{f"{place}__icontains": text})
    for pattern in patterns:
        for place in PLACES:
            naming |= Q(**{f"{place}__iregex": pattern})
    if not hers and not naming:
        return 0
    # her entries are known by their numbers before the first is changed
    about = set(AuditEntry.objects.filter(hers).values_list("pk", flat=True)) if hers else set()
    found = AuditEntry.objects.filter(hers | naming).values_list("pk", flat=True)
    longest_first = sorted(texts, key=len, reverse=True)
    names = [*map(re.escape, longest_first), *patterns]
    for number in list(found):
        _redacted(number, names, whole=number in about)
    return len(found)


def is_redacted(entry: AuditEntry) -> bool:
    """Whether an entry says what it said after her name was taken out, and nothing else."""
    kept = AuditRedaction.objects.filter(pk=entry.pk).first()
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return kept is not None and any(
        constant_time_compare(kept.seal, _seal(entry, str(key))) for key in keys
    )


def _about(ids: Sequence[str]) -> Q:
    """Find entries whose target is one of her keys, alone or called a customer."""
    found = Q()
    for key in ids:
        found |= Q(target=key) | Q(target=f"customer {key}")
    return found


@transaction.atomic
def _redacted(number: int, names: Sequence[str], *, whole: bool) -> None:
    entry = AuditEntry.objects.select_for_update().get(pk=number)
    if whole:
        entry.target = GONE
        entry.before_text = entry.before_text and GONE_VALUES
        entry.after_text = entry.after_text and GONE_VALUES
    else:
        for place in PLACES:
            setattr(entry, place, _without(getattr(entry, place), names))
    said = {place: getattr(entry, place) for place in PLACES}
    # past the manager that refuses: the only place in the code that changes an entry
    AuditEntry._base_manager.filter(pk=number).update(**said)
    seal = _seal(entry, str(settings.SECRET_KEY))
    AuditRedaction.objects.update_or_create(pk=number, defaults={"seal": seal})


def _without(text: str | None, names: Sequence[str]) -> str | None:
    if not text or not names:
        return text
    return re.sub("|".join(names), GONE, text, flags=re.IGNORECASE)


def _seal(entry: AuditEntry, key: str) -> str:
    """Seal what the entry says now together with its own seal, which holds the chain."""
    text = f"{seal_of(entry, key=key)} {entry.seal}"
    return salted_hmac("kizuna.audit.redaction", text, secret=key, algorithm="sha256").hexdigest()
