"""The pages of webhooks: who may, what is shown, what is on record."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.accounts.secrecy import reveal
from kizuna.web.act.webhooks import services
from kizuna.web.act.webhooks.models import Attempt, Delivery, Endpoint, Message, State
from kizuna.web.act.webhooks.topics import TEST
from kizuna.web.capture.imports.models import Import
from kizuna.web.jobs.services import announce
from kizuna.web.jobs.testing import run_all
from web.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db
SAID = {"name": "CRM", "url": "https://93.184.216.34/hook", "topics": ["import.finished"]}


@pytest.fixture
def owner(client_of: Any, aiko: Person) -> Client:
    client: Client = client_of(aiko)
    return client


@pytest.fixture
def endpoint(aiko: Person) -> Endpoint:
    return services.add(actor=aiko, said=SAID)


def test_an_endpoint_is_added_shown_changed_and_removed(owner: Client) -> None:
    assert "No endpoint yet" in owner.get("/webhooks/").content.decode()
    owner.post("/webhooks/new", SAID)
    found = Endpoint.objects.get()
    assert "An import was finished" in owner.get("/webhooks/").content.decode()
    owner.post(f"/webhooks/{found.pk}/change", SAID | {"name": "Data warehouse"})
    assert "Data warehouse" in owner.get(f"/webhooks/{found.pk}").content.decode()
    owner.post(f"/webhooks/{found.pk}/remove")
    assert not Endpoint.objects.exists()
    done = [entry.action for entry in AuditEntry.objects.order_by("number")]
    assert done == ["act.webhook.added", "act.webhook.changed", "act.webhook.removed"]


@pytest.mark.parametrize(
    "url",
    ["http://93.184.216.34/", "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/"],
)
def test_a_place_within_is_refused_at_once(owner: Client, url: str) -> None:
    answer = owner.post("/webhooks/new", SAID | {"url": url})
    assert answer.status_code == 422
    assert not Endpoint.objects.exists()


def test_two_endpoints_have_two_names(owner: Client, endpoint: Endpoint) -> None:
    assert owner.post("/webhooks/new", SAID).status_code == 422


def test_the_secret_is_shown_when_asked_for_and_that_is_on_record(
    owner: Client, endpoint: Endpoint
) -> None:
    secret = reveal(endpoint.hidden_secret)
    assert secret not in owner.get(f"/webhooks/{endpoint.pk}").content.decode()
    assert secret in owner.post(f"/webhooks/{endpoint.pk}/secret").content.decode()
    assert AuditEntry.objects.filter(action="act.webhook.secret_shown").exists()
    assert not any(secret in (e.after_text or "") for e in AuditEntry.objects.all())


def test_a_new_secret_is_another(owner: Client, endpoint: Endpoint) -> None:
    owner.post(f"/webhooks/{endpoint.pk}/rotate")
    assert reveal(Endpoint.objects.get().hidden_secret) != reveal(endpoint.hidden_secret)


def test_a_test_goes_through_the_worker_and_stands_in_the_log(owner: Client, settings: Any) -> None:
    settings.OUTGOING_HOSTS = ["127.0.0.1"]
    receiver = Receiver(answers=[500])
    owner.post("/webhooks/new", SAID | {"url": receiver.url})
    found = Endpoint.objects.get()
    owner.post(f"/webhooks/{found.pk}/test")
    run_all()
    delivery = Delivery.objects.get()
    shown = owner.get(f"/webhooks/{found.pk}/log/{delivery.pk}").content.decode()
    assert "500" in shown
    assert TEST in shown
    owner.post(f"/webhooks/{found.pk}/switch")
    Delivery.objects.update(state=State.DEAD, next_at=None, ended_at=timezone.now())
    owner.post(f"/webhooks/{found.pk}/log/{delivery.pk}/again")
    run_all()
    assert len(receiver.came) == 1, "nothing goes to what is switched off"
    owner.post(f"/webhooks/{found.pk}/switch", {"on": "1"})
    run_all()
    assert len({came.id for came in receiver.came}) == 1
    assert Delivery.objects.get().state == State.DELIVERED
    receiver.stop()


def logged(endpoint: Endpoint, count: int) -> None:
    now = timezone.now()
    for n in range(count):
        message = Message.objects.create(
            id=f"msg_{n}", topic=TEST, key=str(n), body='{"type":"webhook.test"}', at=now
        )
        delivery = Delivery.objects.create(endpoint=endpoint, message=message, next_at=now)
        Attempt.objects.create(delivery=delivery, at=now, milliseconds=3, problem="late")


def test_pages_ask_as_much_of_the_database_for_many_rows_as_for_few(
    owner: Client, endpoint: Endpoint
) -> None:
    counts = []
    owner.get("/webhooks/")
    for count in (1, 60):
        Message.objects.all().delete()
        logged(endpoint, count)
        with CaptureQueriesContext(connection) as asked:
            owner.get("/webhooks/")
            owner.get(f"/webhooks/{endpoint.pk}")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 20


def test_the_log_is_filtered_by_state(owner: Client, endpoint: Endpoint) -> None:
    logged(endpoint, 2)
    waiting = owner.get(f"/webhooks/{endpoint.pk}?state=waiting").content.decode()
    dead = owner.get(f"/webhooks/{endpoint.pk}?state=dead").content.decode()
    assert TEST in waiting
    assert "There was no answer in time." in waiting
    assert TEST not in dead


def test_members_may_not(client_of: Any, ben: Person, endpoint: Endpoint) -> None:
    client = client_of(ben)
    assert client.get("/webhooks/").status_code == 403
    assert client.post(f"/webhooks/{endpoint.pk}/secret").status_code == 403


def test_an_import_that_is_done_is_told_in_its_own_transaction(endpoint: Endpoint) -> None:
    entry = Import.objects.create(
        table="orders", uploaded=False, size=1, path="x", finished_at=timezone.now(),
        status="done", found={"new": 3, "changed": 0, "unchanged": 1},
    )  # fmt: skip
    with transaction.atomic():
        announce("import_finished", import_id=entry.pk)
        transaction.set_rollback(True)
    assert not Message.objects.exists()
    announce("import_finished", import_id=entry.pk)
    said = json.loads(Message.objects.get().body)
    assert said["data"] == {
        "import": entry.pk, "table": "orders", "new": 3, "changed": 0, "unchanged": 1,
    }  # fmt: skip


def test_the_database_refuses_what_cannot_be(endpoint: Endpoint) -> None:
    logged(endpoint, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.update(state=State.DELIVERED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Endpoint.objects.update(stopped="because")
    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.update(status=200)
