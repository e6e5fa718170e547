"""Files of the other tables: guessed, mapped, matched, counted, undone."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import Person
from kizuna.web.capture.imports import heads, parts
from kizuna.web.capture.imports.models import Import, Mapping, Table
from kizuna.web.jobs.testing import run_all

pytestmark = pytest.mark.django_db

CUSTOMERS = (
    "会員番号,氏名,フリガナ,メールアドレス,電話番号,ランク\n"
    "A,山田太郎,ヤマダ タロウ,taro@example.com,03-1234-5678,金\n"
    "B,佐藤花子,サトウ ハナコ,hana@example.com,090-1234-5678,銀\n"
)
ANSWERS = "customer_id,date,rating\nA,2026-01-05,9\nB,2026-01-06,3\n"


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own; a finished import starts no run of the pipeline."""
    settings.KIZUNA_HOME = tmp_path
    monkeypatch.setattr("kizuna.web.jobs.services._listeners", {"transactions_changed": []})
    return tmp_path


@pytest.fixture
def owner(client_of: Any, aiko: Person) -> Client:
    client: Client = client_of(aiko)
    return client


def upload(client: Client, content: str | bytes, name: str = "f.csv", table: str = "") -> Import:
    data = content.encode() if isinstance(content, str) else content
    said = {"file": SimpleUploadedFile(name, data), "table": table}
    assert client.post("/imports/upload", said).status_code == 302
    run_all()
    return Import.objects.latest("pk")


def post(client: Client, entry: Import, verb: str, **said: Any) -> Import:
    answer = client.post(f"/imports/{entry.pk}/{verb}", said)
    assert answer.status_code == 302, answer.content.decode()
    run_all()
    return Import.objects.get(pk=entry.pk)


def checked(client: Client, content: str, **said: Any) -> Import:
    """Upload a file and take what the page guesses, save what is said."""
    entry = upload(client, content)
    return post(client, entry, "columns", **{"policy": "overwrite", **guessed(entry), **said})


def guessed(entry: Import) -> dict[str, Any]:
    keys = parts.keys(entry.table)
    found: dict[str, Any] = {f"key_{i}": key for i, key in enumerate(keys) if len(keys) > 1}
    return found | entry.preview["guess"]


def page(client: Client, entry: Import) -> str:
    return client.get(f"/imports/{entry.pk}").content.decode()


@pytest.mark.parametrize(
    ("header", "table"),
    [
        ("customer_id,order_id,date,amount", "orders"),
        ("会員番号,氏名,フリガナ,メールアドレス", "customers"),
        ("contract_id,customer_id,start_date,amount,billing_cycle", "contracts"),
        ("channel,month,cost", "costs"),
    ],
)
def test_what_is_in_a_file_is_guessed_from_its_headings(
    owner: Client, header: str, table: str
) -> None:
    row = ",".join(["2026-01"] * len(header.split(",")))
    assert upload(owner, f"{header}\n{row}\n").table == table


def test_customers_are_brought_in_with_a_column_that_has_no_place(
    owner: Client, home: Path
) -> None:
    entry = checked(owner, CUSTOMERS, others=["ランク"], save_as="会員")
    assert (entry.status, entry.found["new"]) == ("checked", 2), entry.error
    assert Mapping.objects.get().table == "customers"
    assert post(owner, entry, "start").status == "done"
    kept = Store(home / "store").read("customers").to_pylist()
    assert [row["name"] for row in kept] == ["山田太郎", "佐藤花子"]
    assert '"金"' in kept[0]["custom"]


def test_the_same_customers_twice_change_nothing(owner: Client) -> None:
    post(owner, checked(owner, CUSTOMERS), "start")
    again = checked(owner, CUSTOMERS)
    counts = {name: again.found[name] for name in ("new", "changed", "unchanged")}
    assert counts == {"new": 0, "changed": 0, "unchanged": 2}


def test_records_are_matched_by_the_keys_and_the_policy_chosen(owner: Client, home: Path) -> None:
    post(owner, checked(owner, CUSTOMERS), "start")
    newer = "email,氏名\nHANA@example.com,鈴木花子\n"
    kept = checked(owner, newer, key_0="email", key_1="", key_2="", policy="fill_blanks")
    assert (kept.found["unchanged"], kept.found["new"]) == (1, 0), kept.found
    taken = checked(owner, newer, key_0="email", key_1="", key_2="", policy="overwrite")
    assert taken.found["changed"] == 1
    post(owner, taken, "start")
    names = Store(home / "store").read("customers")["name"].to_pylist()
    assert sorted(names) == sorted(["山田太郎", "鈴木花子"])


