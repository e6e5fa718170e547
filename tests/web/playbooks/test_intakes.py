"""Many customers enter by hand: looked at first, through the same door, and once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.act.actions.models import Assignment, GlobalPlace, Programme
from kizuna.web.act.actions.placing import foretold, place
from kizuna.web.act.gate import services as gate
from kizuna.web.act.gate.models import Entry
from kizuna.web.act.messages.services import templates
from kizuna.web.act.messages.services.templates import Words
from kizuna.web.act.playbooks import advancing, enrolling, intakes, services
from kizuna.web.act.playbooks.models import Enrolment, Intake, Playbook
from kizuna.web.capture.consents.models import Purpose
from kizuna.web.jobs.testing import run_all
from kizuna.web.know.customers.models import CustomerFact
from web.conftest import ClientOf

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 3, 4, 0, tzinfo=UTC)
CALL = {"id": "call", "do": "task", "title": "Call them"}
WRITE = {"id": "write", "do": "message", "template": "Hello"}
NAMES = [f"c{n:02}" for n in range(40)]


@pytest.fixture(autouse=True)
def customers(db: None) -> None:
    Programme.objects.update_or_create(id=1, defaults={"is_on": False})
    for n, name in enumerate(NAMES):
        CustomerFact.objects.create(
            customer_id=name, folded=name, fingerprint=0, channel="web" if n % 2 else "shop",
            email=f"{name}@example.com" if n % 4 else None,
        )  # fmt: skip


@pytest.fixture
def playbook(aiko: Person) -> Playbook:
    said = {"name": "Look after", "trigger": {"when": "by_hand"}, "steps": [CALL]}
    made = services.make(actor=aiko, said=said, holdout=0.3)
    return services.go_live(actor=aiko, pk=made.pk, edits=1, read=True)


def states() -> Counter[str]:
    return Counter(Enrolment.objects.values_list("state", flat=True))


def test_what_is_foretold_is_what_happens_and_is_stored_nowhere(
    aiko: Person, playbook: Playbook
) -> None:
    enrolling.enter(playbook=playbook, customer_ids=NAMES[:5], reason="test", at=NOW)
    before = Assignment.objects.count(), states().total()
    asked = intakes.ask(actor=aiko, pk=playbook.pk, chosen=NAMES)
    assert (Assignment.objects.count(), states().total(), asked.found["asked"]) == (*before, 40)
    assert not GlobalPlace.objects.exists()
    done = intakes.begin(actor=aiko, pk=asked.pk)
    found = {"going": done.going, "held_out": done.held_out, "not_again": done.not_again}
    assert asked.found["fates"] == found
    assert min(found.values()) >= 5
    assert intakes.begin(actor=aiko, pk=asked.pk).going == done.going  # a second press is none
    assert states().total() == 40
    assert Intake.objects.get().chosen is None  # who it was is kept as enrolments alone
    verbs = AuditEntry.objects.filter(action__startswith="act.playbook.enrol")
    assert {one.action.rpartition(".")[2] for one in verbs} == {
        "enrolment_asked", "enrolment_begun", "enrolled",
    }  # fmt: skip


@pytest.mark.parametrize("unit", ["customer", "account"])
def test_the_draw_foretold_is_the_draw_made_for_accounts_too(playbook: Playbook, unit: str) -> None:
    action = playbook.action
    type(action).objects.filter(pk=action.pk).update(unit=unit)
    action.refresh_from_db()
    for n, name in enumerate(NAMES):
        CustomerFact.objects.filter(pk=name).update(parent_id=f"a{n // 3}")
    place(action=action, customer_ids=NAMES[::7], reason="test", at=NOW)
    would = foretold(action=action, customer_ids=NAMES, at=NOW)
    assert would == place(action=action, customer_ids=NAMES, reason="test", at=NOW)
    assert {one.why for one in would.values()} == {"treated", "held_out"}


def test_whom_the_gate_would_stop_is_told_with_the_reason_and_nothing_is_logged(
    aiko: Person,
) -> None:
    said = {"kind": "relationship", "channels": ["email"], "name_en": "Thanks"}
    Purpose.objects.update_or_create(code="thanks", defaults=said)
    words = [Words("email", "en", "Hello", "Hello")]
    templates.save(actor=aiko, said=templates.Said("Hello", "thanks", words))
    text = {"name": "Write", "trigger": {"when": "by_hand"}, "steps": [WRITE]}
    made = services.make(actor=aiko, said=text, holdout=0.0)
    playbook = services.go_live(actor=aiko, pk=made.pk, edits=1, read=True)
    gate.suppress(customer_id="c01", channel="email", cause="complaint")
    asked = intakes.ask(actor=aiko, pk=playbook.pk, chosen=NAMES)
    (found,) = asked.found["unreached"]
    assert found["reasons"] == {"no_address": 10, "complaint": 1}
    assert not Entry.objects.exists()


def test_a_member_looks_at_customers_of_the_list_and_puts_them_in(
    ben: Person, playbook: Playbook, client_of: ClientOf
) -> None:
    browser: Client = client_of(ben)
    ticked: dict[str, Any] = {"id": ["c01", "c02"], "query": "channel=web"}
    first = browser.post("/playbooks/choose", ticked)
    assert "2 customers were chosen" in first.content.decode()
    answer = browser.post("/playbooks/choose", {**ticked, "playbook": playbook.pk}, follow=True)
    page = answer.content.decode()
    assert "2 customers are meant" in page
    assert not Enrolment.objects.exists()
    browser.post(answer.redirect_chain[-1][0])
    assert Enrolment.objects.count() == 2
    assert browser.post("/playbooks/choose", {"query": ""}).status_code == 422


def test_many_that_match_are_put_in_by_the_worker_and_a_second_run_goes_on(
    ben: Person, playbook: Playbook, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intakes, "AT_ONCE", 10)
    monkeypatch.setattr(intakes, "FEW", 10)
    monkeypatch.setattr(enrolling, "A_PART", 6)
    asked = intakes.ask(actor=ben, pk=playbook.pk, query="channel=web&page=2")
    page = client_of(ben).get(f"/playbooks/{playbook.pk}/enrol/{asked.pk}").content.decode()
    assert "They are being looked at" in page
    run_all()
    intakes.begin(actor=ben, pk=asked.pk)
    assert not Enrolment.objects.exists()
    kept, parts = intakes._put_in, iter([True, False])

    def dies(found: Intake, part: Any) -> None:
        if not next(parts, True):
            raise RuntimeError("killed")
        kept(found, part)

    monkeypatch.setattr(intakes, "_put_in", dies)
    with pytest.raises(RuntimeError):
        intakes.run(asked.pk)
    assert Enrolment.objects.count() == 6
    run_all()
    found = Intake.objects.get()
    assert (found.done, found.going + found.held_out, found.not_again) == (20, 20, 0)
    page = client_of(ben).get(f"/playbooks/{playbook.pk}/enrol/{found.pk}").content.decode()
    assert "They are in" in page


def test_who_may_only_look_puts_nobody_in(chiyo: Person, playbook: Playbook) -> None:
    with pytest.raises(PermissionDenied):
        intakes.ask(actor=chiyo, pk=playbook.pk, chosen=["c01"])


def test_the_page_of_a_playbook_leads_to_what_it_did(
    aiko: Person, playbook: Playbook, client_of: ClientOf, django_assert_max_num_queries: Any
) -> None:
    services.enrol(actor=aiko, pk=playbook.pk, customer_ids=NAMES)
    advancing.advance(timezone.now())
    browser: Client = client_of(aiko)
    page = browser.get(f"/playbooks/{playbook.pk}").content.decode()
    assert f"/results/{playbook.action.experiment_id}/" in page
    assert f"/actions/{playbook.action_id}" in page
    with django_assert_max_num_queries(14):
        did = browser.get(f"/playbooks/{playbook.pk}/done").content.decode()
    assert did.count("Call them") == states()["done"]
    assert (
        "sent no message"
        in browser.get(f"/playbooks/{playbook.pk}/done?what=messages").content.decode()
    )
