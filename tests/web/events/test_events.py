"""Events in the application: what comes in, what was refused and tried again, who turns up."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from drain_room import track
from kizuna.jobs import door
from kizuna.jobs.drain import drain, resume
from kizuna.jobs.drain_log import DrainLog
from kizuna.pipeline.capture.messages.codes import CODES
from kizuna.web.accounts.models import Person
from kizuna.web.capture.events import loop, queries, services, tasks, wording
from kizuna.web.capture.events.places import log_path, store
from kizuna.web.capture.inbox import Arrival, open_inbox
from kizuna.web.jobs.services import announce
from kizuna.web.know.customers.models import CustomerFact

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    settings.KIZUNA_HOME = tmp_path
    return tmp_path


def send(*messages: Any) -> None:
    body = json.dumps({"batch": messages}).encode()
    with closing(open_inbox()) as inbox:
        inbox.append([Arrival(timezone.now(), 1, "/v1/batch", body)])


def drained() -> None:
    """Drain as the loop does, in this thread: the test's transaction is of this thread alone."""
    with closing(open_inbox()) as inbox, closing(DrainLog(log_path())) as memory:
        resume(store(), inbox, memory, timezone.now)
        while batch := drain(store(), inbox, memory, timezone.now):
            announce(loop.DRAINED, batch=batch)


@pytest.fixture
def member(client_of: Any, ben: Person) -> Client:
    client: Client = client_of(ben)
    return client


def test_the_page_says_what_waits_and_what_came(member: Client) -> None:
    send(track("1"), 5)
    assert "1 requests wait" in member.get("/events/").content.decode()
    drained()
    page = member.get("/events/").content.decode()
    assert "Nothing waits" in page
    assert "<bdi>u1</bdi>" in page
    assert queries.state().hour.accepted == 1


def test_pages_of_events_are_for_members(client_of: Any, chiyo: Person) -> None:
    for address in ("/events/", "/events/rejected", "/events/rejected.jsonl"):
        assert client_of(chiyo).get(address).status_code == 403


def test_what_was_refused_is_shown_with_what_helps(member: Client) -> None:
    send(track("1", event=None), track("2", userId=None))
    drained()
    page = member.get("/events/rejected").content.decode()
    assert "The event has no name." in page
    assert "Give userId or anonymousId" in page
    assert len(list(queries.rejects("no_event"))) == 1


def test_every_reason_has_words() -> None:
    assert set(wording.REASONS) == {*CODES, door.REASON}


def test_a_corrected_message_is_taken_and_leaves_the_list(member: Client) -> None:
    send(track("1", event=None))
    drained()
    [found] = queries.rejects()
    address = f"/events/rejected/{found.reject_id}"
    assert "messageId" in member.get(address).content.decode()
    good = json.dumps(track("1", event="Mended"))
    assert member.post(address, {"body": good}).status_code == 302
    drained()
    assert [event.name for event in queries.newest()] == ["Mended"]
    assert list(queries.rejects()) == []
    assert member.get(address).status_code == 404


def test_all_of_a_reason_are_tried_again_once(member: Client, ben: Person) -> None:
    send(*[track(str(n), event=None) for n in range(7)])
    drained()
    assert services.replay(actor=ben, code="no_event") == 7
    drained()
    assert len(list(queries.rejects())) == 7
    assert services.replay(actor=ben, code="no_amount") == 0


def test_a_message_that_was_drained_again_after_a_restore_is_listed_once() -> None:
    send(track("1", event=None))
    drained()
    [row] = store().read("received_rejects").to_pylist()
    store().append("received_rejects", pa.table({k: [v] for k, v in row.items()}))
    assert len(list(queries.rejects())) == 1
    assert [count for _reason, _code, count in queries.reasons()] == [1]


def test_a_viewer_may_not_try_again(chiyo: Person) -> None:
    with pytest.raises(PermissionDenied):
        services.replay(actor=chiyo, code="no_event")


def test_the_export_has_every_refused_message_and_is_recorded(member: Client, ben: Person) -> None:
    send(track("1", event=None), 5)
    drained()
    lines = b"".join(member.get("/events/rejected.jsonl").streaming_content).splitlines()  # type: ignore[attr-defined]
    assert {json.loads(line)["code"] for line in lines} == {"no_event", "not_object"}


def test_a_new_customer_is_in_the_list_at_once() -> None:
    traits = {"name": "山田 太郎", "email": "taro@example.jp"}
    send({"type": "identify", "userId": "u9", "messageId": "1", "traits": traits})
    drained()
    row = CustomerFact.objects.get(pk="u9")
    assert (row.name, row.email, row.kind) == ("山田 太郎", "taro@example.jp", "person")
    assert "taro@example.jp" in row.folded


def test_what_is_told_later_completes_a_new_customer() -> None:
    send(track("1", "u9"), track("2", userId=None, anonymousId="a"))
    drained()
    send({"type": "identify", "userId": "u9", "messageId": "3", "traits": {"name": "Later"}})
    send({"type": "group", "userId": "u9", "groupId": "g", "messageId": "4"})
    drained()
    rows = dict(CustomerFact.objects.values_list("customer_id", "name"))
    assert rows == {"u9": "Later", "g": None}
    assert CustomerFact.objects.get(pk="g").kind == "company"


def test_files_are_joined_and_each_customers_rows_laid_together() -> None:
    for n in range(tasks.MANY + 1):
        send(track(str(n), f"u{n % 3}", timestamp=str(timezone.now() - timedelta(hours=1))))
        drained()
    assert tasks.join_files.func() == 1
    assert tasks.sort_files.func() == 1
    assert len(store().files("received_events")) == 1
    assert len(queries.events_of(["u1"], 50)) == 7
    drained()
    send(track("0"), track("new"))
    drained()
    assert queries.state().hour.duplicates == 1


def test_the_page_asks_the_database_no_more_than_it_needs(
    member: Client, django_assert_max_num_queries: Any
) -> None:
    send(track("1"))
    drained()
    with django_assert_max_num_queries(8):
        member.get("/events/")
