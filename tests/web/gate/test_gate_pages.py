"""The pages of the gate: the log, whom nobody contacts, the rules, and the panel of a customer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kizuna.web.accounts.models import AuditEntry, Person, Role
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.models import Action, Assignment
from kizuna.web.act.gate import panel, services
from kizuna.web.act.gate.models import Cap, Recipient, Rules, Suppression
from kizuna.web.know.customers.models import CustomerFact

type ClientOf = Callable[[Person], Client]

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
QUIET = {"quiet_from": "20:00", "quiet_until": "09:00", "version": "1"}


@pytest.fixture
def mari(ben: Person) -> Person:
    """A manager."""
    ben.role = Role.MANAGER
    ben.save()
    return ben


@pytest.fixture
def decided(db: None) -> None:
    """Two customers, of whom one was called and the other held out."""
    for key, name in (("c1", "Hana"), ("c2", "Sora")):
        CustomerFact.objects.create(customer_id=key, name=name, folded=name.lower(), fingerprint=1)
    for name, customer in (("Call", "c1"), ("Visit", "c2")):
        made = actions.draft(actor=None, name=name, kind="call", holdout=0.0)
        actions.go_live(actor=None, action=made)
        if name == "Visit":
            held_out(made, customer)
        services.decide(key=name, customer_id=customer, channel="phone", action=made, at=NOON)


def held_out(action: Action, customer: str) -> None:
    Assignment(
        action=action, customer_id=customer, unit_id=customer, version=1, arm="control",
        propensity=0.1, holdout=0.1, eligible_at=NOON,
    ).save()  # fmt: skip


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


@pytest.mark.usefixtures("decided")
def test_the_log_says_what_became_of_each_contact_and_why(ben: Person, client_of: ClientOf) -> None:
    shown = read(client_of(ben), "/contact-gate/")
    for expected in ("Hana", "Sora", "Nothing spoke against it.", "Chance held the customer out"):
        assert expected in shown


@pytest.mark.usefixtures("decided")
@pytest.mark.parametrize(
    "asked", ["customer=hana", "customer=c1", "outcome=sent", "channel=phone&outcome=sent"]
)
def test_the_log_is_searched(ben: Person, client_of: ClientOf, asked: str) -> None:
    shown = read(client_of(ben), f"/contact-gate/?{asked}")
    assert ("Hana" in shown, "Sora" in shown) == (True, False)


@pytest.mark.usefixtures("decided")
@pytest.mark.parametrize("asked", ["since=never", "action=999999999999", "page=0", "outcome=x"])
def test_what_cannot_be_read_asks_for_nothing(ben: Person, client_of: ClientOf, asked: str) -> None:
    read(client_of(ben), f"/contact-gate/?{asked}")


def test_an_empty_log_says_what_will_be_here(ben: Person, client_of: ClientOf) -> None:
    assert "Nothing was decided yet" in read(client_of(ben), "/contact-gate/")


def test_whoever_may_only_look_does_not_see_the_log(chiyo: Person, client_of: ClientOf) -> None:
    assert client_of(chiyo).get("/contact-gate/").status_code == 403


@pytest.mark.usefixtures("decided")
def test_a_member_stops_contacts_and_a_manager_lifts_it(
    ben: Person, aiko: Person, client_of: ClientOf
) -> None:
    said = {"customer_id": "c1", "channel": "", "cause": "hand", "detail": "asked by phone"}
    client = client_of(ben)
    client.post("/contact-gate/suppressed", said)
    stopped = Suppression.objects.get()
    assert "asked by phone" in read(client, "/contact-gate/suppressed")
    assert client.post(f"/contact-gate/suppressed/{stopped.pk}/lift").status_code == 403
    client_of(aiko).post(f"/contact-gate/suppressed/{stopped.pk}/lift")
    assert "Everyone may be contacted" in read(client, "/contact-gate/suppressed")
    assert AuditEntry.objects.filter(action__startswith="act.gate").count() == 2


def test_whoever_is_not_known_cannot_be_stopped(ben: Person, client_of: ClientOf) -> None:
    said = {"customer_id": "nobody", "cause": "hand"}
    assert client_of(ben).post("/contact-gate/suppressed", said).status_code == 422


@pytest.mark.usefixtures("decided")
def test_a_member_says_where_a_customer_lives(ben: Person, client_of: ClientOf) -> None:
    client = client_of(ben)
    for said, status in (({"zone": "Asia/Tokyo"}, 302), ({"zone": "Mars/Base"}, 422)):
        answer = client.post("/contact-gate/zones", {"customer_id": "c1"} | said)
        assert answer.status_code == status
    assert Recipient.objects.get(pk="c1").zone == "Asia/Tokyo"
    assert "/customers/one" in read(client, "/contact-gate/zones")


def test_a_manager_sets_quiet_hours_and_caps(mari: Person, client_of: ClientOf) -> None:
    client = client_of(mari)
    said = QUIET | {"quiet_channels": ["phone"], "all_customer_count": "3"}
    said |= {"all_customer_days": "7"}
    assert client.post("/contact-gate/rules", said).status_code == 302
    cap, rules = Cap.objects.get(), Rules.objects.get()
    assert (cap.channel, cap.count, cap.days, rules.quiet_channels) == ("", 3, 7, ["phone"])
    assert "Someone changed this" in client.post("/contact-gate/rules", said).content.decode()


@pytest.mark.parametrize(
    ("count", "days", "word"), [("0", "7", "0 would stop"), ("3", "", "or neither")]
)
def test_a_cap_of_nothing_or_half_a_cap_is_refused(
    mari: Person, client_of: ClientOf, count: str, days: str, word: str
) -> None:
    said = QUIET | {"all_customer_count": count, "all_customer_days": days}
    answer = client_of(mari).post("/contact-gate/rules", said)
    assert (answer.status_code, word in answer.content.decode()) == (422, True)


@pytest.mark.usefixtures("decided")
def test_the_page_of_a_customer_tells_what_was_sent_and_what_not(chiyo: Person) -> None:
    found = panel.contacts("c2", chiyo)
    assert found
    assert [line.entry.outcome for line in found.values["lines"]] == ["dropped"]
    assert panel.contacts("c9", chiyo) is None


@pytest.mark.usefixtures("decided")
def test_the_log_asks_as_often_however_long_it_is(ben: Person, client_of: ClientOf) -> None:
    client, counts = client_of(ben), []
    read(client, "/contact-gate/")
    action = Action.objects.get(name="Call")
    for many in (1, 9):
        for k in range(many):
            services.decide(
                key=f"{many}{k}", customer_id="c1", channel="phone", action=action, at=NOON
            )
        with CaptureQueriesContext(connection) as asked:
            read(client, "/contact-gate/")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12
