"""Very many deliveries to receivers that fail, hang, break off, slow down and are gone: none lost.

The twin takes every answer for a success; the same deliveries find it.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from kizuna.web.accounts.models import Person
from kizuna.web.act.webhooks import patience, sending, services
from kizuna.web.act.webhooks.models import Delivery, Endpoint, State, Stopped
from kizuna.web.outgoing import Limits
from web.webhooks.receiver import Came, Receiver

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SOAK = os.environ.get("KIZUNA_HYPOTHESIS") == "soak"
MESSAGES = 25_000 if SOAK else 40
TOLD = "publication.published"
FAILING = {204: 5, 200: 5, 500: 4, 503: 2, 429: 3, 302: 1}
MOODS = {
    "good": ({204: 1}, {}),
    "failing": (FAILING, {}),
    "rough": ({204: 8, 500: 1}, {"hang": 0.002, "reset": 0.05}),
    "gone": ({204: 12, 410: 1}, {}),
}
"""Four receivers: the weights of what they answer, and how often they do something worse."""


@dataclass
class Moody(Receiver):
    """Answers by chance, and remembers to which messages it said yes."""

    weights: dict[int, int] = field(default_factory=dict)
    worse: dict[str, float] = field(default_factory=dict)
    chance: Random = field(default_factory=lambda: Random(5))
    said_yes: Counter[str] = field(default_factory=Counter)
    lock: Any = field(default_factory=threading.Lock)

    def status_for(self, came: Came) -> int:
        with self.lock:
            [status] = self.chance.choices([*self.weights], [*self.weights.values()])
            self.said_yes[came.id] += status < 300
        return status

    def misbehave(self, line: socket.socket) -> bool:
        with self.lock:
            drawn = self.chance.random()
        self.habit = next((habit for habit, share in self.worse.items() if drawn < share), "")
        return super().misbehave(line)


@pytest.fixture(autouse=True)
def doors(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let loopback be called, and nobody wait long."""
    settings.OUTGOING_HOSTS = ["127.0.0.1"]
    real = sending.door
    quick = Limits(connect=1, total=0.6)
    monkeypatch.setattr(sending, "door", lambda: type(real())(allowed=real().allowed, limits=quick))


@pytest.fixture
def receivers(aiko: Person) -> Iterator[dict[int, Moody]]:
    """Run one receiver of each mood, each with an endpoint that is told everything."""
    with ExitStack() as stack:
        running = {}
        for name, (weights, worse) in MOODS.items():
            receiver = Moody(weights=weights, worse=worse, headers={"Retry-After": "30"})
            stack.callback(receiver.stop)
            said = {"name": name, "url": receiver.url, "topics": [TOLD]}
            running[services.add(actor=aiko, said=said).pk] = receiver
        yield running


def all_sent(actor: Person) -> int:
    """Let every moment come until nothing waits; switch on again what was gone. Gives how often."""
    for number in range(MESSAGES):
        services.tell(topic=TOLD, key=str(number), data={"publication": number})
    switched, chance = 0, Random(1)
    while Delivery.objects.filter(state=State.WAITING).exists():
        Delivery.objects.filter(state=State.WAITING).update(next_at=timezone.now())
        Endpoint.objects.update(quiet_until=None)
        sending.send_due(chance=chance)
        for endpoint in Endpoint.objects.filter(stopped=Stopped.GONE):
            services.switch(actor=actor, pk=endpoint.pk, on=True)
            switched += 1
    return switched


def lost(receivers: dict[int, Moody]) -> list[str]:
    """Name the messages that are down as delivered and whose receiver never said yes to them."""
    kept = Delivery.objects.filter(state=State.DELIVERED).values_list("endpoint", "message")
    return [message for endpoint, message in kept if not receivers[endpoint].said_yes[message]]


def test_each_delivery_arrives_or_is_kept_as_given_up(
    aiko: Person, receivers: dict[int, Moody]
) -> None:
    switched = all_sent(aiko)
    states = Counter(Delivery.objects.values_list("state", flat=True))
    assert states[State.DELIVERED] + states[State.DEAD] == MESSAGES * len(MOODS)
    assert lost(receivers) == []
    given_up = Delivery.objects.filter(state=State.DEAD)
    gone = given_up.filter(tries__lt=len(patience.WAITS))
    assert {dead.endpoint.name for dead in gone.select_related("endpoint")} == {"gone"}
    assert gone.count() >= switched > 0
    tried = sum(Delivery.objects.values_list("tries", flat=True))
    sys.stdout.write(f"{MESSAGES * len(MOODS)} deliveries, {tried} calls: {dict(states)}\n")


def test_the_same_deliveries_find_an_answer_that_is_taken_for_a_success(
    aiko: Person, receivers: dict[int, Moody], monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = property(lambda outcome: outcome.answer is not None)
    monkeypatch.setattr(sending.Outcome, "is_success", answered)
    monkeypatch.setitem(globals(), "MESSAGES", 20)
    all_sent(aiko)
    assert lost(receivers)
