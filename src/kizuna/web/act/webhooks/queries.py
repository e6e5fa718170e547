"""Reads: endpoints with how they fare, and the log of one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise

from kizuna.web.act.webhooks.models import Attempt, Delivery, Endpoint, State
from kizuna.web.act.webhooks.topics import TOPICS
from kizuna.web.act.webhooks.wording import PROBLEMS

A_PAGE = 50
LATELY = timedelta(days=1)
MOODS = {State.WAITING: "info", State.DELIVERED: "good", State.DEAD: "serious"}


@dataclass(frozen=True, slots=True)
class Listed:
    """An endpoint, and its deliveries of the last day and those that were given up."""

    endpoint: Endpoint
    topics: list[str | Promise]
    delivered: int
    waiting: int
    dead: int


@dataclass(frozen=True, slots=True)
class Line:
    """A delivery in the log, and what its last attempt came to."""

    delivery: Delivery
    mood: str
    last: Tried | None


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt as people read it."""

    attempt: Attempt
    said: str | Promise
    mood: str


def endpoints() -> list[Listed]:
    """Give all endpoints by name."""
    since = timezone.now() - LATELY
    counted = Endpoint.objects.order_by("name").annotate(
        delivered=Count(
            "deliveries", Q(deliveries__state=State.DELIVERED, deliveries__ended_at__gte=since)
        ),
        waiting=Count("deliveries", Q(deliveries__state=State.WAITING)),
        dead=Count("deliveries", Q(deliveries__state=State.DEAD)),
    )
    return [Listed(e, titles_of(e), e.delivered, e.waiting, e.dead) for e in counted]


def titles_of(endpoint: Endpoint) -> list[str | Promise]:
    """Say what an endpoint is told."""
    return [TOPICS[name].title if name in TOPICS else name for name in endpoint.topics]


def endpoint(pk: int) -> Endpoint | None:
    """Find one."""
    return Endpoint.objects.filter(pk=pk).first()


def is_taken(name: str, *, but_for: int | None = None) -> bool:
    """Tell whether another endpoint has a name."""
    named = Endpoint.objects.filter(name=name)
    return (named.exclude(pk=but_for) if but_for else named).exists()


def log(found: Endpoint, state: str, page: str | None) -> tuple[Page[Delivery], list[Line]]:
    """Give a page of an endpoint's deliveries, the latest first."""
    kept: QuerySet[Delivery] = found.deliveries.select_related("message").order_by("-pk")
    if state in State.values:
        kept = kept.filter(state=state)
    shown = Paginator(kept, A_PAGE).get_page(page)
    last = _last_of([delivery.pk for delivery in shown])
    return shown, [Line(d, MOODS[State(d.state)], last.get(d.pk)) for d in shown]


def _last_of(keys: list[int]) -> dict[int, Tried]:
    tried = Attempt.objects.filter(delivery__in=keys).order_by("pk")
    return {attempt.delivery_id: as_read(attempt) for attempt in tried}


def delivery(pk: int, number: int) -> tuple[Delivery, list[Tried], str] | None:
    """Give a delivery of an endpoint with its attempts, and its message laid out."""
    found = Delivery.objects.select_related("message", "endpoint").filter(endpoint=pk, pk=number)
    one = found.first()
    if one is None:
        return None
    body = json.dumps(json.loads(one.message.body), ensure_ascii=False, indent=2)
    return one, [as_read(attempt) for attempt in one.attempts.order_by("-pk")], body


def as_read(attempt: Attempt) -> Tried:
    """Say what an attempt came to."""
    if attempt.status is None:
        return Tried(attempt, PROBLEMS.get(attempt.problem, attempt.problem), "serious")
    good = 200 <= attempt.status < 300
    return Tried(attempt, str(attempt.status), "good" if good else "serious")
