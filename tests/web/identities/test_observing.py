"""What messages say of who is who: by rule, once, and never two known customers by a machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from kizuna.jobs import resolution
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import Person
from kizuna.web.capture.identities import queries, tasks
from kizuna.web.capture.identities.apps import drained
from kizuna.web.capture.identities.models import Link, Membership, Suspicion
from kizuna.web.capture.identities.services import merging, review
from kizuna.web.capture.identities.services.observing import observe
from kizuna.web.jobs.models import Job
from kizuna.web.jobs.testing import run_all
from kizuna.web.know.customers.models import CustomerFact

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Said:
    """A link as a message says it."""

    kind: str
    from_key: str
    to_key: str
    happened_at: datetime = NOW


@dataclass(frozen=True)
class Traits:
    """Traits as a message says them."""

    customer_key: str
    email: str | None
    phone: str | None = None
    happened_at: datetime = NOW


def test_what_a_visitor_did_belongs_to_the_customer_who_is_then_named() -> None:
    assert observe(links=[Said("anonymous", "anon:1", "A"), Said("anonymous", "anon:2", "A")]) == 2
    assert queries.raw_ids("A") == ["A", "anon:1", "anon:2"]


def test_saying_it_again_changes_nothing_and_asks_for_no_work() -> None:
    said = [Said("anonymous", "anon:1", "A"), Said("member", "A", "acme")]
    observe(links=said)
    jobs = Job.objects.count()
    assert observe(links=said) == 0
    assert (Link.objects.count(), Membership.objects.count()) == (1, 1)
    assert Job.objects.count() == jobs


def test_a_device_of_two_customers_stays_with_the_first_and_merges_nobody() -> None:
    observe(links=[Said("anonymous", "anon:1", "A"), Said("anonymous", "anon:1", "B")])
    assert queries.connected() == {"anon:1": "A"}
    assert Link.objects.get().contested_at is not None
    observe(links=[Said("anonymous", "anon:1", "C")])
    assert queries.connected() == {"anon:1": "A"}


def test_a_visitor_of_a_merged_customer_belongs_to_who_stayed_until_the_undoing(
    ben: Person,
) -> None:
    made = merging.merge(actor=ben, survivor_id="A", loser_id="B")
    observe(links=[Said("anonymous", "anon:1", "B")])
    assert queries.customer_of("anon:1") == "A"
    assert Link.objects.get(pk="anon:1").contested_at is None
    merging.undo(actor=ben, merge_id=made.pk)
    assert queries.connected() == {"anon:1": "B"}


def test_an_alias_of_a_visitor_is_connected() -> None:
    observe(links=[Said("alias", "1", "A")])
    assert queries.customer_of("anon:1") == "A"
    assert queries.customer_of("1") == "1"


@pytest.mark.parametrize("known_by", ["facts", "traits", "visitor"])
def test_an_alias_of_two_known_customers_is_for_people_to_decide(known_by: str) -> None:
    if known_by == "facts":
        CustomerFact.objects.create(customer_id="B", folded="b", fingerprint=0)
    elif known_by == "traits":
        observe(traits=[Traits("B", "b@example.com")])
    else:
        observe(links=[Said("anonymous", "anon:9", "B")])
    before = queries.connected()
    observe(links=[Said("alias", "B", "A")])
    assert queries.connected() == before
    found = Suspicion.objects.get()
    assert (found.first_id, found.second_id, found.rules) == ("A", "B", ["alias"])


def test_a_rule_that_is_switched_off_connects_nothing(aiko: Person) -> None:
    review.switch(actor=aiko, rule="anonymous", is_on=False)
    review.switch(actor=aiko, rule="member", is_on=False)
    observe(links=[Said("anonymous", "anon:1", "A"), Said("member", "A", "acme")])
    assert queries.connected() == {}
    assert not Membership.objects.exists()


def test_persons_are_shown_with_their_account_and_it_with_them(ben: Person) -> None:
    observe(links=[Said("member", "A", "acme"), Said("member", "B", "acme")])
    assert queries.identity("A").accounts == ["acme"]
    assert set(queries.identity("acme").persons) == {"A", "B"}
    merging.merge(actor=ben, survivor_id="umineko", loser_id="acme")
    assert queries.identity("A").accounts == ["umineko"]
    assert set(queries.identity("umineko").persons) == {"A", "B"}


def test_identifiers_are_kept_once_a_key() -> None:
    observe(traits=[Traits("A", "a@example.com", "+81312345678"), Traits("A", "a@example.com")])
    assert {i.value for i in queries.identity("A").identifiers} == {"a@example.com", "+81312345678"}


@pytest.fixture
def received(settings: Any, tmp_path: Path) -> Store:
    """A store in which messages have said who is who, and nobody followed."""
    settings.KIZUNA_HOME = tmp_path
    store = Store(tmp_path / "store")
    moments = pa.array([NOW.replace(tzinfo=None)] * 3, pa.timestamp("us"))
    rows = {
        "message_id": ["1", "2", "3"],
        "kind": ["anonymous", "anonymous", "member"],
        "from_key": ["anon:1", "anon:1", "A"],
        "to_key": ["A", "B", "acme"],
        "happened_at": moments,
        "received_at": moments,
    }
    store.write("received_links", pa.table(rows))
    said = {
        "customer_key": ["A", "A"],
        "email": ["a@example.com", "old@example.com"],
        "phone": ["+81312345678", None],
        "happened_at": moments[:2],
        "received_at": pa.array([moments[0].as_py(), moments[0].as_py() - timedelta(days=2)]),
    }
    store.write("received_traits", pa.table(said))
    return store


def test_what_a_killed_process_left_out_is_caught_up_with_once(received: Store) -> None:
    tasks.catch_up.enqueue()
    run_all()
    assert queries.connected() == {"anon:1": "A"}
    assert queries.identity("acme").persons == ["A"]
    assert {i.value for i in queries.identity("A").identifiers} == {"a@example.com", "+81312345678"}
    assert resolution.resolved(received, "anon:1") == "A"
    assert [row["kind"] for row in resolution.unfollowed(received)] == ["member"]


def test_what_was_drained_is_followed_at_once() -> None:
    batch = SimpleNamespace(
        links=[Said("anonymous", "anon:1", "A")], traits=[Traits("A", "a@example.com")]
    )
    drained(batch)
    assert queries.customer_of("anon:1") == "A"
    assert [i.value for i in queries.identity("A").identifiers] == ["a@example.com"]
