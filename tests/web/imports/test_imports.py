"""Bringing a file in through the pages: look, choose, check, import, undo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from data_sets import data_file, requires_data
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import AuditEntry, Person, Role
from kizuna.web.capture.imports.models import Import, Mapping
from kizuna.web.jobs.testing import run_all

pytestmark = pytest.mark.django_db

ORDERS = "customer_id,order_id,date,amount\nA,1,2026-01-01,10\nB,2,2026-01-02,20\n=B(),,,\n"
COLUMNS = {"customer": "customer_id", "date": "date", "amount": "amount", "order": "order_id"}


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own; a finished import starts no run of the pipeline."""
    settings.KIZUNA_HOME = tmp_path
    monkeypatch.setattr("kizuna.web.jobs.services._listeners", {"transactions_changed": []})
    return tmp_path


@pytest.fixture
def member(client_of: Any, ben: Person) -> Client:
    client: Client = client_of(ben)
    return client


@pytest.fixture
def owner(client_of: Any, aiko: Person) -> Client:
    client: Client = client_of(aiko)
    return client


def upload(client: Client, content: str | bytes = ORDERS, name: str = "orders.csv") -> Import:
    data = content.encode() if isinstance(content, str) else content
    answer = client.post("/imports/upload", {"file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 302, answer.content.decode()
    return Import.objects.latest("pk")


def post(client: Client, entry: Import, verb: str, **said: str) -> Import:
    assert client.post(f"/imports/{entry.pk}/{verb}", said).status_code == 302
    run_all()
    return Import.objects.get(pk=entry.pk)


def page(client: Client, entry: Import) -> str:
    return client.get(f"/imports/{entry.pk}").content.decode()


def imported(client: Client, content: str | bytes = ORDERS, **said: str) -> Import:
    entry = upload(client, content)
    checked = post(client, entry, "columns", **(said or COLUMNS))
    assert checked.status == "checked", checked.error
    return post(client, entry, "start")


def amounts(home: Path) -> list[int]:
    found: list[int] = Store(home / "store").read("transactions")["amount"].to_pylist()
    return found


def test_a_file_is_shown_with_its_first_rows_and_a_guess(member: Client) -> None:
    shown = page(member, upload(member))
    assert "2026-01-02" in shown
    assert '<option value="customer_id" selected>' in shown


def test_a_check_counts_and_changes_nothing(member: Client, home: Path) -> None:
    entry = post(member, upload(member), "columns", **COLUMNS)
    assert (entry.status, entry.found["new"], entry.rows_left_out) == ("checked", 2, 1)
    assert "no date is given" in page(member, entry)
    assert Store(home / "store").names() == ()


def test_an_import_brings_the_orders_in_and_lets_go_of_the_file(member: Client, home: Path) -> None:
    entry = imported(member)
    assert amounts(home) == [1000, 2000]
    assert entry.status == "done"
    assert not Path(entry.path).exists()
    assert "orders.csv" in member.get("/imports/").content.decode()


def test_the_same_file_twice_changes_nothing(member: Client, home: Path) -> None:
    imported(member)
    again = imported(member)
    assert (again.found["new"], again.found["unchanged"]) == (0, 2)
    assert amounts(home) == [1000, 2000]


def test_a_manager_undoes_what_a_member_may_not(
    member: Client, client_of: Any, chiyo: Person, home: Path
) -> None:
    entry = imported(member)
    assert member.post(f"/imports/{entry.pk}/undo").status_code == 403
    assert "Undo this import" not in page(member, entry)
    chiyo.role = Role.MANAGER
    chiyo.save()
    assert post(client_of(chiyo), entry, "undo").status == "undone"
    assert amounts(home) == []


def test_an_import_on_which_another_rests_says_so(owner: Client, home: Path) -> None:
    first = imported(owner)
    imported(owner)
    refused = post(owner, first, "undo")
    assert refused.status == "done"
    assert "undo orders.csv" in page(owner, refused)


def test_a_viewer_may_not_import(client_of: Any, chiyo: Person) -> None:
    assert client_of(chiyo).get("/imports/").status_code == 403
    assert client_of(chiyo).post("/imports/upload").status_code == 403


def test_a_file_that_is_no_table_is_refused_and_leaves_nothing(member: Client, home: Path) -> None:
    picture = SimpleUploadedFile("cat.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    answer = member.post("/imports/upload", {"file": picture})
    assert answer.status_code == 422
    assert "cat.png" in answer.content.decode()
    assert str(home) not in answer.content.decode()
    assert not list((home / "uploads" / "imports").iterdir())
    assert not Import.objects.exists()


def test_columns_that_cannot_be_used_say_why_and_can_be_mended(member: Client, home: Path) -> None:
    entry = post(member, upload(member), "columns", **(COLUMNS | {"date": "customer_id"}))
    assert entry.status == "failed"
    shown = page(member, entry)
    assert "No row can be used" in shown
    assert str(home) not in shown
    assert post(member, entry, "columns", **COLUMNS).status == "checked"


def test_without_an_amount_the_form_asks_for_it(member: Client) -> None:
    entry = upload(member)
    answer = member.post(f"/imports/{entry.pk}/columns", COLUMNS | {"amount": ""})
    assert answer.status_code == 422
    assert "Choose the amount" in answer.content.decode()


def test_kept_columns_are_offered_for_the_next_file(member: Client) -> None:
    post(member, upload(member), "columns", **COLUMNS, save_as="Shop export")
    assert Mapping.objects.get().mapping["columns"]["order"] == "order_id"
    assert "Shop export" in page(member, upload(member))


def test_a_column_set_to_none_is_not_guessed_again(member: Client) -> None:
    entry = post(member, upload(member), "columns", **(COLUMNS | {"order": ""}))
    assert "order" not in entry.found["columns"]


def test_rows_left_out_are_downloaded_safe_from_formulas(owner: Client) -> None:
    entry = imported(owner)
    answer = owner.get(f"/imports/{entry.pk}/rejected.csv")
    text = b"".join(answer.streaming_content).decode()
    assert text.splitlines()[1] == '4,missing_date,no date is given,"\'=B(),,,"'
    assert AuditEntry.objects.filter(action="capture.import.rejected_exported").exists()


def test_japanese_spreadsheets_get_a_byte_order_mark(
    member: Client, ben: Person, home: Path
) -> None:
    Person.objects.filter(pk=ben.pk).update(language="ja")
    entry = imported(member)
    answer = member.get(f"/imports/{entry.pk}/rejected.csv")
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff行,")
    assert "日付の記載がありません" in text


def test_a_japanese_file_in_cp932_is_read(member: Client, home: Path) -> None:
    rows = "会員番号,注文日,金額\n1,令和8年1月5日,1200円\n2,2026/1/6,￥900\n".encode("cp932")
    entry = imported(member, rows, customer="会員番号", date="注文日", amount="金額")
    assert entry.found["currency"] == "JPY"
    assert amounts(home) == [1200, 900]


def test_two_people_cannot_start_the_same_import(member: Client, owner: Client) -> None:
    entry = imported(member)
    answer = owner.post(f"/imports/{entry.pk}/start", follow=True)
    assert "Someone else was faster" in answer.content.decode()


def test_a_file_may_be_let_go(member: Client, home: Path) -> None:
    entry = upload(member)
    assert member.post(f"/imports/{entry.pk}/discard").status_code == 302
    assert not Import.objects.exists()
    assert not Path(entry.path).parent.exists()


def test_a_file_of_the_allowed_folder_stays_where_it_is(
    member: Client, settings: Any, home: Path
) -> None:
    (folder := home / "in").mkdir()
    (folder / "shop.csv").write_text(ORDERS, "utf-8")
    settings.IMPORT_FOLDER = str(folder)
    assert member.post("/imports/take", {"name": "shop.csv"}).status_code == 302
    entry = post(member, Import.objects.get(), "columns", **COLUMNS)
    assert post(member, entry, "start").status == "done"
    assert (folder / "shop.csv").exists()


def test_a_file_of_the_folder_that_is_no_table_is_named_without_its_folder(
    member: Client, settings: Any, home: Path
) -> None:
    (home / "shop.csv").write_text("[1, 2]", "utf-8")
    settings.IMPORT_FOLDER = str(home)
    answer = member.post("/imports/take", {"name": "shop.csv"}).content.decode()
    assert "shop.csv is one JSON array" in answer
    assert str(home) not in answer


@pytest.mark.parametrize("name", ["../secret-key", "/etc/passwd", "absent.csv"])
def test_a_file_outside_of_the_folder_is_refused(
    member: Client, settings: Any, home: Path, name: str
) -> None:
    (home / "in").mkdir()
    settings.IMPORT_FOLDER = str(home / "in")
    assert member.post("/imports/take", {"name": name}).status_code == 422
    assert not Import.objects.exists()


def test_a_file_that_changed_since_the_check_is_not_imported(
    member: Client, settings: Any, home: Path
) -> None:
    entry = post(member, upload(member), "columns", **COLUMNS)
    Path(entry.path).write_text(ORDERS.replace("10", "99"), "utf-8")
    assert "changed since" in post(member, entry, "start").error
    assert Store(home / "store").names() == ()


def test_while_it_works_the_page_shows_how_far_it_is(member: Client) -> None:
    entry = upload(member)
    member.post(f"/imports/{entry.pk}/columns", COLUMNS)
    shown = page(member, entry)
    assert 'hx-trigger="every 1s"' in shown
    part = member.get(f"/imports/{entry.pk}", headers={"HX-Request": "true"})
    assert b"<html" not in part.content
    run_all()
    part = member.get(f"/imports/{entry.pk}", headers={"HX-Request": "true"})
    assert part.headers["HX-Refresh"] == "true"


def test_a_finished_import_is_announced(member: Client, monkeypatch: Any) -> None:
    heard: list[dict[str, Any]] = []
    listeners = {"transactions_changed": [lambda **said: heard.append(said)]}
    monkeypatch.setattr("kizuna.web.jobs.services._listeners", listeners)
    imported(member)
    assert len(heard) == 1
    imported(member)
    assert len(heard) == 1, "nothing changed"


def test_the_list_asks_as_much_for_many_as_for_few(
    member: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        upload(member)
    with django_assert_max_num_queries(8):
        member.get("/imports/")


@requires_data
@pytest.mark.parametrize("name", ["cdnow/cdnow_sample", "online_retail/online_retail"])
def test_public_logs_are_imported_with_what_the_pages_guess(
    owner: Client, home: Path, name: str
) -> None:
    entry = upload(owner, data_file(f"{name}.parquet").read_bytes(), "orders.parquet")
    entry = imported_as_guessed(owner, entry)
    assert entry.status == "done"
    assert entry.found["new"] == entry.found["waiting"] + len(amounts(home))


def imported_as_guessed(client: Client, entry: Import) -> Import:
    checked = post(client, entry, "columns", **entry.preview["guess"])
    assert checked.status == "checked", checked.error
    return post(client, entry, "start")
