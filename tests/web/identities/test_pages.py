"""The pages on who is who: who may do what, what they show, and that they ask little."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.capture.identities import pages, queries, tasks
from kizuna.web.capture.identities.models import State, Suspicion
from kizuna.web.capture.identities.services import merging, review
from kizuna.web.jobs.testing import run_all
from kizuna.web.know.customers.models import CustomerFact

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def known(db: None) -> None:
    """Two customers who may be one."""
    for name, first, orders in (("A", date(2025, 1, 1), 3), ("B", date(2024, 1, 1), 2)):
        CustomerFact.objects.create(
            customer_id=name, folded=name, fingerprint=0, first_purchase=first, orders=orders
        )
    review.suspect(pairs=[("B", "A", ["email"])])


@pytest.mark.parametrize("path", ["", "merges", "rules"])
def test_each_page_is_shown_with_few_queries(
    client_of: Any, chiyo: Person, path: str, django_assert_max_num_queries: Any
) -> None:
    client = client_of(chiyo)
    with django_assert_max_num_queries(10):
        assert client.get(f"/identities/{path}").status_code == 200


def test_both_are_shown_side_by_side_and_together_the_older_first(
    client_of: Any, ben: Person, django_assert_max_num_queries: Any
) -> None:
    client = client_of(ben)
    with django_assert_max_num_queries(14):
        answer = client.get("/identities/compare?one=A&other=B")
    assert answer.status_code == 200
    shown = pages.comparison("A", "B")
    assert shown is not None
    assert [pk for pk, _name in shown.pair] == ["B", "A"]
    assert shown.sides[-1].together == "5"


def test_a_merge_by_the_form_leads_to_who_stays_and_settles_the_suspicion(
    client_of: Any, ben: Person
) -> None:
    said = {"survivor": "B", "reason": "same card"}
    answer = client_of(ben).post("/identities/merge?one=A&other=B", said)
    assert answer["Location"] == "/customers/one?id=B"
    assert queries.customer_of("A") == "B"
    assert Suspicion.objects.get().state == State.MERGED


def test_who_is_none_of_the_two_cannot_stay(client_of: Any, ben: Person) -> None:
    client_of(ben).post("/identities/merge?one=A&other=B", {"survivor": "C"})
    assert queries.connected() == {}


def test_an_undone_merge_is_to_be_decided_again(client_of: Any, ben: Person) -> None:
    made = merging.merge(actor=ben, survivor_id="A", loser_id="B")
    client_of(ben).post(f"/identities/merges/{made.pk}/undo")
    assert queries.connected() == {}
    assert Suspicion.objects.get().state == State.OPEN


def test_who_was_kept_apart_is_not_suggested_again(client_of: Any, ben: Person) -> None:
    client_of(ben).post(f"/identities/apart/{Suspicion.objects.get().pk}")
    review.suspect(pairs=[("A", "B", ["email", "phone"])])
    assert Suspicion.objects.get().state == State.APART
    assert AuditEntry.objects.filter(action="capture.duplicate.kept_apart").exists()


@pytest.mark.parametrize("path", ["merge?one=A&other=B", "look", "apart/1", "merges/1/undo"])
def test_a_viewer_changes_nothing(client_of: Any, chiyo: Person, path: str) -> None:
    assert client_of(chiyo).post(f"/identities/{path}").status_code == 403


def test_managers_alone_switch_rules(client_of: Any, ben: Person, aiko: Person) -> None:
    assert client_of(ben).post("/identities/rules/email", {"on": "0"}).status_code == 403
    assert client_of(aiko).post("/identities/rules/email", {"on": "0"}).status_code == 302
    assert "email" not in queries.rules_on()
    assert client_of(aiko).post("/identities/rules/none", {"on": "0"}).status_code == 404


def test_the_queue_holds_what_the_rules_find_now(settings: Any, tmp_path: Path) -> None:
    settings.KIZUNA_HOME = tmp_path
    rows = [{"customer_id": name, "phone": "+81312345678"} for name in "CD"]
    table = pa.Table.from_pylist(rows, schema=arrow_schema("customers"))
    Store(tmp_path / "store").write("customers", table)
    review.suspect(pairs=[("A", "C", ["alias"])])
    tasks.find_duplicates.enqueue()
    run_all()
    found = {(s.first_id, s.second_id) for s in Suspicion.objects.all()}
    assert found == {("C", "D"), ("A", "C")}


def test_the_queue_shows_pairs_in_the_order_in_which_the_rules_give_them(
    client_of: Any, chiyo: Person
) -> None:
    Suspicion.objects.all().delete()
    review.suspect(pairs=[("A", "B", ["email", "phone"]), ("A", "C", ["phone"]), ("A", "D", ["x"])])
    shown = client_of(chiyo).get("/identities/").content.decode()
    assert shown.index(">B<") < shown.index(">C<") < shown.index(">D<")
