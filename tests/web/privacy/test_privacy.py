"""Requests of customers: entered, decided, carried out everywhere, reported place by place."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from django.conf import LazySettings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from kizuna.jobs.tombstones import Tombstones
from kizuna.pipeline.store import Store
from kizuna.web.accounts import trail
from kizuna.web.accounts.models import AuditEntry, AuditRedaction, Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.capture.privacy import queries, records, services
from kizuna.web.capture.privacy.models import Request, Status
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.notes.models import Note
from kizuna.web.know.profiles.models import Contact, Profile
from kizuna.web.know.publications.models import Publication
from tests.web.conftest import ClientOf, person

pytestmark = pytest.mark.django_db(transaction=True)

HANA, MAIL, KANJI = "c-hana-77", "hana77@example.jp", "花田ななせ"
TODAY = date(2026, 4, 1)


@pytest.fixture
def home(tmp_path: Path, settings: LazySettings) -> Path:
    """Have a data folder of one's own, in which Hana is everywhere."""
    settings.KIZUNA_HOME = tmp_path
    store = Store(tmp_path / "store")
    said = {"customer_id": [HANA, "c-2"], "email": [MAIL, "two@example.jp"]}
    for name in ("customers", "customers_log", "customer_facts"):
        store.write(name, pa.table(said))
    store.write("order_log", pa.table({"customer_id": [HANA, "c-2"], "amount": [1, 2]}))
    uploads = tmp_path / "uploads" / "imports" / "b1"
    uploads.mkdir(parents=True)
    (uploads / "file.csv").write_text(f"id,mail\n1,{MAIL}\n")
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "customers-1.arrow").write_bytes(b"\0" + HANA.encode())
    return tmp_path


@pytest.fixture
def mia(db: None, home: Path) -> Person:
    """A manager, who wrote about Hana."""
    mia = person("Mia", Role.MANAGER)
    CustomerFact.objects.create(
        customer_id=HANA, folded=f"{HANA} {MAIL}", fingerprint=1, name=KANJI, email=MAIL
    )
    Profile.objects.create(customer_id=HANA)
    Profile.objects.create(customer_id="c-2", parent_id=HANA)
    Contact.objects.create(customer_id=HANA, name=KANJI, role="user", email=MAIL, changed_by=mia)
    Note.objects.create(customer_id=HANA, text=f"{KANJI} rang", author=mia)
    Note.objects.create(customer_id="c-2", text=f"knows {MAIL}", author=mia)
    audit(actor=mia, action="know.note", target=f"customer {HANA}", after={"text": f"{KANJI} rang"})
    audit(actor=mia, action="know.note", target="customer c-2", after={"text": f"knows {MAIL}"})
    Publication.objects.create(
        status="published",
        published_at=datetime(2026, 4, 1, tzinfo=UTC),
        as_of=TODAY,
        versions={"customer_facts": 0},
        read_versions={"order_log": 0},
    )
    return mia


def asked(mia: Person, kind: str = "erasure") -> Request:
    """Enter a request of Hana's."""
    return services.record(
        actor=mia,
        kind=kind,
        customer_id=HANA,
        received_on=TODAY,
        identity_check="passport",
    )


def erased(mia: Person) -> Request:
    """Erase Hana."""
    found = asked(mia)
    services.carry_out(actor=mia, pk=found.pk)
    return services.erase(pk=found.pk)


