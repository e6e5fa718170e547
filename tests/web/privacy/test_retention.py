"""Periods: set by managers after a count, applied each night, recorded."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.conf import LazySettings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import AuditEntry, Person, Role
from kizuna.web.act.webhooks.models import Message
from kizuna.web.capture.privacy import retention, services
from kizuna.web.capture.privacy.models import Held, Retention
from kizuna.web.know.publications.models import Publication
from tests.web.conftest import ClientOf, person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def store(tmp_path: Path, settings: LazySettings) -> Store:
    settings.KIZUNA_HOME = tmp_path
    store = Store(tmp_path / "store")
    now = timezone.now().replace(tzinfo=None)
    moments = [now - timedelta(days=days) for days in (800, 400, 10)]
    store.write("received_events", pa.table({"happened_at": moments}))
    return store


@pytest.fixture
def mia(db: None) -> Person:
    return person("Mia", Role.MANAGER)


def test_everything_is_kept_for_ever_until_somebody_says_otherwise(store: Store) -> None:
    assert {one.months for one in retention.periods()} == {None}
    assert {one.held for one in retention.periods()} == set(Held)
    assert retention.apply() == 0
    assert store.read("received_events").num_rows == 3


def test_a_period_is_counted_first_then_set_then_applied(
    store: Store, mia: Person, client_of: ClientOf
) -> None:
    client, page = client_of(mia), reverse("privacy:period", args=["events"])
    assert "2 rows or files" in client.get(page, {"months": "12"}).content.decode()
    assert store.read("received_events").num_rows == 3
    client.post(page, {"months": "12", "sure": "1"})
    assert store.read("received_events").num_rows == 3
    assert retention.apply() == 2
    assert store.read("received_events").num_rows == 1
    shown = client.get(reverse("privacy:retention")).content.decode()
    assert "1 year" in shown
    actions = AuditEntry.objects.filter(action__startswith="privacy.retention")
    said = [(entry.action, entry.after) for entry in actions.order_by("number")]
    assert said[0] == ("privacy.retention.set", {"months": 12})
    assert said[1][0] == "privacy.retention.applied"
    client.post(page, {"months": "", "sure": "1"})
    assert not Retention.objects.exists()


def test_old_messages_to_programs_go(store: Store, mia: Person) -> None:
    for name, days in (("old", 100), ("new", 1)):
        at = timezone.now() - timedelta(days=days)
        Message.objects.create(id=name, topic="t", key=name, body="{}", at=at)
    retention.set_period(actor=mia, held="webhooks", months=3)
    assert retention.would_go("webhooks", 3) == 1
    retention.apply()
    assert [one.pk for one in Message.objects.all()] == ["new"]


def test_nothing_goes_while_a_refresh_reads(store: Store, mia: Person) -> None:
    retention.set_period(actor=mia, held="events", months=12)
    Publication.objects.create(status="running")
    with pytest.raises(services.Busy):
        retention.apply()
    assert store.read("received_events").num_rows == 3


def test_only_managers_may(store: Store, ben: Person) -> None:
    with pytest.raises(PermissionDenied):
        retention.set_period(actor=ben, held="events", months=12)


def test_the_database_refuses_a_period_of_nothing(store: Store, mia: Person) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Retention.objects.create(held="events", months=0, set_by=mia)


def test_pages_ask_the_database_seldom(
    store: Store, mia: Person, client_of: ClientOf, django_assert_max_num_queries: Any
) -> None:
    client = client_of(mia)
    for name in ("privacy:list", "privacy:retention", "privacy:add"):
        client.get(reverse(name))
        with django_assert_max_num_queries(8):
            assert client.get(reverse(name)).status_code == 200
    made = services.record(
        actor=mia,
        kind="erasure",
        customer_id="c",
        received_on=timezone.localdate(),
        identity_check="passport",
    )
    with django_assert_max_num_queries(8):
        client.get(reverse("privacy:show", args=[made.pk]))
