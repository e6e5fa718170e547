"""The pages of tasks: the queue with its reasons, one task, working time, other apps' pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import Person
from kizuna.web.act.tasks.days import today
from kizuna.web.act.tasks.models import Absence, Task, WorkingTime
from kizuna.web.know.alerts.models import Alert
from web.conftest import ClientOf
from web.tasks.conftest import action, opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(home: Store, client_of: ClientOf, ben: Person) -> Client:
    return client_of(ben)


def test_the_queue_says_of_each_task_why_it_stands_there(browser: Client) -> None:
    opened("a", "small")
    opened("b", "large", due_in=5)
    page = browser.get("/tasks/").content.decode()
    assert page.index("Call large") < page.index("Call small")
    assert "¥54,000 × urgency 0.50 ÷ 30 min = ¥900 a minute" in page
    assert "in 5 business days" in page


def test_without_tasks_the_page_says_where_they_come_from(browser: Client) -> None:
    assert "Nothing waits for you" in browser.get("/tasks/").content.decode()


def test_a_stake_that_is_not_known_is_no_zero(browser: Client, ben: Person) -> None:
    opened("a", "unknown", owner=ben)
    page = browser.get("/tasks/").content.decode()
    assert "stake not known" in page
    assert "¥0" not in page


def test_a_task_is_opened_from_the_customers_page_and_ended(browser: Client) -> None:
    page = browser.get("/customers/one?id=small").content.decode()
    assert "/tasks/new?id=small" in page
    said = {"title": "Ask", "due_on": "2026-12-01", "planned_minutes": 10}
    made = browser.post("/tasks/new?id=small", said)
    task = Task.objects.get()
    assert made["Location"] == f"/tasks/{task.pk}/"
    assert "Ask" in browser.get("/customers/one?id=small").content.decode()
    wrong = browser.post(f"/tasks/{task.pk}/finish", {"outcome": "helped"})
    assert wrong.status_code == 422
    browser.post(f"/tasks/{task.pk}/finish", {"outcome": "helped", "minutes": 5})
    assert "It helped" in browser.get("/tasks/?state=ended&whose=team").content.decode()


def test_an_alert_begins_the_form(browser: Client, ben: Person) -> None:
    at = timezone.now()
    alert = Alert.objects.create(
        customer_id="small", cause="use", severity="serious", person=ben, raised_at=at,
        last_at=at, currency="JPY",
    )  # fmt: skip
    assert f"/tasks/new?alert={alert.pk}" in browser.get(f"/alerts/{alert.pk}/").content.decode()
    assert "Use of the product" in browser.get(f"/tasks/new?alert={alert.pk}").content.decode()
    assert browser.get("/tasks/new?alert=999").status_code == 404
    assert browser.get("/tasks/new?id=nobody").status_code == 404


def test_my_day_shows_what_fits_into_today(browser: Client, ben: Person) -> None:
    WorkingTime.objects.create(person=ben, minutes_a_day=30)
    opened("a", "small")
    opened("b", "large")
    page = browser.get("/day/").content.decode()
    assert "Call large" in page
    assert "Call small" not in page
    assert "All tasks (2)" in page


def test_ticked_tasks_are_handed_over(browser: Client, aiko: Person) -> None:
    tasks = [opened(f"k{n}") for n in range(3)]
    browser.post("/tasks/assign", {"id": [t.pk for t in tasks[:2]], "owner": aiko.pk})
    assert Task.objects.filter(owner=aiko).count() == 2
    browser.post("/tasks/assign", {"id": ["x"]})
    assert Task.objects.filter(owner=aiko).count() == 2


def test_working_time_is_ones_own_and_a_managers_to_say(
    browser: Client, ben: Person, aiko: Person
) -> None:
    browser.post(f"/tasks/time/{ben.pk}/minutes", {"minutes_a_day": 90})
    assert WorkingTime.objects.get().minutes_a_day == 90
    assert browser.post(f"/tasks/time/{aiko.pk}/minutes", {"minutes_a_day": 1}).status_code == 403
    day = today().isoformat()
    away = {"cover": aiko.pk, "from_on": day, "until_on": day}
    browser.post(f"/tasks/time/{ben.pk}/away", away)
    assert "Aiko" in browser.get("/tasks/time").content.decode()
    assert browser.post(f"/tasks/time/{ben.pk}/away", away | {"cover": ben.pk}).status_code == 422
    browser.post(f"/tasks/time/back/{Absence.objects.get().pk}")
    assert not Absence.objects.exists()


def test_a_viewer_reads_and_changes_nothing(
    home: Store, client_of: ClientOf, chiyo: Person
) -> None:
    task, client = opened("k"), client_of(chiyo)
    assert client.get(f"/tasks/{task.pk}/").status_code == 200
    assert client.get("/tasks/?state=held").status_code == 200
    for path in ("finish", "snooze", "wake", "take", "comment", "change"):
        assert client.post(f"/tasks/{task.pk}/{path}").status_code == 403
    assert client.post("/tasks/assign").status_code == 403


def test_a_manager_sees_who_was_held_out_and_why(
    home: Store, client_of: ClientOf, aiko: Person
) -> None:
    half = action(aiko, holdout=0.9)
    for n in range(10):
        opened(f"k{n}", f"c{n}", action=half)
    page = client_of(aiko).get("/tasks/?state=held&whose=team").content.decode()
    assert "Chance held this customer out" in page


def test_a_hundred_tasks_ask_the_database_no_more_than_one(
    home: Store, client_of: ClientOf, ben: Person, aiko: Person, django_assert_max_num_queries: Any
) -> None:
    for n in range(100):
        opened(f"k{n}", owner=ben if n % 2 else aiko)
    client = client_of(ben)
    for path, most in (("/tasks/", 20), ("/tasks/?whose=team", 20), ("/day/", 26)):
        client.get(path)
        with django_assert_max_num_queries(most):
            assert client.get(path).status_code == 200
