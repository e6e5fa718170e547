"""Contacts told by the API: read, drained into the tables, in threads on the customer's page."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kizuna.jobs import received
from kizuna.jobs.drain import drain, resume
from kizuna.jobs.drain_log import DrainLog
from kizuna.pipeline.engine import Engine
from kizuna.web.accounts.models import AuditEntry, Person, Scope
from kizuna.web.capture.events.places import log_path, store
from kizuna.web.capture.inbox import open_inbox
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.publications import services
from kizuna.web.know.publications.models import Publication
from published_shop import refreshed_shop
from web.interface.asking import Program

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(settings: Any, tmp_path: Path) -> str:
    """Publish a copy of the shop; give one of its customers."""
    folder, found = refreshed_shop()
    settings.KIZUNA_HOME = tmp_path / "home"
    shutil.copytree(folder, settings.KIZUNA_HOME)
    services.record(publication=Publication.objects.create(), found=found)
    return str(CustomerFact.objects.order_by("pk").values_list("pk", flat=True)[0])


def contact(customer: str, number: int = 1, **other: Any) -> dict[str, Any]:
    return {
        "interaction_id": f"i{number}", "customer_id": customer, "channel": "phone",
        "happened_at": f"2026-06-0{number}T10:00:00Z", "case_id": "K-1", "direction": "in",
        "text": f"Words {number}", **other,
    }  # fmt: skip


def tell(holder: Person, *contacts: dict[str, Any]) -> Any:
    return Program(holder).post("interactions", json={"interactions": list(contacts)})


def drained() -> None:
    with closing(open_inbox()) as inbox, closing(DrainLog(log_path())) as memory:
        resume(store(), inbox, memory, timezone.now)
        while drain(store(), inbox, memory, timezone.now):
            pass


def rows() -> list[dict[str, Any]]:
    with Engine(threads=1) as engine:
        received.register(engine, store(), "interactions")
        found: list[dict[str, Any]] = engine.query(
            "SELECT * FROM interactions ORDER BY interaction_id"
        ).to_pylist()
    return found


def test_contacts_of_a_case_are_one_thread_on_the_page(
    customer: str, aiko: Person, client_of: Any
) -> None:
    answer = tell(
        aiko,
        contact(customer, 1, subject="Late parcel", wait_seconds=120),
        contact(customer, 2, direction="out", agent="Ben", transfers=2, outcome="solved"),
        contact(customer, 3, case_id=None, channel="visit"),
    )
    assert (answer.status_code, answer.json()) == (202, {"taken": 3})
    drained()
    browser: Client = client_of(aiko)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = browser.get("/customers/one/timeline", {"id": customer}).content.decode()
    assert len(asked) <= 25
    assert page.count("Contact with the customer") == 2
    for text in (
        "Late parcel", "2 contacts", "waited 2.0 minutes", "passed on 2 times", "solved",
        "Phone call · to the customer · Ben", "Words 1", "Words 3", "Visit",
    ):  # fmt: skip
        assert text in page, text


def test_what_is_told_again_replaces_what_was_told(customer: str, aiko: Person) -> None:
    tell(aiko, contact(customer, outcome="open"))
    tell(aiko, contact(customer, outcome="solved"))
    drained()
    tell(aiko, contact(customer, text="More"))
    drained()
    (row,) = rows()
    assert (row["text"], row["outcome"], row["customer_id"]) == ("More", None, customer)


def test_the_first_word_would_stand_where_batches_were_not_in_order(
    customer: str, aiko: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(aiko, contact(customer, outcome="open"))
    tell(aiko, contact(customer, outcome="solved"))
    drained()
    right = received.contacts_sql("received_interactions")
    wrong = right.replace("row_no DESC", "row_no")  # the bug
    with Engine(threads=1) as engine:
        store().register(engine, "received_interactions")
        said = [engine.query(sql).to_pylist()[0]["outcome"] for sql in (right, wrong)]
    assert said == ["solved", "open"]


def test_contacts_are_all_taken_or_none(customer: str, aiko: Person) -> None:
    answer = tell(aiko, contact(customer), contact(customer, 2, happened_at="tomorrow"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["at"] == ["body", "interactions", 1, "happened_at"]
    assert tell(aiko, contact(customer, other="x")).status_code == 422
    assert tell(aiko, {**contact(customer), "customer_id": None}).status_code == 422
    drained()
    assert "received_interactions" not in store().names()


def test_a_mail_address_stands_for_its_customer(customer: str, aiko: Person) -> None:
    CustomerFact.objects.filter(pk=customer).update(email="one@example.com")
    said = contact(customer, email="One@example.com")
    assert tell(aiko, {**said, "customer_id": None}).status_code == 202
    unknown = tell(aiko, {**said, "customer_id": None, "email": "two@example.com"})
    assert unknown.status_code == 422
    drained()
    assert [row["customer_id"] for row in rows()] == [customer]


def test_telling_takes_its_scope_and_is_on_record(customer: str, aiko: Person) -> None:
    program = Program(aiko, Scope.READ)
    refused = program.post("interactions", json={"interactions": [contact(customer)]})
    assert refused.status_code == 403
    assert tell(aiko, contact(customer)).status_code == 202
    entry = AuditEntry.objects.get(action="capture.interactions.told")
    assert entry.after == {"contacts": 1}


def test_a_draining_that_dies_brings_no_contact_twice(customer: str, aiko: Person) -> None:
    tell(aiko, contact(customer), contact(customer, 2))
    with closing(open_inbox()) as inbox, closing(DrainLog(log_path())) as memory:
        dying = _NeverSettled(inbox)
        drain(store(), dying, memory, timezone.now)
        resume(store(), inbox, memory, timezone.now)
    drained()
    with Engine(threads=1) as engine:
        store().register(engine, "received_interactions")
        assert engine.count("received_interactions") == 2


class _NeverSettled:
    """An inbox whose reader dies before it lets go of a batch."""

    def __init__(self, inbox: Any) -> None:
        self.claim, self.claimed, self.unsettled = inbox.claim, inbox.claimed, inbox.unsettled

    def settle(self, drain_no: int) -> int:
        """Die."""
        return 0
