"""Reads: whether somebody may be written to, what was said, what can be said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import F, Prefetch, QuerySet
from django.utils import timezone

from kizuna.jobs.tombstones import Tombstones
from kizuna.web.capture.consents.answers import Answers
from kizuna.web.capture.consents.deciding import Decision, Question, decide
from kizuna.web.capture.consents.models import (
    Channel,
    Consent,
    Kind,
    Purpose,
    Sender,
    Topic,
    Wording,
)
from kizuna.web.capture.identities.queries import belonging, customer_of, raw_ids

A_PAGE = 50
WITH = ("purpose", "topic", "wording", "recorded_by")


@dataclass(frozen=True, slots=True)
class Box:
    """One thing that a customer may want or not: its name in forms, and how it stands."""

    purpose: Purpose
    channel: str
    topic: Topic | None
    decision: Decision

    @property
    def value(self) -> str:
        """Name it in a form."""
        return f"{self.purpose.code}/{self.channel}/{self.topic.code if self.topic else ''}"

    @property
    def label(self) -> str:
        """The channel, as people read it."""
        return str(Channel(self.channel).label)


@dataclass(frozen=True, slots=True)
class Part:
    """A purpose, or a topic of it, with its channels."""

    topic: Topic | None
    boxes: list[Box]


@dataclass(frozen=True, slots=True)
class Offer:
    """A purpose as a customer meets it."""

    purpose: Purpose
    wording: Wording | None
    parts: list[Part]

    @property
    def is_fixed(self) -> bool:
        """Whether there is nothing to choose."""
        return self.purpose.kind == Kind.TRANSACTIONAL


def may(
    customer_id: str, *, channel: str, purpose: str, topic: str = "", at: datetime | None = None
) -> Decision:
    """Say whether a customer may be written to, and why: what the contact gate asks."""
    customer = customer_of(customer_id)
    whose = dict.fromkeys([customer_id, *raw_ids(customer)], customer)
    return Answers(whose).may(customer_id, channel=channel, purpose=purpose, topic=topic, at=at)


def words(customer_id: str) -> QuerySet[Consent]:
    """Give all that a customer has said, under whichever key, the latest first."""
    said: QuerySet[Consent] = Consent.objects.filter(belonging(customer_of(customer_id)))
    return said.order_by("-decided_at", "-pk")


def history(customer_id: str) -> QuerySet[Consent]:
    """Give all that a customer has said, with what belongs to it."""
    return words(customer_id).select_related(*WITH)


def everything() -> QuerySet[Consent]:
    """Give all that everybody has said, in the order in which it was recorded."""
    found: QuerySet[Consent] = Consent.objects.select_related(*WITH).order_by("pk")
    return found


def latest(customer_id: str, many: int) -> list[Consent]:
    """Give what a customer said last."""
    return list(history(customer_id)[:many])


def page_of(customer_id: str, number: str | None) -> Page[Consent]:
    """Give a page of what a customer has said."""
    return Paginator(history(customer_id), A_PAGE).get_page(number)


def offers(customer_id: str) -> list[Offer]:
    """Put together what a customer may choose, and how it stands now."""
    said, now = list(words(customer_id)), timezone.now()
    return [
        Offer(purpose, _latest_wording(purpose), _parts(purpose, said, now))
        for purpose in offered()
    ]


def boxes(found: Iterable[Offer]) -> Iterator[Box]:
    """Give everything that can be chosen."""
    return (b for offer in found if not offer.is_fixed for part in offer.parts for b in part.boxes)


def offered() -> QuerySet[Purpose]:
    """Give the purposes in use, with their topics and wordings."""
    topics = Topic.objects.filter(retired_at=None).order_by("pk")
    return (
        Purpose.objects.filter(retired_at=None)
        .order_by("order", "pk")
        .prefetch_related(
            Prefetch("topics", topics), Prefetch("wordings", Wording.objects.order_by("version"))
        )
    )


def chosen() -> list[Purpose]:
    """Give the purposes that a customer has a say in."""
    return list(offered().exclude(kind=Kind.TRANSACTIONAL))


def purposes() -> QuerySet[Purpose]:
    """Give every purpose, those in use first."""
    return Purpose.objects.order_by(
        F("retired_at").asc(nulls_first=True), "order", "pk"
    ).prefetch_related("topics")


def purpose(pk: int) -> Purpose | None:
    """Give one purpose with its topics and wordings."""
    wordings = Prefetch("wordings", Wording.objects.select_related("made_by").order_by("-version"))
    topics = Prefetch("topics", Topic.objects.order_by(F("retired_at").asc(nulls_first=True), "pk"))
    return Purpose.objects.prefetch_related(topics, wordings).filter(pk=pk).first()


def sender() -> Sender:
    """Say who writes; nobody yet where nothing was entered."""
    return Sender.objects.filter(pk=Sender.THE_ONE).first() or Sender()


def is_erased(customer_id: str) -> bool:
    """Whether a customer was erased: nothing is kept of her, not even a no."""
    return bool(erased([customer_id]))


def erased(customer_ids: Iterable[str]) -> set[str]:
    """Give those of some customers who were erased."""
    return Tombstones(Path(settings.KIZUNA_HOME)).among(customer_ids)


def as_record(word: Consent) -> dict[str, Any]:
    """Write a word with its proof, so that it stands by itself."""
    said = word.wording
    return {
        "number": word.pk,
        "customer_id": word.customer_id,
        "purpose": word.purpose.code if word.purpose else None,
        "channel": word.channel or None,
        "topic": word.topic.code if word.topic else None,
        "status": word.status,
        "basis": word.basis,
        "decided_at": word.decided_at.isoformat(),
        "recorded_at": word.recorded_at.isoformat(),
        "source": word.source,
        "recorded_by": word.recorded_by.email if word.recorded_by else None,
        "wording_version": said.version if said else None,
        "wording_en": said.text_en if said else None,
        "wording_ja": said.text_ja if said else None,
        "proof": word.proof,
    }


def _latest_wording(found: Purpose) -> Wording | None:
    kept = list(found.wordings.all())
    return kept[-1] if kept else None


def _parts(found: Purpose, said: list[Consent], now: datetime) -> list[Part]:
    topics: list[Topic | None] = [*found.topics.all()] or [None]
    return [Part(t, [_box(found, c, t, said, now) for c in found.channels]) for t in topics]


def _box(
    found: Purpose, channel: str, topic: Topic | None, said: list[Consent], now: datetime
) -> Box:
    asked = Question(found, channel, topic.pk if topic else None, now)
    return Box(found, channel, topic, decide(asked, said))
