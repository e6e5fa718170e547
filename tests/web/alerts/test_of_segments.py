"""Rules that watch segments, the panels on a customer's page, and when the service is open."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from kizuna.jobs.watch import Frame, compare
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import Person
from kizuna.web.know.alerts import evaluating, hours, services
from kizuna.web.know.alerts.conditions import watched_of
from kizuna.web.know.alerts.forms import RuleForm
from kizuna.web.know.alerts.models import Alert, AlertRule
from kizuna.web.know.effort.models import ServiceCalendar
from kizuna.web.know.publications.models import Publication, Status
from kizuna.web.know.segments import services as segments
from kizuna.web.know.segments.models import Segment
from tiny_tables import table
from web.conftest import ClientOf

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 6, 1, 0, 0, tzinfo=UTC)


def watching(segment: Segment, kind: str = "enters") -> AlertRule:
    said = {"name": kind, "cause": "use", "severity": "info", "advice": "Look.", "in_hours": False}
    return AlertRule.objects.create(kind=kind, segment=segment, **said)


def segment(rule: str = "orders >= 3") -> Segment:
    return Segment.objects.create(name="Regulars", rule=rule, changed_at=timezone.now())


def turned(rule: AlertRule, before: list[int | None], now: list[int | None]) -> list[str]:
    def frame(orders: list[int | None], day: date) -> Frame:
        rows = [{"customer_id": f"c{n}", "orders": many} for n, many in enumerate(orders)]
        return Frame(day, rows=table("customer_facts", rows))

    watched = [watched_of(rule, "JPY")]
    found = compare(frame(before, date(2026, 5, 1)), frame(now, date(2026, 6, 1)), watched)
    return [one.customer_id for one in found.turned if one.begins]


def test_who_enters_and_who_leaves_a_segment_is_told() -> None:
    kept = segment()
    assert turned(watching(kept), [1, 5, None], [4, 5, 4]) == ["c0"]
    assert turned(watching(kept, "leaves"), [4, 5, 4], [1, 5, None]) == ["c0"]


def test_the_rule_that_the_segment_has_now_counts(ben: Person) -> None:
    kept = segments.save(actor=ben, name="Regulars", rule="orders >= 3")
    rule = watching(kept)
    segments.change(actor=ben, pk=kept.pk, version=1, name="Regulars", rule="orders >= 9")
    assert turned(AlertRule.objects.get(pk=rule.pk), [1], [4]) == []


def test_a_segment_that_is_watched_is_not_removed(ben: Person, client_of: ClientOf) -> None:
    kept = segment()
    watching(kept)
    client_of(ben).post(f"/segments/{kept.pk}/remove")
    assert Segment.objects.filter(pk=kept.pk).exists()
    with pytest.raises(segments.WatchedError):
        segments.remove(actor=ben, pk=kept.pk)


def test_a_rule_of_a_segment_without_one_is_refused_by_the_form_and_the_database() -> None:
    said = {"name": "x", "kind": "enters", "cause": "use", "severity": "info", "advice": "a"}
    form = RuleForm(said | {"days": 30, "quiet_days": 1, "to": "owner", "pace": "now"})
    assert "segment" in form.errors
    with pytest.raises(IntegrityError), transaction.atomic():
        AlertRule.objects.create(**said)


def test_a_segment_leads_managers_to_a_rule_about_it(aiko: Person, client_of: ClientOf) -> None:
    kept, browser = segment(), client_of(aiko)
    address = f"/alerts/rules/new?kind=enters&amp;segment={kept.pk}"
    assert address in browser.get(f"/segments/{kept.pk}").content.decode()
    page = browser.get(address.replace("&amp;", "&")).content.decode()
    assert f'<option value="{kept.pk}" selected>Regulars' in page


def test_messages_wait_until_the_service_is_open() -> None:
    rule = AlertRule(in_hours=True, pace="now")
    ServiceCalendar.objects.create(name="Desk", zone="UTC", week=[[[600, 660]]] + [[]] * 6)
    assert hours.due_at(rule, MONDAY) == MONDAY + timedelta(hours=10)
    late = MONDAY + timedelta(hours=12)
    assert hours.due_at(rule, late) == MONDAY + timedelta(days=7, hours=10)
    within = MONDAY + timedelta(hours=10, minutes=30)
    assert hours.due_at(rule, within) == within


def test_a_first_look_tells_what_turned_in_the_last_weeks(
    settings: Any, tmp_path: Path, aiko: Person
) -> None:
    settings.KIZUNA_HOME = tmp_path
    store = Store(tmp_path / "store")
    contract = {"contract_id": "K", "amount": 900, "currency": "JPY", "billing_months": 1}
    contract |= {"customer_id": "acme", "started_on": date(2026, 1, 1), "auto_renew": True}
    store.write("contracts", table("contracts", [contract]))
    failed = {"event_id": "e", "customer_id": "acme", "name": "Payment Failed"}
    failed |= {"happened_at": datetime(2026, 5, 20)}
    earlier = {"event_id": "d", "name": "Payment Succeeded", "happened_at": datetime(2026, 2, 1)}
    store.write("events", table("events", [failed, failed | earlier]))
    rows = [{"customer_id": "acme", "failed_payments_90d": 1, "failed_payments_open": 1}]
    rows[0]["mrr"] = 900
    Publication.objects.create(
        status=Status.PUBLISHED,
        as_of=date(2026, 5, 31),
        published_at=timezone.now(),
        versions={"customer_facts": store.write("customer_facts", table("customer_facts", rows))},
        summary={"currency": "JPY", "customers": 1},
    )
    services.add_ready(actor=aiko)
    assert evaluating.begin(7) == 0
    assert evaluating.begin(28) == 1
    assert Alert.objects.get().cause == "money"
