"""Words that people, programs and files bring; their proofs; and that nothing of them changes."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kizuna.jobs.subjects import Subject
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.capture.consents import queries
from kizuna.web.capture.consents.models import AppendOnlyError, Consent, Purpose, Wording
from kizuna.web.capture.consents.services import recording, setting_up
from kizuna.web.capture.consents.services.recording import RefusedError, Said
from kizuna.web.capture.identities.models import Link
from kizuna.web.capture.privacy import records
from web.interface.asking import Program

pytestmark = pytest.mark.django_db
HANA = "c-hana-77"
FILE = (
    "顧客ID,目的,チャネル,状態,同意日時,備考\r\n"
    "c-hana-77,news,メール,同意,2026/04/01 10:00,展示会\r\n"
    "c-2,news,sms,撤回,2026-04-02,\r\n"
    "c-3,nowhere,email,同意,2026-04-02,\r\n"
    "c-4,news,email,同意,ある日,\r\n"
    "c-5,news,email,同意,2999-01-01,\r\n"
)


def upload(manager: Client, content: bytes, **more: str) -> str:
    file = SimpleUploadedFile("consents.csv", content)
    answer = manager.post("/consents/file", {"file": file, **more})
    return answer.content.decode()


def test_a_word_is_added_and_never_changed(news: Purpose, mia: Person) -> None:
    made = recording.record(actor=mia, said=Said(HANA, "granted", "news", "email"))
    made.status = "denied"
    for change in (made.save, made.delete, Consent.objects.all().delete):
        with pytest.raises(AppendOnlyError):
            change()
    with pytest.raises(AppendOnlyError):
        Consent.objects.update(status="denied")
    with pytest.raises(AppendOnlyError):
        Wording.objects.all().delete()


def test_who_may_only_look_records_nothing(chiyo: Person, news: Purpose) -> None:
    with pytest.raises(PermissionDenied):
        recording.record(actor=chiyo, said=Said(HANA, "granted", "news", "email"))
    with pytest.raises(PermissionDenied):
        setting_up.exported(actor=chiyo, customer_id=HANA, shape="csv")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Said("", "granted", "news", "email"), "customer"),
        (Said(HANA, "perhaps", "news", "email"), "status"),
        (Said(HANA, "granted", "nothing", "email"), "purpose"),
        (Said(HANA, "granted", "news", "pigeon"), "channel"),
        (Said(HANA, "granted", "news"), "scope"),
        (Said(HANA, "granted", "news", "email", "golf"), "topic"),
        (Said(HANA, "withdrawn", "news", "email", basis="card"), "basis"),
        (Said(HANA, "granted", "news", "email", wording_version=9), "wording"),
        (
            Said(HANA, "granted", "news", "email", decided_at=timezone.now() + timedelta(days=1)),
            "future",
        ),
    ],
)
def test_what_cannot_be_recorded_is_refused_with_a_reason(
    news: Purpose, mia: Person, said: Said, code: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        recording.record(actor=mia, said=said)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "granted"},
        {"status": "denied", "basis": "card"},
        {"status": "perhaps"},
        {"status": "denied", "customer_id": ""},
        {"status": "denied", "decided_at": timezone.now() + timedelta(days=1)},
    ],
)
def test_the_database_refuses_what_cannot_be(mia: Person, wrong: dict[str, Any]) -> None:
    usual = {"customer_id": HANA, "decided_at": timezone.now(), "source": "person"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent(**(usual | wrong)).save()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_file_is_read_row_by_row_and_once(manager: Client, news: Purpose, encoding: str) -> None:
    page = upload(manager, FILE.encode(encoding))
    assert Consent.objects.count() == 2
    for reason in ("There is no such purpose.", "cannot be read", "yet to come"):
        assert reason in page
    word = Consent.objects.get(customer_id=HANA)
    assert word.proof["line"] == 2
    assert word.proof["note"] == "展示会"
    assert len(word.proof["sha256"]) == 64
    upload(manager, FILE.encode(encoding))
    assert Consent.objects.count() == 2
    told = AuditEntry.objects.filter(action="capture.consents.brought").latest("number").after
    assert told == {"recorded": 0, "known": 2, "refused": 2}


def test_a_check_records_nothing(manager: Client, news: Purpose) -> None:
    assert "nothing was recorded" in upload(manager, FILE.encode(), only_check="on")
    assert not Consent.objects.exists()


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"\xff\xfe\x00\x81", b"x"])
def test_a_file_of_something_else_is_refused_whole(
    manager: Client, news: Purpose, content: bytes
) -> None:
    assert "columns are missing" in (page := upload(manager, content)) or "cannot be read" in page
    assert not Consent.objects.exists()


def test_the_proof_is_handed_out_whole_and_that_is_on_record(
    manager: Client, news: Purpose, mia: Person
) -> None:
    said = Said(HANA, "granted", "news", "email", wording_version=1, proof={"note": "=1+1"})
    recording.record(actor=mia, said=said)
    path = f"/consents/of/export?id={HANA}"
    (one,) = json.loads(manager.post(path, {"format": "json"}).getvalue())
    assert one["wording_en"] == "We write once a month."
    assert (one["status"], one["recorded_by"], one["proof"]) == (
        "granted", mia.email, {"note": "=1+1"},
    )  # fmt: skip
    text = manager.post("/consents/export", {"format": "csv"}).getvalue().decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["customer_id"] == HANA
    done = AuditEntry.objects.filter(action="capture.consents.exported").values_list("target")
    assert {target for (target,) in done} == {f"customer {HANA}", "all customers"}


def test_words_under_any_key_are_those_of_the_customer(news: Purpose, mia: Person) -> None:
    Link.objects.create(raw_customer_id="old", into_id=HANA, customer_id=HANA, rule="alias")
    recording.record(actor=mia, said=Said("old", "granted", "news", "email"))
    assert queries.may(HANA, channel="email", purpose="news").allowed
    assert queries.may("old", channel="email", purpose="news").allowed


def test_an_erasure_takes_every_word_and_waiting_yes(news: Purpose, mia: Person) -> None:
    recording.record(actor=mia, said=Said(HANA, "granted", "news", "email"))
    other = Said("c-2", "granted", "news", "email", proof={"note": f"friend of {HANA}"})
    recording.record(actor=mia, said=other)
    list(records.erase(Subject((HANA,))))
    (left,) = Consent.objects.all()
    assert left.customer_id == "c-2"
    assert HANA not in json.dumps(left.proof)


def test_a_person_records_what_a_customer_told_them(manager: Client, news: Purpose) -> None:
    path = f"/consents/of?id={HANA}"
    said = {"status": "granted", "purpose": "news", "channel": "email", "basis": "card",
            "decided_at": "2026-04-01T10:00", "note": "fair"}  # fmt: skip
    assert manager.post(path, said).status_code == 302
    page = manager.get(path).content.decode()
    assert "business card" in page
    assert "fair" in page
    assert manager.post(path, said | {"decided_at": "2999-04-01T10:00"}).status_code == 422


def test_the_link_for_a_customer_is_shown_and_that_is_on_record(
    manager: Client, client: Client, news: Purpose
) -> None:
    page = manager.post(f"/consents/of/link?id={HANA}").content.decode()
    link = page.partition("<code>http://testserver")[2].partition("</code>")[0]
    assert client.get(link).status_code == 200
    assert AuditEntry.objects.filter(action="capture.consents.link_made").exists()


def test_managers_lay_down_purposes_topics_words_and_the_sender(manager: Client) -> None:
    said = {
        "code": "events",
        "kind": "promotional",
        "channels": ["email"],
        "name_ja": "催し",
        "order": "5",
    }
    assert manager.post("/consents/new", said).status_code == 302
    assert manager.post("/consents/new", said).status_code == 422, "a code is taken once"
    pk = Purpose.objects.get(code="events").pk
    manager.post(f"/consents/purposes/{pk}/topics", {"code": "golf", "name_en": "Golf"})
    for _time in range(2):
        manager.post(f"/consents/purposes/{pk}/wordings", {"text_ja": "月に一度お送りします。"})
    manager.post(f"/consents/purposes/{pk}", said | {"name_ja": "行事"})
    page = manager.get(f"/consents/purposes/{pk}").content.decode()
    assert all(text in page for text in ("行事", "Golf", "Version 2"))
    manager.post(f"/consents/purposes/{pk}/retire")
    assert queries.may(HANA, channel="email", purpose="events").code == "unknown_purpose"
    assert "legal_name" not in manager.post("/consents/sender", {"legal_name": "絆"})
    assert queries.sender().legal_name == "絆"
    assert queries.sender().missing


def test_members_and_viewers_lay_nothing_down(client_of: Any, ben: Person, news: Purpose) -> None:
    member = client_of(ben)
    assert member.get("/consents/").status_code == 403
    assert member.post("/consents/export").status_code == 403
    assert member.get(f"/consents/of?id={HANA}").status_code == 200


def test_the_history_asks_as_much_of_the_database_for_many_words_as_for_few(
    manager: Client, news: Purpose, mia: Person
) -> None:
    counts = []
    manager.get(f"/consents/of?id={HANA}")
    for many in (1, 40):
        for _n in range(many):
            recording.record(actor=mia, said=Said(HANA, "granted", "news", "email"))
        with CaptureQueriesContext(connection) as asked:
            assert manager.get(f"/consents/of?id={HANA}").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 20


def test_programs_record_ask_and_read(mia: Person, news: Purpose) -> None:
    program = Program(mia)
    good = {"customer_id": HANA, "status": "granted", "purpose": "news", "channel": "email",
            "decided_at": "2026-04-01T10:00:00+09:00", "page": "example.jp/join"}  # fmt: skip
    body = {"consents": [good, good | {"purpose": "nothing"}]}
    answers = [program.post("consents", json=body).json() for _time in range(2)]
    first, second = answers
    assert (first["recorded"], first["known"]) == (1, 0)
    assert first["refused"][0]["index"] == 1
    assert (second["recorded"], second["known"]) == (0, 1)
    asked = {"id": HANA, "purpose": "news", "channel": "email"}
    answer = program.get("consents/may", **asked).json()
    assert (answer["allowed"], answer["code"]) == (True, "granted")
    before = program.get("consents/may", **asked, at="2026-03-31T00:00:00Z").json()
    assert before["code"] == "never_asked"
    (one,) = program.get("consents", id=HANA).json()["items"]
    assert one["proof"] == {"page": "example.jp/join"}