def test_conflicts_are_counted_shown_and_can_be_downloaded(owner: Client) -> None:
    post(owner, checked(owner, CUSTOMERS), "start")
    entry = checked(owner, "会員番号,氏名,メールアドレス\nA,誰か,hana@example.com\n")
    assert entry.found["rejected"] == {"keys_disagree": 1}
    shown = page(owner, entry)
    assert "Conflicts" in shown
    assert "point at different records" in shown
    answer = owner.get(f"/imports/{entry.pk}/rejected.csv")
    assert "hana@example.com" in b"".join(answer.streaming_content).decode()


def test_a_column_that_a_file_lacks_may_be_one_value_for_all_rows(
    owner: Client, home: Path
) -> None:
    entry = upload(owner, ANSWERS, table="responses")
    refused = owner.post(f"/imports/{entry.pk}/columns", guessed(entry) | {"policy": "overwrite"})
    assert refused.status_code == 422
    said = guessed(entry) | {"kind": "=nps", "policy": "overwrite"}
    assert post(owner, entry, "columns", **said).status == "checked"
    post(owner, entry, "start")
    assert Store(home / "store").read("responses")["kind"].to_pylist() == ["nps", "nps"]


def test_without_anything_to_match_by_the_form_asks_for_it(owner: Client) -> None:
    entry = upload(owner, "氏名\n山田太郎\n", table="customers")
    said = {"key_0": "customer_id", "policy": "overwrite", "name": "氏名"}
    answer = owner.post(f"/imports/{entry.pk}/columns", said)
    assert answer.status_code == 422
    assert "Choose a column by which a record is found" in answer.content.decode()


def test_an_import_of_customers_is_undone(owner: Client, home: Path) -> None:
    entry = post(owner, checked(owner, CUSTOMERS), "start")
    assert post(owner, entry, "undo").status == "undone"
    assert len(Store(home / "store").read("customers")) == 0


def test_a_file_may_be_looked_at_as_another_table(owner: Client) -> None:
    entry = upload(owner, "customer_id,order_id,date,amount\nA,1,2026-01-01,10\n")
    other = post(owner, entry, "look", table="events")
    assert (other.table, other.status) == ("events", "uploaded")
    assert "Properties" in page(owner, other)


@pytest.mark.parametrize("table", Table.values)
def test_every_table_has_a_page_in_both_languages(owner: Client, aiko: Person, table: str) -> None:
    entry = upload(owner, "a,b,c\n1,2,3\n4,5,6\n", table=table)
    assert owner.get(f"/imports/{entry.pk}").status_code == 200
    Person.objects.filter(pk=aiko.pk).update(language="ja")
    assert "照合" in page(owner, entry) or table != "customers"


def workbook(rows: int = 2) -> bytes:
    book, made = Workbook(), BytesIO()
    book.active.title = "表紙"
    sheet = book.create_sheet("受注")
    sheet.append(["会員番号", "注文日", "金額"])
    for number in range(rows):
        sheet.append([f"C{number}", "2026/1/5", 100 + number])
    other = book.create_sheet("旧")
    other.append(["customer_id", "date", "amount"])
    other.append(["Z", "2025-01-05", 7])
    book.save(made)
    return made.getvalue()


def test_of_a_workbook_the_first_sheet_with_rows_is_taken_and_another_can_be_chosen(
    owner: Client, home: Path
) -> None:
    entry = upload(owner, workbook(), "book.xlsx")
    assert (entry.sheet, entry.preview["columns"]) == ("受注", ["会員番号", "注文日", "金額"])
    other = post(owner, entry, "look", table="orders", sheet="旧")
    assert other.preview["rows"] == [["Z", "2025-01-05", "7"]]
    done = post(owner, post(owner, other, "columns", **guessed(other)), "start")
    assert done.status == "done", done.error
    assert Store(home / "store").read("transactions")["amount"].to_pylist() == [700]
    assert not list((home / "uploads" / "imports" / done.batch).glob("*.[cx]*"))


def test_an_empty_sheet_that_is_chosen_says_so(owner: Client) -> None:
    entry = upload(owner, workbook(), "book.xlsx")
    answer = owner.post(f"/imports/{entry.pk}/look", {"table": "orders", "sheet": "表紙"})
    assert answer.status_code == 422
    assert "is empty; choose another" in answer.content.decode()


def test_a_large_workbook_is_looked_at_in_the_background(
    owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "SLOW_EXCEL", 1000)
    data = SimpleUploadedFile("book.xlsx", workbook())
    owner.post("/imports/upload", {"file": data, "table": ""})
    entry = Import.objects.get()
    assert entry.status == "looking"
    assert 'hx-trigger="every 1s"' in page(owner, entry)
    run_all()
    entry = Import.objects.get()
    assert (entry.status, entry.sheet, entry.table) == ("uploaded", "受注", "orders")


def test_a_large_workbook_that_is_none_says_so(
    owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "SLOW_EXCEL", 1000)
    entry = upload(owner, b"PK\x03\x04" + bytes(2000), "book.xlsx")
    assert entry.status == "failed"
    assert "no Excel workbook that can be read" in page(owner, entry)
    assert "Do not import this file" in page(owner, entry)
