"""The audit log: it only grows, shows any change made to it, and is searched and taken out."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.db.models import ProtectedError
from django.test import override_settings

from kizuna.web.accounts import trail
from kizuna.web.accounts.models import AuditEntry, AuditHead, AuditIsAppendOnlyError, Person
from kizuna.web.accounts.services import audit
from web.conftest import ClientOf


@pytest.fixture
def five(aiko: Person) -> Person:
    for i in range(1, 6):
        audit(actor=aiko, action="test.done", target=f"thing {i}", after={"i": i, "名": "絆"})
    return aiko


def sql(statement: str) -> Callable[[], None]:
    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return run


TABLE = "accounts_auditentry"
EDITS = {
    "action": f"UPDATE {TABLE} SET action = 'test.undone' WHERE number = 3",
    "target": f"UPDATE {TABLE} SET target = 'another' WHERE number = 3",
    "before": f"UPDATE {TABLE} SET before_text = '{{}}' WHERE number = 3",
    "after": f"UPDATE {TABLE} SET after_text = '{{\"i\": 4}}' WHERE number = 3",
    "actor": f"UPDATE {TABLE} SET actor_id = NULL WHERE number = 3",
    "address": f"UPDATE {TABLE} SET address = '10.0.0.1' WHERE number = 3",
    "agent": f"UPDATE {TABLE} SET agent = 'Fox' WHERE number = 3",
    "moment": f"UPDATE {TABLE} SET at = '2001-01-01 00:00:00+00:00' WHERE number = 3",
    "delete": f"DELETE FROM {TABLE} WHERE number = 3",
    "delete and renumber": f"DELETE FROM {TABLE} WHERE number = 3;"
    # in two steps: a database may look for doubles after each row
    f"UPDATE {TABLE} SET number = -number WHERE number > 3;"
    f"UPDATE {TABLE} SET number = -number - 1 WHERE number < 0",
    "delete the first": f"DELETE FROM {TABLE} WHERE number = 1",
    "delete the last": f"DELETE FROM {TABLE} WHERE number = 5",
    "reorder": f"UPDATE {TABLE} SET number = 99 WHERE number = 3;"
    f"UPDATE {TABLE} SET number = 3 WHERE number = 4;"
    f"UPDATE {TABLE} SET number = 4 WHERE number = 99",
}


def test_an_untouched_log_holds(five: Person) -> None:
    assert trail.verify() == trail.Verdict(5)


def test_an_empty_log_holds(db: None) -> None:
    assert trail.verify().holds


@pytest.mark.parametrize("name", EDITS)
def test_every_change_past_the_application_is_seen(five: Person, name: str) -> None:
    for statement in EDITS[name].split(";"):
        sql(statement)()
    assert not trail.verify().holds


def test_a_whole_new_chain_without_the_secret_is_seen(five: Person) -> None:
    sql(f"DELETE FROM {TABLE}")()
    AuditHead.objects.all().delete()
    with override_settings(SECRET_KEY="a guess"):
        audit(actor=five, action="test.done", target="a better past")
    assert trail.verify() == trail.Verdict(1, broken_at=1)


def test_a_log_written_under_an_older_key_holds(five: Person, settings: object) -> None:
    old = settings.SECRET_KEY  # type: ignore[attr-defined]
    with override_settings(SECRET_KEY="the next one", SECRET_KEY_FALLBACKS=[old]):
        audit(actor=five, action="test.done", target="under the next key")
        assert trail.verify().holds


@pytest.mark.parametrize(
    "change",
    [
        lambda: AuditEntry.objects.update(action="x"),
        lambda: AuditEntry.objects.filter(number=1).delete(),
        lambda: AuditEntry.objects.all().delete(),
        lambda: AuditEntry.objects.bulk_update(AuditEntry.objects.all(), ["action"]),
        lambda: AuditEntry.objects.bulk_create([AuditEntry()]),
        lambda: AuditEntry.objects.update_or_create(number=1),
        lambda: AuditEntry.objects.get(number=1).save(),
        lambda: AuditEntry.objects.get(number=1).delete(),
    ],
)
def test_the_code_itself_cannot_change_an_entry(five: Person, change: Callable[[], object]) -> None:
    with pytest.raises(AuditIsAppendOnlyError):
        change()
    assert trail.verify() == trail.Verdict(5)


def test_nobody_who_did_something_can_be_deleted(five: Person) -> None:
    with pytest.raises(ProtectedError):
        five.delete()


def test_any_text_and_any_value_can_be_recorded(aiko: Person) -> None:
    odd = {"at": datetime(2026, 4, 1, tzinfo=UTC), "text": "\x00 \ud800 ‮ 😀 髙﨑", "n": 1e16}
    entry = audit(actor=aiko, action="test.odd", target="😀", before=odd)
    assert AuditEntry.objects.get(pk=entry.pk).before["n"] == 1e16
    assert trail.verify().holds


def test_what_is_rolled_back_leaves_no_entry_and_no_gap(five: Person) -> None:
    with transaction.atomic():
        audit(actor=five, action="test.failed", target="")
        transaction.set_rollback(True)
    audit(actor=five, action="test.done", target="after")
    assert trail.verify() == trail.Verdict(6)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 5),
        ("?action=test.", 5),
        ("?action=other", 0),
        ("?text=thing 3", 1),
        ("?text=絆", 5),
        ("?since=2001-01-01", 5),
        ("?until=2001-01-01", 0),
        ("?since=nonsense", 5),
        ("?page=nonsense", 5),
    ],
)
def test_the_log_is_searched(five: Person, client_of: ClientOf, query: str, count: int) -> None:
    page = client_of(five).get(f"/audit/{query}")
    assert page.text.count("<code>test.done</code>") == count


def test_the_log_is_searched_by_person(five: Person, ben: Person, client_of: ClientOf) -> None:
    assert "thing 3" in client_of(five).get(f"/audit/?who={five.pk}").text
    assert "thing 3" not in client_of(five).get(f"/audit/?who={ben.pk}").text


def test_the_page_asks_the_database_as_often_for_many_entries(
    five: Person, client_of: ClientOf, django_assert_max_num_queries: object
) -> None:
    hers = client_of(five)
    hers.get("/audit/")
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        hers.get("/audit/")


def test_a_person_asks_whether_the_log_is_whole(five: Person, client_of: ClientOf) -> None:
    hers = client_of(five)
    assert "every seal holds" in hers.post("/audit/verify/").text
    sql(EDITS["target"])()
    assert "Entry 3 is not as it was written" in hers.post("/audit/verify/").text


def test_taking_the_log_out_is_itself_recorded(five: Person, client_of: ClientOf) -> None:
    answer = client_of(five).get("/audit/export.csv?action=test.")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row[4] for row in rows[1:]] == [f"thing {i}" for i in (5, 4, 3, 2, 1)]
    entry = AuditEntry.objects.get(action="accounts.audit.exported")
    assert entry.after == {"action": "test."}


def test_no_cell_of_the_file_is_a_formula(aiko: Person, client_of: ClientOf) -> None:
    audit(actor=aiko, action="test.done", target="=HYPERLINK(1)")
    audit(actor=aiko, action="test.done", target="＝1+1")
    answer = client_of(aiko).get("/audit/export.csv")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    cells = {row[4] for row in csv.reader(io.StringIO(text))}
    assert {"'=HYPERLINK(1)", "'＝1+1"} <= cells
