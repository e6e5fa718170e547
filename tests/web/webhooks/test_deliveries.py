"""Deliveries: signed, tried again with patience, never lost, never to a place within."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.accounts.secrecy import reveal
from kizuna.web.act.webhooks import clearing, patience, sending, services
from kizuna.web.act.webhooks.models import Attempt, Delivery, Endpoint, Message, State
from kizuna.web.jobs.models import Job
from kizuna.web.outgoing import Limits
from web.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db
TOLD = "publication.published"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def doors(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let loopback be called, as an operator may; nobody waits long."""
    settings.OUTGOING_HOSTS = ["127.0.0.1"]
    real = sending.door
    quick = Limits(connect=1, total=0.6)
    monkeypatch.setattr(sending, "door", lambda: type(real())(allowed=real().allowed, limits=quick))


@pytest.fixture
def endpoint(aiko: Person, receiver: Receiver) -> Endpoint:
    said = {"name": "CRM", "url": receiver.url, "topics": [TOLD]}
    return services.add(actor=aiko, said=said)


def tell(key: str = "1") -> Message | None:
    return services.tell(topic=TOLD, key=key, data={"publication": key})


def due_now() -> None:
    """Let the moment of every next try have come, and places be as if they had been left alone."""
    Delivery.objects.filter(state=State.WAITING).update(next_at=timezone.now())
    Endpoint.objects.update(quiet_until=None)


def send() -> int:
    return sending.send_due(chance=Random(1))


def expected(secret: str, came: Any) -> str:
    """Sign as the specification says, in other words than ours."""
    signed = b".".join((came.id.encode(), came.timestamp.encode(), came.body))
    key = base64.b64decode(secret.split("_", 1)[1])
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def test_the_signature_of_the_specification_is_ours() -> None:
    from kizuna.web.act.webhooks.signatures import signature

    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    made = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_message_arrives_signed_and_says_what_happened(
    endpoint: Endpoint, receiver: Receiver
) -> None:
    made = tell()
    assert send() == 1
    (came,) = receiver.came
    assert made
    assert came.id == made.id
    assert abs(int(came.timestamp) - timezone.now().timestamp()) < 5
    assert came.signatures == [expected(reveal(endpoint.hidden_secret), came)]
    said = json.loads(came.body)
    assert (said["type"], said["data"]) == (TOLD, {"publication": "1"})
    assert Delivery.objects.get().state == State.DELIVERED


def test_during_a_rotation_both_secrets_sign(
    aiko: Person, endpoint: Endpoint, receiver: Receiver
) -> None:
    former = reveal(endpoint.hidden_secret)
    services.rotate(actor=aiko, pk=endpoint.pk)
    latest = services.secret_of(actor=aiko, pk=endpoint.pk)
    tell("both")
    send()
    Endpoint.objects.update(former_until=timezone.now() - timedelta(seconds=1))
    tell("one")
    send()
    both, one = receiver.came
    assert both.signatures == [expected(latest, both), expected(former, both)]
    assert one.signatures == [expected(latest, one)]


def test_each_secret_is_another_of_32_bytes_and_is_kept_encrypted(
    aiko: Person, endpoint: Endpoint
) -> None:
    services.rotate(actor=aiko, pk=endpoint.pk)
    found = Endpoint.objects.get()
    texts = [reveal(found.hidden_secret), reveal(found.hidden_former)]
    assert len(set(texts)) == 2
    assert all(len(base64.b64decode(text.removeprefix("whsec_"))) == 32 for text in texts)
    assert "whsec_" not in found.hidden_secret + found.hidden_former


def test_the_id_stays_over_the_tries_and_the_moment_does_not(
    endpoint: Endpoint, receiver: Receiver
) -> None:
    receiver.answers = [500, 503, 204]
    tell()
    send()
    time.sleep(1.1)
    for _try in range(2):
        due_now()
        send()
    assert [a.status for a in Attempt.objects.order_by("pk")] == [500, 503, 204]
    assert len({came.id for came in receiver.came}) == 1
    assert len({came.timestamp for came in receiver.came}) > 1
    assert Delivery.objects.get().state == State.DELIVERED


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 429, 500])
def test_only_2xx_is_success_and_no_redirect_is_followed(
    endpoint: Endpoint, receiver: Receiver, status: int
) -> None:
    receiver.answers, receiver.headers = [status], {"Location": receiver.url + "elsewhere"}
    tell()
    send()
    assert Delivery.objects.get().state == State.WAITING
    assert [came.path for came in receiver.came] == ["/"]


def test_the_waits_are_those_of_the_ladder_with_a_little_chance() -> None:
    now, chance = timezone.now(), Random(7)
    seconds = [0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    for tries, least in enumerate(seconds):
        found = {patience.next_try(tries, now, chance, {}) for _ in range(50)}
        waits = [(moment - now).total_seconds() for moment in found if moment]
        assert least <= min(waits)
        assert max(waits) <= least * 1.1
        assert len(found) > 1 or not least
    assert patience.next_try(10, now, chance, {}) is None


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("Sun, 22 Nov 2026 00:01:00 GMT", 60),
        ("Sat, 21 Nov 2026 00:00:00 GMT", 5),
        ("999999999999", 86_400),
        ("-5", 5),
        ("soon", 5),
        ("１２", 5),
        ("", 5),
    ],
)
def test_what_the_other_side_asks_for_is_waited_within_a_day(said: str, seconds: float) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    found = patience.next_try(1, now, Random(1), {"retry-after": said})
    assert found
    assert seconds <= (found - now).total_seconds() <= seconds * 1.1


