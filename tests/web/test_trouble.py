"""A full disk, a database that may only be read: said in words, nothing half done, pages open."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from kizuna.web import errors
from kizuna.web.accounts.models import AuditEntry, Person, Session
from kizuna.web.trouble import Trouble, trouble_of

BEN_PROFILE = {"name": "Ben the Second", "language": "en", "timezone": "UTC"}


def no_room(request: HttpRequest) -> HttpResponse:
    raise OSError(errno.ENOSPC, "No space left on device")


def a_fault(request: HttpRequest) -> HttpResponse:
    raise ValueError("no space left on device, or so says a text of ours")


urlpatterns = [
    path("no-room", no_room),
    path("a-fault", a_fault),
    path("", include("kizuna.web.urls")),
]
handler500 = errors.server_error


@pytest.fixture
def browser(settings: Any, ben: Person) -> Client:
    """Ben's browser, shown what a visitor would be shown."""
    settings.ROOT_URLCONF = __name__
    client = Client(raise_request_exception=False)
    client.force_login(ben)
    return client


@pytest.fixture
def read_only(browser: Client) -> Iterator[None]:
    """Let the database itself refuse every write, as a file that may only be read does."""
    on, off = {
        "sqlite": ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
        "postgresql": ("SET transaction_read_only = on", ""),
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(on)
    yield
    if off:
        with connection.cursor() as cursor:
            cursor.execute(off)


@pytest.fixture
def full(browser: Client) -> Iterator[None]:
    """Let the database grow no more, as on a full disk."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL is told a full disk by its number, below")
    file = connection.connection  # beside Django, which speaks no more in a broken transaction
    [(pages,)] = file.execute("PRAGMA page_count").fetchall()
    file.execute(f"PRAGMA max_page_count = {pages}")
    yield
    file.execute("PRAGMA max_page_count = 1073741823")


def test_a_database_that_may_only_be_read_refuses_a_change_in_words(
    browser: Client, ben: Person, read_only: None
) -> None:
    answer = browser.post("/profile/", BEN_PROFILE)
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "Nothing can be saved just now" in answer.content.decode()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a refused write ends the transaction")
def test_its_pages_still_open_though_nobody_can_note_who_was_here(
    browser: Client, read_only: None
) -> None:
    assert browser.get("/profile/").status_code == 200


def test_without_trouble_it_is_noted_who_was_here(browser: Client, ben: Person) -> None:
    before = Session.objects.get(person=ben).session_data
    browser.get("/profile/")
    assert Session.objects.get(person=ben).session_data != before


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_saves_nothing_by_half_and_says_so(
    browser: Client, ben: Person, full: None
) -> None:
    names = [f"{n} {'x' * 190}" for n in range(60)]
    answers = [browser.post("/profile/", {**BEN_PROFILE, "name": name}) for name in names]
    assert answers[-1].status_code == 503
    assert "The disk is full" in answers[-1].content.decode()
    ben.refresh_from_db()
    last = AuditEntry.objects.order_by("-number").first()
    assert (last.after["name"] if last else "Ben") == ben.name


def test_a_folder_without_room_is_said_in_the_readers_language(
    browser: Client, ben: Person
) -> None:
    ben.language = "ja"
    ben.save()
    answer = browser.get("/no-room")
    assert answer.status_code == 503
    assert "ディスクの空きがありません" in answer.content.decode()


def test_a_fault_of_ours_is_no_trouble_of_the_machine(browser: Client) -> None:
    assert browser.get("/a-fault").status_code == 500


class FromPostgreSQLError(Exception):
    """What the driver raises: the number is the server's own."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (FromPostgreSQLError("53100"), Trouble.FULL),
        (FromPostgreSQLError("25006"), Trouble.READ_ONLY),
        (FromPostgreSQLError("57P01"), Trouble.AWAY),
        (FromPostgreSQLError("23505"), None),
        (OSError(errno.EROFS, "Read-only file system"), Trouble.READ_ONLY),
        (DatabaseError("database is locked"), Trouble.BUSY),
        (OSError("Generic LocalFileSystem error: No space left on device"), Trouble.FULL),
        (KeyError("no space left on device"), None),
        (None, None),
    ],
)
def test_each_trouble_is_known_by_its_number_or_its_words(
    error: BaseException | None, trouble: Trouble | None
) -> None:
    assert trouble_of(error) is trouble


def test_a_trouble_behind_another_error_is_found() -> None:
    outer = RuntimeError("the file cannot be kept")
    outer.__cause__ = OSError(errno.ENOSPC, "full")
    assert trouble_of(outer) is Trouble.FULL
