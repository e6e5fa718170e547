"""Campaigns: a part is left alone by chance, steps follow one another, and each goes once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kizuna.web.accounts.models import AuditEntry, Person, Role
from kizuna.web.act.actions.models import Assignment, Programme
from kizuna.web.act.campaigns import advancing, services, tasks
from kizuna.web.act.campaigns.models import Campaign, Enrolled, Phase
from kizuna.web.act.campaigns.services import Message, Said
from kizuna.web.act.gate.models import Rules
from kizuna.web.act.messages import sending
from kizuna.web.act.messages.models import OutboxMessage, Template, TemplateVersion, Text
from kizuna.web.act.messages.windows import opens
from kizuna.web.capture.consents.models import Purpose, Sender
from kizuna.web.know.customers.models import CustomerFact
from post_office import post_office
from web.conftest import person

pytestmark = pytest.mark.django_db
ALL_DAY = (0, 24 * 60)


@pytest.fixture
def mia(db: None) -> Person:
    """A manager, of an organisation whose gate is always open."""
    Rules.objects.create(quiet_channels=[])
    Programme.objects.update_or_create(pk=Programme.THE_ONE, defaults={"is_on": False})
    who = {
        "legal_name": "Kizuna", "postal_address": "Tokyo", "contact": "x", "site": "https://k.example"
    }  # fmt: skip
    Sender.objects.update_or_create(pk=Sender.THE_ONE, defaults=who)
    said = {"kind": "relationship", "channels": ["email"], "name_en": "Thanks"}
    Purpose.objects.update_or_create(code="thanks", defaults=said)
    return person("Mia", Role.MANAGER)


@pytest.fixture
def manager(client_of: Any, mia: Person) -> Client:
    client: Client = client_of(mia)
    return client


def template(name: str, body: str = "{{ customer.salutation }}") -> Template:
    """Write a mail."""
    now = timezone.now()
    made = Template.objects.create(name=name, purpose="thanks", version=1, changed_at=now)
    version = TemplateVersion.objects.create(template=made, number=1, made_at=now)
    Text.objects.create(version=version, channel="email", language="ja", subject=name, body=body)
    return made


def customers(count: int, **said: Any) -> None:
    """Make so many customers."""
    CustomerFact.objects.bulk_create(
        CustomerFact(
            customer_id=f"c{n:04}", folded=f"c{n}", fingerprint=1, kind="person",
            **({"name": "山田 太郎", "email": f"c{n:04}@example.jp"} | said),
        )
        for n in range(count)
    )  # fmt: skip


def running(mia: Person, **said: Any) -> Campaign:
    """Start a campaign of one message, or as said."""
    given: dict[str, Any] = {"name": "Spring", "purpose": "x", "hours": ALL_DAY, "holdout": 0.3}
    given |= said if "steps" in said else {"steps": [Message(template("First"))], **said}
    made = services.draft(actor=mia, said=Said(**given))
    return services.start(actor=mia, campaign=made)


def later(hours: float) -> None:
    """Let time pass for those who wait for their next step."""
    for one in Enrolled.objects.exclude(wake_at=None):
        assert one.wake_at is not None
        one.wake_at -= timedelta(hours=hours)
        one.save()


def test_the_treated_are_written_to_once_and_the_others_left_alone(
    mia: Person, settings: Any
) -> None:
    customers(60)
    campaign = running(mia)
    with post_office(settings) as office:
        for _time in range(2):
            tasks.go_on.func(campaign.pk)
            sending.send_due(budget=5)
    control = set(Assignment.objects.filter(arm="control").values_list("customer_id", flat=True))
    written = {address.partition("@")[0] for address in office.taken}
    assert 5 < len(control) < 35
    assert written.isdisjoint(control)
    assert len(written) + len(control) == 60
    assert set(office.taken.values()) == {1}
    campaign.refresh_from_db()
    assert (campaign.phase, campaign.placed, campaign.left_alone) == ("done", 60, len(control))


def test_gathering_goes_on_where_it_broke_off(mia: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    customers(25)
    monkeypatch.setattr(advancing, "A_BATCH", 10)
    campaign = running(mia)
    assert advancing.go_on(campaign.pk, budget=-1)
    advancing._enrol(campaign, [f"c{n:04}" for n in range(10)])
    campaign.refresh_from_db()
    assert (campaign.placed, campaign.phase) == (10, Phase.GATHERING)
    advancing.go_on(campaign.pk)
    campaign.refresh_from_db()
    assert campaign.placed == Assignment.objects.count() == 25


def test_a_later_step_waits_and_does_not_overtake_a_former_one(mia: Person) -> None:
    customers(1)
    steps = [Message(template("First")), Message(template("Second"), wait_hours=48)]
    campaign = running(mia, steps=steps, holdout=0.0)
    tasks.go_on.func(campaign.pk)
    later(47)
    tasks.go_on.func(campaign.pk)
    assert OutboxMessage.objects.count() == 1
    later(2)
    tasks.go_on.func(campaign.pk)
    assert OutboxMessage.objects.count() == 1, "the first one still waits"
    now = timezone.now()
    OutboxMessage.objects.update(state="sent", due_at=None, ended_at=now, handed_at=now)
    later(2)
    tasks.go_on.func(campaign.pk)
    assert OutboxMessage.objects.filter(step="2").exists()


def test_whoever_has_bought_gets_no_more_where_that_ends_it(mia: Person) -> None:
    customers(2)
    steps = [Message(template("First")), Message(template("Second"), wait_hours=1)]
    campaign = running(mia, steps=steps, holdout=0.0, stops_on_order=True)
    tasks.go_on.func(campaign.pk)
    now = timezone.now()
    OutboxMessage.objects.update(state="sent", due_at=None, ended_at=now, handed_at=now)
    CustomerFact.objects.filter(pk="c0000").update(last_purchase=timezone.localdate())
    later(2)
    tasks.go_on.func(campaign.pk)
    second = OutboxMessage.objects.filter(step="2").values_list("customer_id", flat=True)
    assert list(second) == ["c0001"]
    assert Enrolled.objects.get(customer_id="c0000").ended == "bought"


def test_two_templates_are_tried_beside_each_other(mia: Person) -> None:
    customers(60)
    steps = [Message(template("A"), beside=template("B"))]
    tasks.go_on.func(running(mia, steps=steps, holdout=0.2).pk)
    rows = OutboxMessage.objects.values_list("customer_id", "version__template__name")
    arms = dict(Assignment.objects.values_list("customer_id", "arm"))
    assert {(arms[one], name) for one, name in rows} == {("a", "A"), ("b", "B")}


def test_paused_it_sends_nothing_and_ended_it_never_does(mia: Person, settings: Any) -> None:
    customers(3)
    campaign = running(mia, holdout=0.0)
    tasks.go_on.func(campaign.pk)
    services.pause(actor=mia, campaign=campaign)
    with post_office(settings) as office:
        sending.send_due(budget=2)
        assert set(OutboxMessage.objects.values_list("reason", flat=True)) == {"paused"}
        services.resume(actor=mia, campaign=campaign)
        services.conclude(actor=mia, campaign=campaign)
        sending.send_due(budget=2)
    assert office.taken == {}
    assert set(OutboxMessage.objects.values_list("reason", flat=True)) == {"cancelled"}


def test_a_look_beforehand_counts_who_would_get_nothing_and_why(mia: Person) -> None:
    customers(3)
    CustomerFact.objects.create(customer_id="x1", folded="x", fingerprint=1, name="山田")
    CustomerFact.objects.create(customer_id="x2", folded="x", fingerprint=1, email="x2@example.jp")
    said = Said(name="S", purpose="", steps=[Message(template("T"))])
    made = services.draft(actor=mia, said=said)
    tasks.look.func(made.pk)
    made.refresh_from_db()
    assert made.looked["counts"] == {"reached": 3, "no_address": 1, "missing_value": 1}
    assert made.looked["missing"] == {"customer.salutation": 1}


def test_messages_go_within_the_hours_of_whoever_gets_them() -> None:
    from zoneinfo import ZoneInfo

    hours, tokyo = (10 * 60, 19 * 60), ZoneInfo("Asia/Tokyo")
    night = datetime(2026, 4, 1, 15, tzinfo=UTC)  # midnight in Tokyo
    assert opens(night, hours, tokyo) == datetime(2026, 4, 2, 1, tzinfo=UTC)
    assert opens(night, hours, ZoneInfo("America/New_York")) == night
    late = datetime(2026, 4, 1, 10, tzinfo=UTC)
    assert opens(late, hours, tokyo) == datetime(2026, 4, 2, 1, tzinfo=UTC)


def test_the_hours_are_asked_for_at_sending_too(mia: Person, settings: Any) -> None:
    customers(1)
    campaign = running(mia, holdout=0.0)
    tasks.go_on.func(campaign.pk)
    minute = timezone.localtime().hour * 60 + timezone.localtime().minute
    hours = (minute - 2, minute - 1) if minute > 2 else (minute + 600, minute + 601)
    OutboxMessage.objects.update(open_from=hours[0], open_until=hours[1])
    with post_office(settings) as office:
        sending.send_due(budget=2)
    assert office.taken == {}
    assert OutboxMessage.objects.get().reason == "window"


def test_a_campaign_is_written_started_and_shown(manager: Client) -> None:
    customers(4)
    first = template("First")
    said = {
        "name": "Spring", "holdout": "10", "horizon_days": "90", "open_from": "600",
        "open_until": "1140", "template_1": first.pk,
    }  # fmt: skip
    assert manager.post("/campaigns/new", said | {"open_until": "60"}).status_code == 422
    assert manager.post("/campaigns/new", said | {"template_3": first.pk}).status_code == 422
    assert manager.post("/campaigns/new", said).status_code == 302
    pk = Campaign.objects.get().pk
    tasks.look.func(pk)
    page = manager.get(f"/campaigns/{pk}").content.decode()
    assert "would be written to" in page
    assert "It is for everyone" in page
    Sender.objects.update(postal_address="")
    Campaign.objects.update(looked=Campaign.objects.get().looked | {"counts": {"no_address": 4}})
    page = manager.get(f"/campaigns/{pk}").content.decode()
    assert "of the sender it is missing: postal address." in page
    assert "nobody would be written to" in page
    assert manager.post(f"/campaigns/{pk}/change", said | {"name": "Summer"}).status_code == 302
    manager.post(f"/campaigns/{pk}/decide", {"verb": "start"})
    manager.post(f"/campaigns/{pk}/decide", {"verb": "start"})
    assert Campaign.objects.get().phase == Phase.GATHERING
    assert AuditEntry.objects.filter(action="act.campaign.started").count() == 1
    tasks.go_on.func(pk)
    with CaptureQueriesContext(connection) as asked:
        assert "Summer" in manager.get(f"/campaigns/{pk}").content.decode()
    assert len(asked) <= 26
    assert "of the sender it is missing" in manager.get(f"/campaigns/{pk}").content.decode()
    assert "Summer" in manager.get("/campaigns/").content.decode()


def test_a_member_looks_and_changes_nothing(client_of: Any, ben: Person, mia: Person) -> None:
    customers(1)
    campaign, browser = running(mia), client_of(ben)
    assert browser.get(f"/campaigns/{campaign.pk}").status_code == 200
    answer = browser.post(f"/campaigns/{campaign.pk}/decide", {"verb": "pause"})
    assert answer.status_code == 403
    assert browser.get("/campaigns/new").status_code == 403
