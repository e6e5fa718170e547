"""What the gate decides, check by check, and how it logs it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from kizuna.jobs.tombstones import Tombstones
from kizuna.web.accounts.models import Person
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.models import Action, Assignment, Programme
from kizuna.web.act.gate import services
from kizuna.web.act.gate.asking import Decision
from kizuna.web.act.gate.hours import Quiet
from kizuna.web.act.gate.models import Cap, Entry, Recipient, Rules
from kizuna.web.capture.consents.models import Consent, Purpose
from kizuna.web.capture.identities.services import merging
from kizuna.web.know.customers.models import CustomerFact

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
NIGHT = datetime(2026, 11, 25, 23, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture(autouse=True)
def customer() -> CustomerFact:
    """Somebody whom everyone knows."""
    return CustomerFact.objects.create(customer_id="c1", folded="", fingerprint=1)


def live(holdout: float = 0.0, name: str = "Play", **said: Any) -> Action:
    made = actions.draft(actor=None, name=name, kind="task", holdout=holdout, **said)
    return actions.go_live(actor=None, action=made)


def decide(action: Action, key: str = "k", **said: Any) -> Decision:
    asked: dict[str, Any] = {"customer_id": "c1", "channel": "phone", "at": NOON} | said
    return services.decide(key=key, action=action, **asked)


def cap(count: int = 1, days: int = 7, **said: Any) -> Cap:
    return Cap.objects.create(count=count, days=days, **said)


def test_what_nothing_speaks_against_is_sent_and_logged() -> None:
    assert decide(live()).is_sent
    entry = Entry.objects.get()
    assert (entry.outcome, entry.reason, entry.is_counted) == ("sent", "sent", True)


def test_a_contact_that_was_let_through_is_let_through_once() -> None:
    action = live()
    assert decide(action) == decide(action)
    assert Entry.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.create(
            key="k", customer_id="c1", channel="phone", action=action, outcome="sent",
            reason="sent", first_at=NOON, at=NOON,
        )  # fmt: skip


def test_a_decision_that_is_asked_for_again_is_counted_up_and_a_new_one_is_added() -> None:
    action = live()
    for hour in (21, 22):
        assert decide(action, at=NOON.replace(hour=hour)).reason == "quiet"
    assert Entry.objects.get().times == 2
    assert decide(action, at=NOON + timedelta(days=1)).is_sent
    assert list(Entry.objects.order_by("pk").values_list("outcome", "is_open")) == [
        ("held", False),
        ("sent", False),
    ]


def test_an_unknown_channel_is_refused() -> None:
    with pytest.raises(ValueError, match="pigeon"):
        decide(live(), channel="pigeon")


def test_an_action_that_is_not_live_lets_nothing_through_and_a_pause_holds() -> None:
    action = actions.draft(actor=None, name="Play", kind="task")
    assert decide(action) == Decision("dropped", "not_live")
    actions.go_live(actor=None, action=action)
    actions.pause(actor=None, action=action)
    assert decide(action) == Decision("held", "paused")


def test_nobody_knows_who_is_not_there_but_a_notice_reaches_them() -> None:
    assert decide(live(), customer_id="c9").reason == "unknown"
    assert decide(live(name="Notice", is_optional=False), "n", customer_id="c9").is_sent


def test_of_whoever_was_erased_nothing_is_written_down(tmp_path: Any, settings: Any) -> None:
    settings.KIZUNA_HOME = tmp_path
    Tombstones(tmp_path).add(("c1",), NOON)
    assert decide(live()) == Decision("dropped", "erased")
    assert not Entry.objects.exists()
    assert not Recipient.objects.exists()


def test_a_suppression_drops_and_a_notice_passes_all_but_a_bounce(aiko: Person) -> None:
    action, notice = live(), live(name="Notice", is_optional=False)
    for cause in ("hand", "complaint"):
        services.suppress(customer_id="c1", cause=cause)
    assert decide(action).reason == "complaint"
    assert decide(notice, "n1").is_sent
    bounce = services.suppress(customer_id="c1", cause="bounce", channel="phone")
    assert decide(notice, "n2").reason == "bounce"
    assert decide(notice, "n3", channel="post").is_sent
    services.lift(actor=aiko, pk=bounce.pk)
    assert decide(notice, "n4").is_sent


def test_a_suppression_is_recorded_once() -> None:
    first = services.suppress(customer_id="c1", cause="bounce", channel="mail")
    assert services.suppress(customer_id="c1", cause="bounce", channel="email") == first


def test_an_offer_in_writing_needs_a_purpose_that_was_consented_to() -> None:
    action, made = live(), Purpose.objects.filter(kind="promotional")[0]
    assert decide(action, channel="mail").reason == "no_purpose"
    assert decide(action, channel="mail", purpose=made.code).reason == "never_asked"
    Consent(
        customer_id="c1", purpose=made, channel="email", status="granted", decided_at=NOON,
        source="person", recorded_at=NOON,
    ).save()  # fmt: skip
    assert decide(action, channel="mail", purpose=made.code).is_sent


def test_a_no_to_everything_is_heard_where_no_purpose_is_named() -> None:
    Consent(
        customer_id="c1", channel="", status="denied", decided_at=NOON, source="person",
        recorded_at=NOON,
    ).save()  # fmt: skip
    assert decide(live()).reason == "denied"
    assert decide(live(name="Notice", is_optional=False), "n").is_sent


def test_who_is_held_out_is_left_alone_and_placed_if_not_yet() -> None:
    names = [f"h{n}" for n in range(20)]
    facts = [CustomerFact(customer_id=name, folded="", fingerprint=1) for name in names]
    CustomerFact.objects.bulk_create(facts)
    action = live(holdout=0.5)
    found = {name: decide(action, name, customer_id=name).reason for name in names}
    arms = dict(Assignment.objects.values_list("customer_id", "arm"))
    words = {"control": "held_out", "treated": "sent"}
    assert found == {name: words[arm] for name, arm in arms.items()}
    assert set(arms.values()) == {"control", "treated"}


def test_the_global_control_is_left_alone_by_all_but_notices() -> None:
    Programme.objects.create(share=0.05, salt="s10")
    names = [f"g{n}" for n in range(60)]
    facts = [CustomerFact(customer_id=name, folded="", fingerprint=1) for name in names]
    CustomerFact.objects.bulk_create(facts)
    action, notice = live(), live(name="Notice", is_optional=False)
    found = {name: decide(action, name, customer_id=name).reason for name in names}
    alone = [name for name, reason in found.items() if reason == "global"]
    assert 0 < len(alone) < 10
    assert all(decide(notice, f"n{name}", customer_id=name).is_sent for name in alone)


def test_a_cap_holds_until_there_is_room() -> None:
    action = live()
    cap(2)
    assert [
        decide(action, key, at=NOON + timedelta(hours=k)).outcome for k, key in enumerate("abc")
    ] == [
        "sent",
        "sent",
        "held",
    ]
    assert decide(action, "c", at=NOON).until == NOON + timedelta(days=7)
    assert decide(action, "c", at=NOON + timedelta(days=7, minutes=1)).is_sent


def test_what_was_certainly_not_delivered_takes_no_room_and_is_decided_on_anew() -> None:
    action = live()
    cap(1)
    assert decide(action, "a").is_sent
    assert decide(action, "b").reason == "cap"
    services.take_back(key="a")
    assert decide(action, "b").is_sent
    assert decide(action, "a").reason == "cap"


def test_a_cap_counts_all_teams_and_a_channel_by_itself() -> None:
    cap(2)
    cap(1, channel="phone")
    one, other = live(), live(name="Other")
    assert decide(one, "a").is_sent
    assert decide(other, "b").reason == "cap"
    assert decide(other, "c", channel="post").is_sent
    assert decide(one, "d", channel="post").reason == "cap"


def test_a_cap_on_an_account_counts_its_customers_together() -> None:
    names = ("p1", "p2")
    facts = [CustomerFact(customer_id=n, folded="", fingerprint=1, parent_id="a1") for n in names]
    CustomerFact.objects.bulk_create(facts)
    cap(1, scope="account")
    action = live()
    assert decide(action, "a", customer_id="p1").is_sent
    assert decide(action, "b", customer_id="p2").reason == "cap"
    assert decide(action, "c").is_sent


def test_notices_count_against_no_cap_and_are_held_by_none() -> None:
    cap(1)
    notice, action = live(name="Notice", is_optional=False), live()
    assert [decide(notice, key).outcome for key in "ab"] == ["sent", "sent"]
    assert decide(action, "c").is_sent


def test_a_cap_of_nothing_cannot_be_set() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        cap(0)


def test_a_cap_counts_under_every_key_of_who_was_merged(aiko: Person) -> None:
    CustomerFact.objects.create(customer_id="c2", folded="", fingerprint=1)
    cap(1)
    action = live()
    assert decide(action, "a", customer_id="c2").is_sent
    merging.merge(actor=aiko, survivor_id="c1", loser_id="c2")
    assert decide(action, "b").reason == "cap"
    assert Entry.objects.get(key="b").customer_id == "c1"


def test_nights_are_those_of_where_the_customer_lives() -> None:
    action = live()
    assert decide(action, at=NIGHT).until == datetime(2026, 11, 26, 8, tzinfo=UTC)
    services.set_zone(customer_id="c1", zone="Asia/Tokyo")
    assert decide(action, "b", at=NOON).until == datetime(2026, 11, 25, 23, tzinfo=UTC)
    assert decide(action, "c", at=NIGHT).is_sent
    assert decide(live(name="Notice", is_optional=False), "n", at=NOON).is_sent


def test_what_matters_less_leaves_the_last_room_to_what_is_about_to_be_asked_again() -> None:
    cap(1)
    action, morning = live(), datetime(2026, 11, 26, 8, 1, tzinfo=UTC)
    decide(action, "high", at=NIGHT, priority=10)
    assert decide(action, "low", at=morning).reason == "priority"
    assert decide(action, "high", at=morning, priority=10).is_sent
    assert decide(action, "low", at=morning).reason == "cap"


def test_what_is_withdrawn_is_waited_for_no_more() -> None:
    cap(1)
    action, morning = live(), datetime(2026, 11, 26, 8, 1, tzinfo=UTC)
    decide(action, "high", at=NIGHT, priority=10)
    services.withdraw(keys=["high"])
    assert decide(action, "low", at=morning).is_sent


def test_a_decision_and_the_change_of_the_caller_are_kept_or_lost_together() -> None:
    action = live()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        assert 1 / (0 * decide(action).is_sent)
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("quiet", "at", "ends"),
    [
        (Quiet(time(21), time(8)), "2026-11-25 21:00", "2026-11-26 08:00"),
        (Quiet(time(21), time(8)), "2026-11-26 07:59", "2026-11-26 08:00"),
        (Quiet(time(21), time(8)), "2026-11-26 08:00", None),
        (Quiet(time(12), time(13)), "2026-11-26 12:30", "2026-11-26 13:00"),
        (Quiet(time(8), time(8)), "2026-11-26 03:00", None),
        (Quiet(time(21), time(8), weekends=True), "2026-11-28 12:00", "2026-11-30 08:00"),
        (Quiet(time(8), time(8), weekends=True), "2026-11-28 12:00", "2026-11-30 00:00"),
        (
            Quiet(time(21), time(8), closed={datetime(2026, 11, 23).date()}),
            "2026-11-22 22:00",
            "2026-11-24 08:00",
        ),
    ],
)
def test_quiet_hours_end_when_somebody_may_be_contacted(
    quiet: Quiet, at: str, ends: str | None
) -> None:
    found = quiet.ends(datetime.fromisoformat(at).replace(tzinfo=TOKYO), TOKYO)
    assert (found and f"{found.astimezone(TOKYO):%Y-%m-%d %H:%M}") == ends


def test_quiet_hours_end_once_where_a_clock_is_put_forward_over_them() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    at = datetime(2026, 3, 29, 1, tzinfo=berlin)
    assert Quiet(time(0), time(2, 30)).ends(at, berlin) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_old_decisions_are_cleared_away_once_no_cap_counts_them() -> None:
    decide(live())
    Entry.objects.update(at=NOON - timedelta(days=3 * 365))
    assert services.clear_away() == 1


def test_rules_are_those_that_come_with_kizuna_until_somebody_sets_them() -> None:
    Rules.objects.create(quiet_channels=[])
    assert decide(live(), at=NIGHT).is_sent
