"""Effort and service levels: causes down to contacts, deadlines explained, own promises."""

from __future__ import annotations

import html
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import discover, execute, select
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.know.effort import queries, services
from kizuna.web.know.effort.giving import give_service
from kizuna.web.know.effort.models import ServiceCalendar
from kizuna.web.know.effort.wording import issues
from kizuna.web.know.publications import queries as publications
from kizuna.web.know.publications.models import Publication, Status
from tiny_tables import a_run, table
from web.conftest import ClientOf

pytestmark = pytest.mark.django_db

CONTACTS: list[dict[str, Any]] = [
    {"channel": channel, "happened_at": datetime(2026, 3, 2 + k, 1), "case_id": "K1"}
    | {"subject": "Billed twice", "text": "I was billed twice.", "transfers": 1}
    for k, channel in enumerate(("phone", "mail", "line"))
]
HOURS = {f"day_{day}": "9:00-12:00, 13:00-18:00" for day in range(5)}
CALENDAR = {"name": "Tokyo desk", "zone": "Asia/Tokyo", "country": "JP", **HOURS}
ISSUE = "/effort/issue?customer=acme&issue=K1"
PAGES = ("/effort/", ISSUE, "/service/")


STEPS = ("effort_causes", "effort_report", "service_report", "issue_pauses")


def published(store: Store) -> None:
    """Make the tables of effort and service anew, and publish them."""
    with Engine(threads=2) as engine:
        run = a_run("2026-03-31", timezone="Asia/Tokyo")
        steps = execute(select(discover("know"), *STEPS), engine, run, store=store).steps
    Publication.objects.create(
        status=Status.PUBLISHED,
        as_of=timezone.localdate(),
        started_at=timezone.now(),
        finished_at=timezone.now(),
        published_at=timezone.now(),
        summary={"currency": "JPY"},
        versions={step.step: step.version for step in steps},
    )


@pytest.fixture
def company(settings: Any, tmp_path: Path, db: None) -> Store:
    """Publish a company with a hard issue."""
    settings.KIZUNA_HOME = tmp_path
    store = Store(tmp_path / "store")
    usual = {"customer_id": "acme", "direction": "in"}
    rows = [usual | {"interaction_id": f"I{k}"} | row for k, row in enumerate(CONTACTS)]
    store.write("interactions", table("interactions", rows))
    published(store)
    return store


@pytest.fixture
def owner(aiko: Person, client_of: ClientOf) -> Client:
    return client_of(aiko)


def shown(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


@pytest.mark.parametrize("url", ["/effort/", "/service/", "/service/settings"])
def test_before_any_contact_pages_say_what_to_do(owner: Client, url: str) -> None:
    assert "yet" in shown(owner, url)


def test_the_hard_issue_leads_from_its_cause_to_its_contacts(company: Store, owner: Client) -> None:
    page = shown(owner, "/effort/?cause=repeats")
    assert "Billed twice" in page
    assert "hard" in page
    issue = shown(owner, ISSUE)
    assert "Came again" in issue
    assert issue.count("from the customer") == 3
    assert "No such issues." in shown(owner, "/effort/?subject=Delivery")


def test_a_deadline_is_explained_step_by_step(company: Store, owner: Client) -> None:
    page = shown(owner, ISSUE)
    assert "How the deadline came about" in page
    assert "usual (preset)" in page


def test_the_customer_shows_her_issues(company: Store) -> None:
    state = publications.published()
    assert state is not None
    (row,) = issues(queries.of_customer(state, "acme"), "", whose=False).rows
    assert "Billed twice" in str(row[0])
    assert queries.of_customer(state, "nobody") == []


def test_an_issue_of_nobody_is_not_found(company: Store, owner: Client) -> None:
    assert owner.get("/effort/issue?customer=acme&issue=K2").status_code == 404


def test_pages_ask_few_questions(
    company: Store, owner: Client, django_assert_max_num_queries: Any
) -> None:
    for url in PAGES:
        with django_assert_max_num_queries(12):
            owner.get(url)


def test_own_hours_and_promises_count_with_the_next_computation(
    company: Store, owner: Client
) -> None:
    assert owner.post("/service/calendars/add", CALENDAR).status_code == 302
    (calendar,) = ServiceCalendar.objects.all()
    assert calendar.week[0] == [[540, 720], [780, 1080]]
    promise = {"name": "Mail in a day", "position": 1, "calendar": calendar.pk}
    assert owner.post("/service/targets/add", promise | {"first_response": "2"}).status_code == 302
    give_service(company)
    published(company)
    state = publications.published()
    assert state is not None
    levels = state.table("service_levels").to_pylist()
    assert [(r["policy"], r["promised_minutes"]) for r in levels] == [("Mail in a day", 120)]
    assert "2026-03-20" in state.table("service_calendars")["closed"][0].as_py()
    saved = AuditEntry.objects.filter(action__startswith="know.service")
    assert sorted(saved.values_list("action", flat=True)) == [
        "know.servicecalendar.saved",
        "know.servicetarget.saved",
    ]
    assert "Tokyo desk" in shown(owner, "/service/settings")
    owner.post(f"/service/calendars/{calendar.pk}/remove")
    assert ServiceCalendar.objects.exists()


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("9-18", "Write hours as"),
        ("18:00-9:00", "closes before it opens"),
        ("9:00-12:00, 11:00-13:00", "overlap"),
        ("9:00-25:00", "no such time of day"),
    ],
)
def test_hours_that_contradict_themselves_are_refused_with_the_reason(
    owner: Client, day: str, said: str
) -> None:
    page = owner.post("/service/calendars/add", CALENDAR | {"day_2": day}).content.decode()
    assert said in page
    assert not ServiceCalendar.objects.exists()


def test_a_calendar_that_is_never_open_is_refused(owner: Client) -> None:
    closed = {name: value for name, value in CALENDAR.items() if not name.startswith("day_")}
    page = owner.post("/service/calendars/add", closed).content.decode()
    assert "never open" in page


def test_a_promise_of_nothing_and_a_name_twice_are_refused(owner: Client, aiko: Person) -> None:
    values = {"name": "Desk", "zone": "UTC", "week": [[[0, 1440]]] * 7}
    calendar = services.save_calendar(actor=aiko, values=values)
    promise = {"name": "Nothing", "position": 1, "calendar": calendar.pk}
    page = owner.post("/service/targets/add", promise).content.decode()
    assert "Promise an answer" in page
    with pytest.raises(services.NameTakenError):
        services.save_calendar(actor=aiko, values=values)


def test_only_managers_set_what_is_promised(
    ben: Person, chiyo: Person, client_of: ClientOf, company: Store
) -> None:
    assert client_of(ben).get("/service/settings").status_code == 403
    assert client_of(chiyo).get("/service/").status_code == 200
    with pytest.raises(PermissionDenied):
        services.save_calendar(actor=ben, values=CALENDAR)
    with pytest.raises(PermissionDenied):
        services.remove_target(actor=ben, pk=1)


def test_each_number_leads_to_as_many_issues(company: Store, owner: Client) -> None:
    page = shown(owner, "/effort/")
    found = re.findall(r'<a href="(/effort/\?[^"]+)#issues">(\d+)</a>', page)
    assert any("hard=1" in url for url, _n in found)
    for url, number in found:
        listed = shown(owner, html.unescape(url)).split('id="issues"', 1)[1]
        assert listed.count('href="/effort/issue?') == int(number), url
