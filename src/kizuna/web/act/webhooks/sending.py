"""Send what is due: the network in threads, the database in one place.

A delivery is claimed by moving its next moment on: where the worker is lost meanwhile, that moment
comes and the delivery is tried again. So each message arrives at least once, under one id.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import repeat
from random import Random

from django.conf import settings
from django.db import transaction
from django.db.models import F, Min, Q, QuerySet
from django.utils import timezone

from kizuna.web.accounts.secrecy import reveal
from kizuna.web.accounts.services import audit
from kizuna.web.act.webhooks import patience
from kizuna.web.act.webhooks.models import Attempt, Delivery, Endpoint, State, Stopped
from kizuna.web.act.webhooks.signatures import headers
from kizuna.web.outgoing import Answer, Door, Refused, Unanswered

AT_ONCE, OF_ONE = 32, 8
"""Calls at the same time, in all and to one endpoint."""
LEASE = timedelta(minutes=2)
QUIET = tuple(timedelta(seconds=seconds) for seconds in (5, 20, 80, 300))
"""How long a place is left alone that did not answer once, twice, and so on."""
BUDGET = 20.0
"""Seconds after which the worker's other jobs have their turn."""
KEPT = 1_000
AGENT = "Kizuna-Webhooks/1"


@dataclass(frozen=True, slots=True)
class Letter:
    """All that a call needs, so that it touches no database."""

    url: str
    secrets: tuple[str, ...]
    message_id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call."""

    delivery: Delivery
    milliseconds: int
    answer: Answer | None = None
    problem: str = ""

    @property
    def is_success(self) -> bool:
        """Whether it arrived: 2xx and nothing else."""
        return self.answer is not None and 200 <= self.answer.status < 300


def door() -> Door:
    """Give the door, with what the operator allows."""
    return Door(allowed=tuple(settings.OUTGOING_HOSTS))


def send_due(*, chance: Random | None = None) -> int:
    """Send what is due for as long as others can wait; have the rest sent at its moment."""
    began, sent, dice, through = time.monotonic(), 0, chance or Random(), door()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while time.monotonic() - began < BUDGET and (claimed := _claim(timezone.now())):
            letters = [letter_of(delivery, timezone.now()) for delivery in claimed]
            for outcome in pool.map(call, repeat(through), claimed, letters):
                record(outcome, dice)
            sent += len(claimed)
    wake()
    return sent


def _due(now: datetime) -> QuerySet[Delivery]:
    ready = Q(endpoint__quiet_until=None) | Q(endpoint__quiet_until__lte=now)
    waiting = Delivery.objects.filter(state=State.WAITING, endpoint__stopped="", next_at__lte=now)
    return waiting.filter(ready).select_related("endpoint", "message").order_by("next_at", "pk")


def _claim(now: datetime) -> list[Delivery]:
    """Take what is due, a few of each endpoint, so that none keeps the others waiting."""
    taken: list[Delivery] = []
    for pk in _endpoints(now):
        some = _due(now).filter(endpoint=pk)[: min(OF_ONE, AT_ONCE - len(taken))]
        taken += [delivery for delivery in some if _taken(delivery, now)]
    return taken


def _endpoints(now: datetime) -> list[int]:
    """Give the endpoints with something due, whoever waits longest first."""
    found = _due(now).order_by().values("endpoint").annotate(since=Min("next_at"))
    return [row["endpoint"] for row in found.order_by("since")[:AT_ONCE]]


def _taken(delivery: Delivery, now: datetime) -> bool:
    mine = Delivery.objects.filter(
        pk=delivery.pk, state=State.WAITING, next_at=delivery.next_at, tries=delivery.tries
    )
    return bool(mine.update(next_at=now + LEASE))


def letter_of(delivery: Delivery, now: datetime) -> Letter:
    """Write what is sent, signed by the secret and, for as long as it counts, the former one."""
    endpoint, hidden = delivery.endpoint, [delivery.endpoint.hidden_secret]
    if endpoint.former_until and endpoint.former_until > now:
        hidden.append(endpoint.hidden_former)
    body = delivery.message.body.encode()
    return Letter(endpoint.url, tuple(map(reveal, hidden)), delivery.message_id, body)


def call(through: Door, delivery: Delivery, letter: Letter) -> Outcome:
    """Call, in a thread; whatever happens is an outcome."""
    began = time.monotonic()
    said = headers(letter.secrets, letter.message_id, int(timezone.now().timestamp()), letter.body)
    said |= {"Content-Type": "application/json", "User-Agent": AGENT}
    answer, problem = None, ""
    try:
        answer = through.call(letter.url, body=letter.body, headers=said)
    except (Refused, Unanswered) as error:
        problem = error.code
    return Outcome(delivery, round(1000 * (time.monotonic() - began)), answer, problem)


def record(outcome: Outcome, chance: Random) -> None:
    """Keep what came of a call, and when the next is, all at once."""
    delivery, now = outcome.delivery, timezone.now()
    tries = delivery.tries + 1
    status = outcome.answer.status if outcome.answer else None
    again = None if status == patience.GONE else _again(outcome, tries, now, chance)
    with transaction.atomic():
        changed = Delivery.objects.filter(pk=delivery.pk, state=State.WAITING).update(
            tries=F("tries") + 1, **_standing(outcome, again, now)
        )
        if not changed:
            return
        Attempt.objects.create(
            delivery=delivery,
            at=now,
            milliseconds=outcome.milliseconds,
            status=status,
            problem=outcome.problem,
            answer=_start_of(outcome.answer),
        )
        _spare(outcome, now)


def _again(outcome: Outcome, tries: int, now: datetime, chance: Random) -> datetime | None:
    said = outcome.answer.headers if outcome.answer else {}
    return patience.next_try(tries, now, chance, said)


def _standing(outcome: Outcome, again: datetime | None, now: datetime) -> dict[str, object]:
    if again is not None and not outcome.is_success:
        return {"next_at": again}
    state = State.DELIVERED if outcome.is_success else State.DEAD
    return {"state": state, "next_at": None, "ended_at": now}


def _spare(outcome: Outcome, now: datetime) -> None:
    """Leave a place alone that does not answer, and stop at one that says it is gone."""
    endpoint = Endpoint.objects.filter(pk=outcome.delivery.endpoint_id)
    status = outcome.answer.status if outcome.answer else None
    if outcome.answer is None:
        silences = outcome.delivery.endpoint.silences
        quiet = QUIET[min(silences, len(QUIET) - 1)]
        endpoint.update(quiet_until=now + quiet, silences=min(silences + 1, len(QUIET)))
    elif outcome.delivery.endpoint.silences:
        endpoint.update(quiet_until=None, silences=0)
    if status == patience.GONE and endpoint.filter(stopped="").update(stopped=Stopped.GONE):
        target = str(outcome.delivery.endpoint)
        audit(actor=None, action="act.webhook.stopped", target=target, after={"status": status})


def _start_of(answer: Answer | None) -> str:
    return answer.body[:KEPT].decode("utf-8", "replace").replace("\x00", "") if answer else ""


def wake() -> None:
    """Have the worker come back when the next delivery is due."""
    from kizuna.web.act.webhooks.tasks import send

    moment = min(_moments(), default=None)
    if moment is None:
        return
    if moment <= timezone.now():
        send.enqueue()
        return
    at = _rounded(moment)
    send.using(run_after=at).enqueue(at.isoformat())


def _moments() -> Iterator[datetime]:
    """Give for each endpoint that is served when its next delivery may be tried."""
    waiting = Delivery.objects.filter(state=State.WAITING, endpoint__stopped="")
    found = waiting.values("endpoint__quiet_until").annotate(first=Min("next_at"))
    for row in found:
        yield max(filter(None, (row["first"], row["endpoint__quiet_until"])))


def _rounded(moment: datetime) -> datetime:
    """Give the end of its five seconds, so that many moments ask for one job."""
    seconds = -(-moment.timestamp() // 5) * 5
    return datetime.fromtimestamp(seconds, UTC)
