"""Databases through the pages: connect, choose, read, import, and read on."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from kizuna.pipeline.capture.databases import reading
from kizuna.pipeline.capture.databases.refusals import TEXTS
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.capture.imports.models import Import
from kizuna.web.capture.sources import queries, services, wording
from kizuna.web.capture.sources.models import Connection, Fetch, Source
from kizuna.web.jobs.models import Job
from kizuna.web.jobs.testing import run_all

pytestmark = pytest.mark.django_db

PLACE = {
    "name": "Shop",
    "kind": "sqlite",
    "host": "",
    "port": None,
    "database": "shop.db",
    "user": "",
    "security": "prefer",
}
PLAN = {
    "what": "orders",
    "query": "",
    "key": "",
    "since": "changed",
    "rows_are": "orders",
    "every": "hour",
    "hour": "3",
    "at_once": "on",
    "keep": "1",
}
COLUMNS = {"customer": "customer", "date": "day", "amount": "amount", "order": "order_id"}


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder and a shop of the test's own; an import starts no run of the pipeline."""
    settings.KIZUNA_HOME = tmp_path / "home"
    settings.IMPORT_FOLDER = str(tmp_path)
    monkeypatch.setattr("kizuna.web.jobs.services._listeners", {"transactions_changed": []})
    return tmp_path


@pytest.fixture
def owner(client_of: Any, aiko: Person) -> Client:
    client: Client = client_of(aiko)
    return client


@pytest.fixture
def sell(tmp_path: Path) -> Callable[[int, int], None]:
    """Put orders into the shop's database."""
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as shop, shop:
        shop.execute(
            "CREATE TABLE orders (order_id INTEGER PRIMARY KEY, customer TEXT, day TEXT,"
            " amount INTEGER, changed INTEGER)"
        )

    def put(first: int, last: int) -> None:
        rows = [(n, f"C{n % 7}", f"2026-01-{n % 28 + 1:02}", n, n) for n in range(first, last + 1)]
        with closing(sqlite3.connect(path)) as shop, shop:
            shop.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", rows)

    put(1, 10)
    return put


@pytest.fixture
def source(aiko: Person, sell: Any) -> Source:
    """The shop's orders, read every hour."""
    made = services.connect(actor=aiko, said=PLACE, password="")
    said = {"schema": "", "table": "orders", "query": "", "key": [], "since": "changed"}
    rest = {"rows_are": "orders", "every": "hour", "hour": 3, "at_once": True}
    return services.plan(actor=aiko, connection_pk=made.pk, said=said | rest)


def read(client: Client, source: Source) -> Fetch:
    assert client.post(f"/sources/read/{source.pk}/run").status_code == 302
    run_all()
    return source.fetches.order_by("-pk")[0]


def confirmed(client: Client, source: Source) -> Fetch:
    """Read for the first time, and confirm the columns."""
    entry = read(client, source).entry
    assert entry
    assert client.post(f"/imports/{entry.pk}/columns", COLUMNS).status_code == 302
    run_all()
    assert client.post(f"/imports/{entry.pk}/start").status_code == 302
    run_all()
    entry.refresh_from_db()
    assert entry.status == "done", entry.error
    return source.fetches.order_by("-pk")[0]


