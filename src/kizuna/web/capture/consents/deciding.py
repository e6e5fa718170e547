"""Whether somebody may be written to: what was said, weighed; pure, so that it can be proven."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kizuna.web.capture.consents.models import Basis, Consent, Kind, Purpose, Status

REASONS: dict[str, Promise] = {
    "transactional": _("It is part of what was ordered; no consent is needed."),
    "granted": _("The customer has said yes."),
    "exception": _("No consent, but an exception of the law is on record."),
    "not_refused": _("The customer has not said no, and this purpose needs no yes."),
    "denied": _("The customer has said no."),
    "withdrawn": _("The customer has withdrawn the consent."),
    "never_asked": _("The customer has not said yes."),
    "unknown_purpose": _("There is no such purpose, or it is retired."),
    "unknown_topic": _("The purpose has no such topic, or it is retired."),
    "unknown_channel": _("The purpose does not use this channel."),
    "erased": _("The customer was erased."),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether, why, and the word on which it rests."""

    allowed: bool
    code: str
    word: Consent | None = None

    @property
    def reason(self) -> str:
        """Why, in the language of whoever asks."""
        return str(REASONS[self.code])


@dataclass(frozen=True, slots=True)
class Question:
    """May somebody be written to for this purpose, on this channel, about this topic, then?"""

    purpose: Purpose
    channel: str
    topic_id: int | None
    at: datetime


def decide(asked: Question, words: Iterable[Consent]) -> Decision:
    """Weigh all that a customer has said.

    A no stands until a later yes that is at least as narrow; it overrides every exception. Of a
    yes and a no at the same moment the no counts.
    """
    if asked.purpose.kind == Kind.TRANSACTIONAL:
        return Decision(True, "transactional")
    said = sorted((w for w in words if _covers(w, asked)), key=lambda w: (w.decided_at, w.pk))
    yeses = [w for w in said if w.status == Status.GRANTED and w.basis == Basis.CONSENT]
    standing = [w for w in said if w.status != Status.GRANTED and not _is_lifted(w, yeses)]
    if standing:
        return Decision(False, standing[-1].status, standing[-1])
    if yeses:
        return Decision(True, "granted", yeses[-1])
    return _unasked(asked, said)


def _unasked(asked: Question, said: list[Consent]) -> Decision:
    if exceptions := [w for w in said if w.basis != Basis.CONSENT]:
        return Decision(True, "exception", exceptions[-1])
    if asked.purpose.kind == Kind.RELATIONSHIP:
        return Decision(True, "not_refused")
    return Decision(False, "never_asked")


def _covers(word: Consent, asked: Question) -> bool:
    return (
        word.decided_at <= asked.at
        and word.purpose_id in (None, asked.purpose.pk)
        and word.channel in ("", asked.channel)
        and word.topic_id in (None, asked.topic_id)
    )


def _is_lifted(no: Consent, yeses: list[Consent]) -> bool:
    """A yes always names purpose and channel, so that only the topic can make it the wider one."""
    return any(
        yes.decided_at > no.decided_at and no.topic_id in (None, yes.topic_id) for yes in yeses
    )
