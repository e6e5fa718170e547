"""Words that people, programs and files bring: checked one by one, each recorded once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.capture.consents import queries
from kizuna.web.capture.consents.models import (
    Basis,
    Channel,
    Consent,
    Purpose,
    Source,
    Status,
    Topic,
    Wording,
)

A_BATCH = 1_000
AHEAD = timedelta(minutes=5)
"""So far may the clock of whoever sends be ahead of ours."""

PROBLEMS: dict[str, Promise] = {
    "customer": _("The customer is missing, or longer than 500 characters."),
    "purpose": _("There is no such purpose."),
    "topic": _("The purpose has no such topic."),
    "channel": _("There is no such channel."),
    "status": _("The status is to be granted, denied or withdrawn."),
    "basis": _("There is no such basis, or it does not go with a no."),
    "scope": _("A yes has to name a purpose and a channel."),
    "future": _("The moment is yet to come."),
    "wording": _("The purpose has no wording of this version."),
    "moment": _("The moment is missing or cannot be read."),
    "erased": _("The customer was erased."),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A word as it is brought: purpose and topic by their codes."""

    customer_id: str
    status: str
    purpose: str = ""
    channel: str = ""
    topic: str = ""
    basis: str = Basis.CONSENT
    decided_at: datetime | None = None
    wording_version: int | None = None
    proof: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many words are new, how many were known, and which were refused, why."""

    recorded: int
    known: int
    refused: list[tuple[int, str]]


class RefusedError(Exception):
    """Raised for a word that cannot be recorded; `code` is one of PROBLEMS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def record(*, actor: Person, said: Said, request: HttpRequest | None = None) -> Consent:
    """Record what a customer told a person.

    Raises
    ------
    RefusedError
        When it cannot be.

    """
    _must(actor)
    with transaction.atomic():
        made = Known().consent(said, Source.PERSON, actor, timezone.now())
        made.save()
        entered(made, actor, request)
    return made


def record_many(
    *, actor: Person, said: Iterable[Said], source: str, request: HttpRequest | None = None,
    only_check: bool = False, file: str = "",
) -> Outcome:  # fmt: skip
    """Record what programs and files say, all that is good in one transaction."""
    _must(actor)
    with transaction.atomic():
        good, refused = _sorted(said, source, actor)
        new = _unknown(good)
        if not only_check:
            Consent.objects.bulk_create(new, batch_size=A_BATCH, ignore_conflicts=True)
            told = {"recorded": len(new), "known": len(good) - len(new), "refused": len(refused)}
            audit(
                actor=actor, action="capture.consents.brought", target=file or source,
                after=told, request=request,
            )  # fmt: skip
    return Outcome(len(new), len(good) - len(new), refused)


def entered(made: Consent, actor: Person | None, request: HttpRequest | None) -> None:
    """Put a word into the audit log, which shows whether it was changed later."""
    said = queries.as_record(made)
    kept = {n: v for n, v in said.items() if v is not None and not n.startswith("wording_")}
    audit(
        actor=actor, action=f"capture.consent.{made.status}",
        target=f"customer {made.customer_id}", after=kept, request=request,
    )  # fmt: skip


class Known:
    """What words may refer to, read once for many of them."""

    def __init__(self) -> None:
        self.purposes = {p.code: p for p in Purpose.objects.all()}
        self.topics = {(t.purpose_id, t.code): t for t in Topic.objects.all()}
        self.wordings = {(w.purpose_id, w.version): w for w in Wording.objects.all()}

    def consent(self, said: Said, source: str, actor: Person | None, now: datetime) -> Consent:
        """Make a row of a word, or raise RefusedError."""
        check(said, now)
        purpose = self._found(self.purposes, said.purpose, "purpose")
        about = purpose.pk if purpose else None
        topic = self._found(self.topics, (about, said.topic) if said.topic else "", "topic")
        version = said.wording_version
        wording = self._found(self.wordings, (about, version) if version else "", "wording")
        return Consent(
            customer_id=said.customer_id, purpose=purpose, channel=said.channel, topic=topic,
            status=said.status, basis=said.basis, decided_at=min(said.decided_at or now, now),
            recorded_at=now, source=source, wording=wording, proof=dict(said.proof),
            recorded_by=actor,
        )  # fmt: skip

    def _found(self, known: Mapping[Any, Any], name: Any, code: str) -> Any:
        if not name:
            return None
        if name not in known:
            raise RefusedError(code)
        return known[name]


def check(said: Said, now: datetime) -> None:
    """Refuse what no database would take, with a word for people."""
    yes = said.status == Status.GRANTED
    wrong = {
        "customer": not 0 < len(said.customer_id.strip()) <= 500 or "\x00" in said.customer_id,
        "status": said.status not in Status.values,
        "basis": said.basis not in Basis.values or (said.basis != Basis.CONSENT and not yes),
        "channel": said.channel not in ("", *Channel.values),
        "scope": yes and not (said.purpose and said.channel),
        "topic": bool(said.topic) and not said.purpose,
        "future": said.decided_at is not None and said.decided_at > now + AHEAD,
    }
    for code, is_wrong in wrong.items():
        if is_wrong:
            raise RefusedError(code)


def _sorted(
    said: Iterable[Said], source: str, actor: Person
) -> tuple[list[Consent], list[tuple[int, str]]]:
    known, now = Known(), timezone.now()
    good: list[tuple[int, Consent]] = []
    refused: list[tuple[int, str]] = []
    for number, one in enumerate(said):
        try:
            made = known.consent(one, source, actor, now)
        except RefusedError as error:
            refused.append((number, error.code))
            continue
        # what says no moment is said now, each time it is sent
        made.key = _key(one) if one.decided_at else None
        good.append((number, made))
    gone = queries.erased(made.customer_id for _n, made in good)
    refused += [(n, "erased") for n, made in good if made.customer_id in gone]
    return [made for _n, made in good if made.customer_id not in gone], sorted(refused)


def _unknown(good: Sequence[Consent]) -> list[Consent]:
    """Keep those that are not recorded yet, each once."""
    keys = [made.key for made in good if made.key]
    known: set[str | None] = set()
    for start in range(0, len(keys), A_BATCH):
        part = keys[start : start + A_BATCH]
        known |= set(Consent.objects.filter(key__in=part).values_list("key", flat=True))
    once = {made.key or id(made): made for made in good}
    return [made for made in once.values() if not made.key or made.key not in known]


def _key(said: Said) -> str:
    parts = {n: v for n, v in asdict(said).items() if n not in {"proof", "wording_version"}}
    assert said.decided_at is not None
    parts["decided_at"] = said.decided_at.timestamp()
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _must(actor: Person) -> None:
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
