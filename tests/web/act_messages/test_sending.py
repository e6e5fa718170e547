"""The outbox against a real mail server: once, through the gate, what is uncertain shown."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.models import Action, Deed
from kizuna.web.act.gate.asking import SENT
from kizuna.web.act.gate.models import Cap, Entry, Suppression
from kizuna.web.act.messages import ending, gating, sending
from kizuna.web.act.messages.channels import Fate, Outcome
from kizuna.web.act.messages.models import Bounce, Missing, OutboxMessage, Setup, State, Template
from kizuna.web.act.messages.services import cancel, enqueue, outbox, settle
from kizuna.web.capture.consents.services import recording
from kizuna.web.capture.consents.services.recording import Said
from kizuna.web.capture.identities.models import Link
from post_office import post_office
from web.act_messages.conftest import Ask, customer

pytestmark = pytest.mark.django_db


def send(hours: float = 0) -> None:
    """Send what is due, or would be then."""
    waiting = OutboxMessage.objects.filter(state__in=["waiting", "held"])
    for message in waiting if hours else ():
        message.due_at = (message.due_at or timezone.now()) - timedelta(hours=hours)
        message.save()
    Setup.objects.update(paused_until=None)
    sending.send_due(chance=Random(3), budget=5)


def states() -> dict[str, str]:
    """Say how messages stand, each by its customer."""
    return {m.customer_id: m.state + (f": {m.reason}" if m.reason else "")
            for m in OutboxMessage.objects.all()}  # fmt: skip


def test_a_mail_arrives_once_with_what_the_law_and_mail_programs_want(
    ask: Ask, settings: Any
) -> None:
    customer("c1")
    with post_office(settings) as office:
        assert ask().pk == ask().pk
        send()
        send()
    [mail] = office.mails
    assert mail["To"] == "山田 太郎 <c1@example.jp>"
    assert mail["Subject"] == "山田 太郎 様へ"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Unsubscribe"].startswith("<https://kizuna.example/unsubscribe/")
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert text.splitlines()[0] == "山田 太郎 様"
    assert "絆商店" in text
    assert "東京都千代田区1-1" in html
    assert "https://kizuna.example/follow/" in html
    assert states() == {"c1": "sent"}
    assert Deed.objects.get().cost == 3
    assert Entry.objects.get().outcome == "sent"


def test_what_the_gate_holds_goes_later(ask: Ask, settings: Any) -> None:
    customer("c1")
    Cap.objects.create(channel="email", count=1, days=1)
    with post_office(settings) as office:
        ask(step="1")
        send()
        ask(step="2")
        send()
        assert OutboxMessage.objects.get(step="2").state == State.HELD
        Cap.objects.all().delete()
        send(hours=25)
    assert office.taken == {"c1@example.jp": 2}


def test_whoever_unsubscribes_between_the_decision_and_the_sending_gets_nothing(
    ask: Ask, settings: Any, mia: Any
) -> None:
    customer("c1")
    with post_office(settings, later=1) as office:
        ask()
        send()
        assert states() == {"c1": "waiting: later"}
        recording.record(actor=mia, said=Said("c1", "denied", "thanks", "email"))
        office.shares.clear()
        send(hours=1)
    assert office.taken == {}
    assert states() == {"c1": "dropped: denied"}
    assert not Deed.objects.exists()


def test_whom_chance_holds_out_gets_nothing_though_somebody_lined_it_up(
    letter: Template, always_open: None, settings: Any
) -> None:
    customer("c1")
    made = actions.draft(actor=None, name="Other", kind="mail", holdout=0.9)
    action = actions.go_live(actor=None, action=made)
    for number in range(20):
        customer(f"x{number}")
    now = timezone.now()
    placed = actions.place(
        action=action, customer_ids=[f"x{n}" for n in range(20)], reason="t", at=now
    )
    with post_office(settings) as office:
        for number in range(20):
            enqueue(action=action, customer_id=f"x{number}", step="1", template=letter, at=now)
        send()
    treated = {f"{one}@example.jp" for one, found in placed.items() if found.is_treated}
    assert set(office.taken) == treated
    assert len(treated) < 10


@pytest.mark.parametrize("in_one_go", [0, 1])
@pytest.mark.parametrize(
    ("shares", "state", "taken"),
    [
        ({"refuse": 1}, "refused: recipient_refused", 0),
        ({"later": 1}, "waiting: later", 0),
        ({"data_later": 1}, "waiting: later", 0),
        ({"data_refused": 1}, "refused: mail_refused", 0),
        ({"hang_up_before": 1}, "waiting: unreachable", 0),
        ({"hang_up_after": 1}, "uncertain: no_answer", 1),
        ({"mute": 1}, "uncertain: no_answer", 1),
    ],
)
def test_each_fault_of_the_other_side_has_its_end(
    ask: Ask, settings: Any, shares: dict[str, float], state: str, taken: int, in_one_go: int
) -> None:
    customer("c1")
    with post_office(settings, timeout=0.5, **shares) as office:
        office.in_one_go = in_one_go
        ask()
        send()
        assert states() == {"c1": state}
        if taken:
            office.shares.clear()
            send(hours=100)
    assert sum(office.taken.values()) == taken


def test_an_address_that_is_none_is_written_to_no_more(ask: Ask, settings: Any) -> None:
    customer("c1")
    with post_office(settings, refuse=1):
        ask()
        send()
        ask(step="2")
        send()
    assert Suppression.objects.get().cause == "bounce"
    assert Bounce.objects.get().status == "550"
    assert OutboxMessage.objects.get(step="2").reason == "bounce"


def test_a_server_that_is_down_costs_no_try_and_the_channel_rests(ask: Ask, settings: Any) -> None:
    customer("c1")
    with post_office(settings):
        pass
    ask()
    send()
    message = OutboxMessage.objects.get()
    assert (message.state, message.reason, message.tries) == ("waiting", "unreachable", 0)
    assert Setup.objects.get().paused_until > timezone.now()
    assert list(sending.due(timezone.now() + timedelta(seconds=5))) == []


def test_a_message_that_is_put_off_again_and_again_is_given_up(ask: Ask, settings: Any) -> None:
    customer("c1")
    with post_office(settings, later=1):
        ask()
        for _try in range(8):
            send(hours=30)
    assert states() == {"c1": "refused: later"}


def test_nothing_known_is_skipped_or_stops_all(
    ask: Ask, settings: Any, letter: Template, play: Action
) -> None:
    customer("c1", name=None)
    with post_office(settings):
        ask()
        send()
        assert states() == {"c1": "dropped: missing_value"}
        Template.objects.update(missing=Missing.STOP)
        ask(step="2")
        send()
    assert OutboxMessage.objects.get(step="2").state == State.HELD
    play.refresh_from_db()
    assert play.state == "paused"


def test_without_an_address_nothing_is_sent(ask: Ask, settings: Any) -> None:
    customer("c1", email="no address\r\nBcc: all@example.jp")
    with post_office(settings):
        ask()
        send()
    assert states() == {"c1": "dropped: no_address"}


def test_what_somebody_had_who_was_lost_waits_again_or_is_uncertain(ask: Ask) -> None:
    customer("c1")
    customer("c2")
    past = timezone.now() - timedelta(minutes=1)
    ask("c1")
    ask("c2")
    rows = OutboxMessage.objects
    rows.filter(customer_id="c1").update(state="taken", claim="x", due_at=past)
    rows.filter(customer_id="c2").update(state="handed", claim="x", due_at=past, handed_at=past)
    sending.give_back(timezone.now())
    assert states() == {"c1": "waiting", "c2": "uncertain: lost"}


def test_whoever_lost_a_message_sends_nothing_and_asks_the_gate_nothing(ask: Ask) -> None:
    customer("c1")
    ask()
    taken = sending.take(timezone.now())
    ready = sending.letters(taken, timezone.now())
    OutboxMessage.objects.update(claim="another")
    assert len(ready) == 1
    assert sending.hand_over(ready, timezone.now()) == []
    assert not Entry.objects.exists()


def test_a_person_settles_what_is_uncertain(ask: Ask, settings: Any, mia: Any) -> None:
    customer("c1")
    with post_office(settings, hang_up_after=1) as office:
        ask()
        send()
        assert Deed.objects.count() == 1
        settle(actor=mia, pk=OutboxMessage.objects.get().pk, arrived=False)
        assert Deed.objects.count() == 0
        office.shares.clear()
        send()
    assert states() == {"c1": "sent"}
    assert Deed.objects.count() == 1


def test_whoever_is_merged_meanwhile_gets_it_once(ask: Ask, settings: Any) -> None:
    for name in ("c1", "c2"):
        customer(name)
        ask(name)
    Link.objects.create(raw_customer_id="c2", customer_id="c1")
    with post_office(settings) as office:
        send()
    assert office.taken == {"c1@example.jp": 1}
    assert sorted(states().values()) == ["dropped: twice", "sent"]


def test_what_waits_is_cancelled(ask: Ask, play: Action) -> None:
    customer("c1")
    ask()
    assert cancel(action=play, at=timezone.now()) == 1
    assert states() == {"c1": "dropped: cancelled"}


def test_a_window_of_messages_asks_the_database_as_often_as_one(ask: Ask) -> None:
    for number in range(9):
        customer(f"c{number}")
        ask(f"c{number}")
    ready = sending.letters(sending.take(timezone.now()), timezone.now())
    counts = []
    for some in (ready[:1], ready[1:]):
        with CaptureQueriesContext(connection) as made:
            handed = sending.hand_over(some, timezone.now())
            called = [(one, Outcome(Fate.SENT)) for one in handed]
            ending.record(called, timezone.now(), Random(1))
        assert len(handed) == len(some)
        counts.append(len(made))
    assert counts[1] == counts[0]
    assert set(states().values()) == {"sent"}
    assert Deed.objects.count() == 9


def twice_or_unwanted(ask: Ask, settings: Any, mia: Any) -> bool:
    """Line up twice, for two who want it and one who said no; break off; say whether it shows."""
    for name in ("c1", "c2", "no"):
        customer(name)
    recording.record(actor=mia, said=Said("no", "denied", "thanks", "email"))
    with post_office(settings, seed=2, hang_up_after=0.5) as office:
        for _turn in range(2):
            for name in ("c1", "c2", "no"):
                ask(name)
        for _turn in range(4):
            send(hours=3)
    return max(office.taken.values()) > 1 or "no@example.jp" in office.taken


def test_nobody_is_written_to_twice_or_against_their_will(
    ask: Ask, settings: Any, mia: Any
) -> None:
    assert not twice_or_unwanted(ask, settings, mia)


def without_a_key(patch: pytest.MonkeyPatch) -> None:
    numbers = count()
    patch.setattr(outbox, "key_of", lambda *_said: f"{next(numbers) // 2}")


def without_the_gate(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(gating, "decide", lambda ready, _at: [SENT] * len(ready))


def sending_again_what_is_uncertain(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ending, "is_safe", lambda _channel: True)


@pytest.mark.parametrize(
    "fault", [without_a_key, without_the_gate, sending_again_what_is_uncertain]
)
def test_that_finds_each_fault(
    ask: Ask, settings: Any, mia: Any, monkeypatch: pytest.MonkeyPatch, fault: Any
) -> None:
    fault(monkeypatch)
    assert twice_or_unwanted(ask, settings, mia)