def orders(home: Path) -> list[int]:
    found = Store(home / "home" / "store").read("transactions")["amount"].to_pylist()
    return sorted(amount // 100 for amount in found)


def test_a_database_is_connected_chosen_from_and_read(owner: Client, sell: Any, home: Path) -> None:
    assert owner.post("/sources/new", PLACE | {"port": ""}).status_code == 302
    assert "It answers" in owner.get("/sources/").content.decode()
    pk = Connection.objects.get().pk
    looked = owner.post(f"/sources/{pk}/read", {k: v for k, v in PLAN.items() if k != "keep"})
    assert "2026-01-02" in looked.content.decode()
    assert Source.objects.count() == 0
    assert owner.post(f"/sources/{pk}/read", PLAN).status_code == 302
    made = confirmed(owner, Source.objects.get())
    assert (made.rows, orders(home)) == (10, list(range(1, 11)))
    shown = owner.get(f"/sources/read/{made.source_id}").content.decode()
    assert "Imported" in shown


def test_rows_that_wait_for_a_person_are_pointed_to(owner: Client, source: Source) -> None:
    entry = read(owner, source).entry
    assert entry
    shown = owner.get(f"/sources/read/{source.pk}").content.decode()
    assert f'href="/imports/{entry.pk}">Look at them' in shown


def test_what_is_new_is_imported_without_asking_on_schedule(
    owner: Client, source: Source, sell: Any, home: Path
) -> None:
    confirmed(owner, source)
    sell(11, 12)
    services.run_due(now=timezone.now() + timedelta(hours=2))
    run_all()
    last = source.fetches.order_by("-pk")[0]
    assert (last.began_from, last.ended_at) == (["whole", "10"], ["whole", "12"])
    assert last.entry
    assert last.entry.status == "done"
    assert (last.entry.found["new"], last.entry.found["unchanged"]) == (2, 10)
    assert orders(home) == list(range(1, 13))


def test_nothing_is_due_before_its_time_and_once_when_it_is(source: Source) -> None:
    assert services.run_due(now=timezone.now() + timedelta(minutes=59)) == 0
    later = timezone.now() + timedelta(minutes=61)
    assert [services.run_due(now=later), services.run_due(now=later)] == [1, 0]


def test_a_daily_source_is_due_at_its_hour(source: Source) -> None:
    source.every, source.hour = "day", 3
    found = services.next_at(source, timezone.now())
    assert found
    assert timezone.localtime(found).hour == 3


def test_rows_whose_import_was_discarded_are_read_again(owner: Client, source: Source) -> None:
    entry = read(owner, source).entry
    assert entry
    assert owner.post(f"/imports/{entry.pk}/discard").status_code == 302
    assert queries.begins_from(source) is None
    assert read(owner, source).rows == 10


def test_rows_of_an_import_that_was_undone_are_read_again(
    owner: Client, source: Source, home: Path
) -> None:
    entry = confirmed(owner, source).entry
    assert entry
    assert queries.begins_from(source) == ["whole", "10"]
    assert owner.post(f"/imports/{entry.pk}/undo").status_code == 302
    run_all()
    assert queries.begins_from(source) is None


def test_a_change_of_what_is_read_begins_anew(aiko: Person, owner: Client, source: Source) -> None:
    confirmed(owner, source)
    said = {name: getattr(source, name) for name in services.PLAN}
    services.replan(actor=aiko, pk=source.pk, said=said | {"every": "day"})
    source.refresh_from_db()
    assert queries.begins_from(source) == ["whole", "10"]
    services.replan(actor=aiko, pk=source.pk, said=said | {"since": "order_id"})
    source.refresh_from_db()
    assert (source.generation, queries.begins_from(source)) == (2, None)


def test_a_reading_that_broke_off_goes_on_where_it_was(
    owner: Client, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "FIRST_ROWS", 4)
    monkeypatch.setattr(reading, "MOST_ROWS", 4)
    monkeypatch.setattr(reading, "FEWEST_ROWS", 4)
    monkeypatch.setattr(reading, "PATIENCE", ())
    pages, kept = list[int](), reading._one

    def lose(*args: Any) -> Any:
        pages.append(1)
        if len(pages) == 5:  # a look, the key, the last value and a page went well
            raise reading.Lost("gone")
        return kept(*args)

    monkeypatch.setattr(reading, "_one", lose)
    broken = read(owner, source)
    assert (broken.outcome, broken.error["code"]) == ("failed", "lost")
    assert "goes on from there" in owner.get(f"/sources/read/{source.pk}").content.decode()
    again = read(owner, source)
    assert (again.pk, again.outcome, again.rows) == (broken.pk, "done", 10)
    assert len(pages) == 7


def test_a_job_that_ended_without_an_answer_is_told_and_may_be_run_again(
    owner: Client, source: Source
) -> None:
    owner.post(f"/sources/read/{source.pk}/run")
    Job.objects.update(state="failed")
    assert "Broken off" in owner.get(f"/sources/read/{source.pk}").content.decode()
    assert read(owner, source).outcome == "done"
    assert source.fetches.count() == 1


def test_a_second_run_while_one_reads_says_so(owner: Client, source: Source) -> None:
    owner.post(f"/sources/read/{source.pk}/run")
    answer = owner.post(f"/sources/read/{source.pk}/run", follow=True)
    assert "It is being read already." in answer.content.decode()
    assert source.fetches.count() == 1


def test_the_database_of_the_application_takes_one_reading_at_a_time(source: Source) -> None:
    said = {"source": source, "generation": 1, "started_at": timezone.now()}
    Fetch.objects.create(**said)
    with pytest.raises(IntegrityError), transaction.atomic():
        Fetch.objects.create(**said)


def test_nothing_new_makes_no_import(owner: Client, source: Source, home: Path) -> None:
    with closing(sqlite3.connect(home / "shop.db")) as shop, shop:
        shop.execute("DELETE FROM orders")
    assert (read(owner, source).outcome, Import.objects.count()) == ("done", 0)
    assert "nothing new" in owner.get(f"/sources/read/{source.pk}").content.decode()


def test_a_killed_worker_makes_no_second_import(owner: Client, source: Source, home: Path) -> None:
    """The reading is done and not yet handed over: running the job again hands it over once."""
    from kizuna.web.capture.sources import places, tasks

    owner.post(f"/sources/read/{source.pk}/run")
    fetch = source.fetches.get()
    database, selection = places.database_of(source.connection), places.selection_of(source)
    reading.read(database, selection, places.folder_of(fetch))
    run_all()
    tasks.read_rows.call(pk=fetch.pk)
    assert Import.objects.count() == 1
    assert not places.folder_of(fetch).exists()


def test_a_password_is_kept_encrypted_and_shown_nowhere(aiko: Person, owner: Client) -> None:
    place = PLACE | {"kind": "postgresql", "host": "db.example.com", "user": "reader"}
    made = services.connect(actor=aiko, said=place, password="s3cret-word")
    assert "s3cret-word" not in made.hidden_password
    pages = [owner.get(f"/sources/{made.pk}/change"), owner.get("/sources/")]
    entries = str(list(AuditEntry.objects.values()))
    assert "s3cret-word" not in entries + "".join(page.content.decode() for page in pages)


def test_a_kept_password_goes_nowhere_else(aiko: Person, owner: Client) -> None:
    place = PLACE | {"kind": "postgresql", "host": "192.0.2.1", "user": "reader"}
    made = services.connect(actor=aiko, said=place, password="secret")
    elsewhere = place | {"host": "evil.example.com", "port": "", "password": ""}
    answer = owner.post(f"/sources/{made.pk}/change", elsewhere)
    assert "give the password once more" in answer.content.decode()
    made.refresh_from_db()
    assert made.host == "192.0.2.1"


def test_a_server_that_may_not_be_reached_is_told_with_the_remedy(owner: Client) -> None:
    place = PLACE | {"kind": "postgresql", "host": "127.0.0.1", "port": "", "user": "reader"}
    answer = owner.post("/sources/new", place, follow=True)
    assert "KIZUNA_DATABASE_HOSTS" in answer.content.decode()


def test_a_query_that_is_no_select_is_refused_in_words(owner: Client, source: Source) -> None:
    said = PLAN | {"what": "", "query": "DELETE FROM orders"}
    answer = owner.post(f"/sources/{source.connection_id}/read", said)
    assert answer.status_code == 422
    assert "not one SELECT" in answer.content.decode()


def test_an_unreachable_database_leaves_its_page_usable(
    owner: Client, source: Source, home: Path
) -> None:
    (home / "shop.db").unlink()
    answer = owner.get(f"/sources/read/{source.pk}/change")
    assert "no such SQLite file" in answer.content.decode()


def test_members_and_viewers_may_not(client_of: Any, ben: Person, source: Source) -> None:
    assert client_of(ben).get("/sources/").status_code == 403
    assert client_of(ben).post(f"/sources/read/{source.pk}/run").status_code == 403


def test_what_is_done_is_on_the_record(owner: Client, source: Source) -> None:
    confirmed(owner, source)
    owner.post(f"/sources/read/{source.pk}/drop")
    owner.post(f"/sources/{source.connection_id}/remove")
    actions = list(AuditEntry.objects.values_list("action", flat=True))
    for verb in ("connected", "planned", "started", "read", "dropped", "removed"):
        assert f"capture.source.{verb}" in actions
    assert Import.objects.get().status == "done"


def test_pages_ask_the_database_a_fixed_number_of_times(
    owner: Client, aiko: Person, source: Source
) -> None:
    def asked(address: str) -> int:
        owner.get(address)
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert owner.get(address).status_code == 200
        return len(found)

    one = [asked("/sources/"), asked(f"/sources/read/{source.pk}")]
    for number in range(5):
        made = services.connect(actor=aiko, said=PLACE | {"name": f"Shop {number}"}, password="")
        Source.objects.create(connection=made, table="orders")
        Fetch.objects.create(
            source=source, generation=1, outcome="done", started_at=timezone.now(),
            finished_at=timezone.now(),
        )  # fmt: skip
    assert [asked("/sources/"), asked(f"/sources/read/{source.pk}")] == one


def test_every_refusal_is_said_in_japanese_too() -> None:
    with translation.override("ja"):
        for code, text in TEXTS.items():
            names = {part.split(")")[0] for part in text.split("%(")[1:]}
            said = wording.said({"code": code, "values": dict.fromkeys(names, "X")})
            assert said.endswith("。"), code