def rows_that_name(*names: str) -> list[str]:
    """Search every column of every table of the database."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [table for row in cursor.fetchall() if any(n in repr(row) for n in names)]
    return found


def test_nothing_in_any_table_names_her_afterwards(mia: Person) -> None:
    assert rows_that_name(HANA, MAIL, KANJI)
    erased(mia)
    assert rows_that_name(HANA, MAIL, KANJI) == []


def test_the_search_bites_where_one_kind_of_record_is_forgotten(
    mia: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "LEFT_ALONE", records.LEFT_ALONE | {"notes"})
    erased(mia)
    assert set(rows_that_name(HANA, MAIL, KANJI)) == {"notes_note"}


def test_no_file_names_her_afterwards(mia: Person, home: Path) -> None:
    erased(mia)
    for path in (p for p in home.rglob("*") if p.is_file()):
        assert MAIL.encode() not in path.read_bytes()
    assert Store(home / "store").read("customers")["customer_id"].to_pylist() == ["c-2"]


def test_others_keep_their_records(mia: Person) -> None:
    erased(mia)
    assert Note.objects.get().text == "knows [erased]"
    assert Profile.objects.get().parent_id is None


def test_the_audit_log_holds_although_her_name_is_out_of_it(mia: Person) -> None:
    erased(mia)
    assert trail.verify().holds
    texts = [entry.after for entry in AuditEntry.objects.filter(action="know.note")]
    assert texts == [{"erased": True}, {"text": "knows [erased]"}]


@pytest.mark.parametrize("place", ["after_text", "target"])
def test_a_redacted_entry_that_is_changed_again_by_hand_is_found(mia: Person, place: str) -> None:
    erased(mia)
    number = AuditRedaction.objects.earliest("pk").pk
    AuditEntry._base_manager.filter(pk=number).update(**{place: "forged"})
    assert trail.verify().broken_at == number


def test_a_redaction_without_the_key_of_the_installation_does_not_hold(mia: Person) -> None:
    number = AuditEntry.objects.earliest("number").pk
    AuditEntry._base_manager.filter(pk=number).update(after_text="forged")
    AuditRedaction.objects.create(pk=number, seal="0" * 64)
    assert trail.verify().broken_at == number


def test_the_report_names_each_place(mia: Person) -> None:
    places = {row["place"]: (row["removed"], row["redacted"]) for row in erased(mia).report}
    assert places["store/customers"] == (1, 0)
    assert places["uploads/imports/b1/file.csv"] == (1, 0)
    assert places["lists/customers-1.arrow"] == (1, 0)
    assert places["database/notes_note"] == (1, 1)
    assert places["database/accounts_auditentry"] == (0, 2)


def test_pages_read_the_tables_as_they_are_now(mia: Person, home: Path) -> None:
    erased(mia)
    pinned = Publication.objects.get(status="published").versions["customer_facts"]
    assert Store(home / "store").read("customer_facts", pinned).num_rows == 1


def test_whoever_a_file_brings_back_is_erased_again(mia: Person, home: Path) -> None:
    erased(mia)
    Store(home / "store").append("order_log", pa.table({"customer_id": [HANA], "amount": [9]}))
    assert services.keep_erased() == 1
    assert Store(home / "store").read("order_log")["customer_id"].to_pylist() == ["c-2"]
    assert services.keep_erased() == 0


def test_an_erasure_waits_for_a_refresh_that_is_under_way(mia: Person) -> None:
    found = asked(mia)
    services.carry_out(actor=mia, pk=found.pk)
    Publication.objects.create(status="running")
    with pytest.raises(services.Busy):
        services.erase(pk=found.pk)
    assert Request.objects.get().status == Status.RUNNING


def test_the_database_refuses_an_erasure_that_still_names_somebody(mia: Person) -> None:
    found = erased(mia)
    found.hidden_subject = "x"
    with pytest.raises(IntegrityError), transaction.atomic():
        found.save()


def test_an_answer_is_due_a_month_later() -> None:
    days = [date(2026, 1, 31), date(2026, 12, 15), date(2028, 1, 30)]
    due = [services.month_after(day) for day in days]
    assert due == [date(2026, 2, 28), date(2027, 1, 15), date(2028, 2, 29)]


def test_a_request_is_decided_once(mia: Person) -> None:
    found = asked(mia)
    services.refuse(actor=mia, pk=found.pk, reason="identity not proven")
    with pytest.raises(services.NotNow):
        services.carry_out(actor=mia, pk=found.pk)


def test_only_managers_may(mia: Person, ben: Person) -> None:
    found = asked(mia)
    for call in (services.carry_out, services.answered):
        with pytest.raises(PermissionDenied):
            call(actor=ben, pk=found.pk)


def test_everything_about_her_is_handed_out_and_that_is_recorded(
    mia: Person, client_of: ClientOf
) -> None:
    found = asked(mia, "access")
    answer = client_of(mia).post(reverse("privacy:export", args=[found.pk]))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as pack:
        names = set(pack.namelist())
        assert {
            "customers.json",
            "customers.csv",
            "notes_note.csv",
            "profiles_contact.json",
        } <= names
        assert MAIL in pack.read("customers.csv").decode()
        assert "two@example.jp" not in b"".join(map(pack.read, names)).decode()
    assert Request.objects.get().status == Status.DONE
    assert AuditEntry.objects.filter(action="privacy.request.exported").exists()


def test_a_request_goes_through_the_pages(mia: Person, client_of: ClientOf) -> None:
    client: Client = client_of(mia)
    assert "No request yet" in client.get(reverse("privacy:list")).content.decode()
    form = {"kind": "erasure", "customer_id": HANA, "received_on": "2026-04-01"}
    assert client.post(reverse("privacy:add"), form).status_code == 422
    client.post(reverse("privacy:add"), form | {"identity_check": "passport"})
    pk = Request.objects.get().pk
    assert HANA in client.get(reverse("privacy:show", args=[pk])).content.decode()
    client.post(reverse("privacy:carry_out", args=[pk]))
    services.erase(pk=pk)
    shown = client.get(reverse("privacy:show", args=[pk])).content.decode()
    assert "store/order_log" in shown
    assert HANA not in shown


def test_the_digests_lie_in_the_data_folder_and_name_nobody(mia: Person, home: Path) -> None:
    erased(mia)
    stones = Tombstones(queries.home())
    assert stones.among([HANA, MAIL, "c-2"]) == {HANA, MAIL}
    assert MAIL not in stones.path.read_text()


def test_whoever_is_made_anonymous_is_named_nowhere_and_her_orders_stay(
    mia: Person, home: Path
) -> None:
    orders = {"customer_id": [HANA, "c-2"], "order_id": ["o-77-1", "o-2"], "amount": [1, 2]}
    days = {"ordered_on": [TODAY] * 2, "ordered_at": [datetime(2026, 4, 1, 9)] * 2}
    Store(home / "store").write("order_log", pa.table(orders | days))
    found = asked(mia, "anonymity")
    services.carry_out(actor=mia, pk=found.pk)
    services.erase(pk=found.pk)
    assert rows_that_name(HANA, MAIL, KANJI) == []
    kept = Store(home / "store").read("order_log").to_pydict()
    assert kept["amount"] == [1, 2]
    assert HANA not in kept["customer_id"]


def test_one_contact_goes_and_her_company_stays(mia: Person, home: Path) -> None:
    Profile.objects.create(customer_id="acme")
    mail, phone = "taro@acme.example", "+81312345678"
    Contact.objects.create(
        customer_id="acme", name="太郎", role="user", email=mail, phone=phone, changed_by=mia
    )
    Note.objects.create(customer_id="acme", text="Call 03-1234-5678", author=mia)
    said = {"customer_id": ["acme"], "email": [mail]}
    Store(home / "store").write("customers", pa.table(said))
    found = services.record(
        actor=mia,
        kind="contact",
        customer_id=mail.upper(),
        received_on=TODAY,
        identity_check="passport",
    )
    services.carry_out(actor=mia, pk=found.pk)
    services.erase(pk=found.pk)
    assert rows_that_name(mail, "taro@", "1234-5678", "太郎") == []
    assert Note.objects.get(customer_id="acme").text == "Call [erased]"
    customers = Store(home / "store").read("customers").to_pylist()
    assert customers == [{"customer_id": "acme", "email": "[erased]"}]
    assert services.keep_erased() == 0