def test_after_ten_tries_it_is_given_up_kept_and_can_be_sent_again(
    aiko: Person, endpoint: Endpoint, receiver: Receiver
) -> None:
    receiver.answers = [500] * 10
    tell()
    for _try in range(12):
        due_now()
        send()
    assert (len(receiver.came), Delivery.objects.get().state) == (10, State.DEAD)
    assert services.send_again(actor=aiko, pk=endpoint.pk) == 1
    send()
    assert Delivery.objects.get().state == State.DELIVERED
    assert len({came.id for came in receiver.came}) == 1
    with pytest.raises(services.Nothing):
        services.send_again(actor=aiko, pk=endpoint.pk)


def test_gone_switches_off_and_what_waits_is_kept(
    aiko: Person, endpoint: Endpoint, receiver: Receiver
) -> None:
    receiver.answers = [410]
    tell("1")
    send()
    assert Endpoint.objects.get().stopped == "gone"
    assert Delivery.objects.get().state == State.DEAD
    assert tell("2") is None
    assert AuditEntry.objects.filter(action="act.webhook.stopped").exists()
    services.switch(actor=aiko, pk=endpoint.pk, on=True)
    assert tell("3")
    send()
    assert len(receiver.came) == 2


def test_a_happening_told_twice_is_sent_once(endpoint: Endpoint, receiver: Receiver) -> None:
    assert tell("1")
    assert tell("1") is None
    send()
    assert len(receiver.came) == 1


def test_what_nobody_wants_is_not_kept(endpoint: Endpoint) -> None:
    assert services.tell(topic="import.finished", key="1", data={}) is None
    assert not Message.objects.exists()


def test_a_place_within_is_never_called(
    endpoint: Endpoint, receiver: Receiver, settings: Any
) -> None:
    settings.OUTGOING_HOSTS = []
    tell()
    send()
    assert receiver.came == []
    assert Attempt.objects.get().problem == "private"


@pytest.mark.parametrize(
    ("habit", "problem"), [("hang", "late"), ("drip", "late"), ("reset", "broken")]
)
def test_a_hostile_receiver_costs_little_time_and_nothing_is_lost(
    endpoint: Endpoint, receiver: Receiver, habit: str, problem: str
) -> None:
    receiver.habit = habit
    for n in range(30):
        tell(str(n))
    began = time.monotonic()
    send()
    assert time.monotonic() - began < 5
    assert set(Attempt.objects.values_list("problem", flat=True)) == {problem}
    assert Attempt.objects.count() == sending.OF_ONE, "it is left alone before more is tried"
    assert Delivery.objects.filter(state=State.WAITING).count() == 30
    receiver.habit = ""
    due_now()
    send()
    assert Delivery.objects.filter(state=State.DELIVERED).count() == 30


def test_a_dead_endpoint_does_not_keep_another_waiting(
    aiko: Person, endpoint: Endpoint, receiver: Receiver
) -> None:
    said = {"name": "dead", "url": "http://127.0.0.1:9/", "topics": [TOLD]}
    services.add(actor=aiko, said=said)
    for n in range(20):
        tell(str(n))
    send()
    assert len({came.id for came in receiver.came}) == 20


def test_the_worker_comes_back_at_the_next_moment(endpoint: Endpoint, receiver: Receiver) -> None:
    receiver.answers = [500]
    tell()
    Job.objects.all().delete()
    send()
    (job,) = Job.objects.all()
    wait = job.run_after - timezone.now()
    assert timedelta(seconds=3) < wait <= timedelta(seconds=11)


def lost(claim: Callable[[Any], Any], endpoint: Endpoint, receiver: Receiver) -> tuple[int, int]:
    """Tell of 40 things while workers die after a claim or after a call; count lost and sent."""
    chance, told = Random(3), [tell(str(n)) for n in range(40)]
    for _round in range(40):
        due_now()
        claimed = claim(timezone.now())
        for delivery in claimed:
            if chance.random() < 0.3:
                break
            letter = sending.letter_of(delivery, timezone.now())
            outcome = sending.call(sending.door(), delivery, letter)
            if chance.random() < 0.3:
                break
            sending.record(outcome, chance)
    came = Counter(request.id for request in receiver.came)
    return sum(message.id not in came for message in told if message), len(receiver.came)


def test_a_worker_that_dies_at_any_point_loses_nothing(
    endpoint: Endpoint, receiver: Receiver
) -> None:
    assert lost(sending._claim, endpoint, receiver)[0] == 0


def test_the_same_test_finds_a_claim_that_forgets(endpoint: Endpoint, receiver: Receiver) -> None:
    def marked_as_sent(now: datetime) -> list[Delivery]:
        claimed = sending._claim(now)
        keys = [delivery.pk for delivery in claimed]
        ended = {"state": State.DELIVERED, "next_at": None, "ended_at": now}
        Delivery.objects.filter(pk__in=keys).update(**ended)
        return claimed

    assert lost(marked_as_sent, endpoint, receiver)[0] > 0


def test_two_workers_do_not_take_the_same(endpoint: Endpoint) -> None:
    for n in range(5):
        tell(str(n))
    now = timezone.now()
    first, second = sending._claim(now), sending._claim(now)
    assert (len(first), len(second)) == (5, 0)


def test_old_messages_are_forgotten_but_not_those_that_wait(endpoint: Endpoint) -> None:
    tell("1")
    send()
    tell("2")
    Message.objects.update(at=timezone.now() - timedelta(days=31))
    assert clearing.clear_away() == 1
    assert Message.objects.get().key.endswith(":2")
