"""Two customers become one and two again: nothing is lost, nothing is rewritten, in any order."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kizuna.jobs import resolution
from kizuna.web.accounts.models import AuditEntry, Person, Role
from kizuna.web.capture.identities import queries
from kizuna.web.capture.identities.models import Link, Merge
from kizuna.web.capture.identities.services import links, merging
from kizuna.web.jobs.testing import run_all
from kizuna.web.know.customers import history
from kizuna.web.know.customers.filters import filtered
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.customers.queries import customer
from kizuna.web.know.notes.queries import notes_on
from kizuna.web.know.notes.services import write
from kizuna.web.know.profiles import queries as profiles
from kizuna.web.know.profiles.models import Tag
from kizuna.web.know.profiles.services import details, tags
from kizuna.web.know.publications import services as publications
from kizuna.web.know.publications.models import Publication
from published_shop import refreshed_shop
from web.conftest import person

pytestmark = pytest.mark.django_db
KEYS = ("A", "B", "C", "D", "E")


@pytest.fixture
def known(db: None) -> None:
    """Customers whose names are letters."""
    for name in KEYS:
        CustomerFact.objects.create(customer_id=name, folded=name, fingerprint=0)


def merge(actor: Person, loser: str, survivor: str) -> Merge:
    return merging.merge(actor=actor, survivor_id=survivor, loser_id=loser, reason="the same")


def test_a_merged_customer_is_part_of_the_other_and_the_change_is_recorded(ben: Person) -> None:
    merge(ben, "B", "A")
    assert queries.customer_of("B") == "A"
    assert queries.raw_ids("A") == ["A", "B"]
    entry = AuditEntry.objects.get(action="capture.customer.merged")
    assert entry.after["merged"] == "B"


def test_a_viewer_merges_and_undoes_nothing(ben: Person, chiyo: Person) -> None:
    with pytest.raises(PermissionDenied):
        merge(chiyo, "B", "A")
    made = merge(ben, "B", "A")
    with pytest.raises(PermissionDenied):
        merging.undo(actor=chiyo, merge_id=made.pk)


def test_who_is_merged_already_is_not_merged_again(ben: Person) -> None:
    merge(ben, "B", "A")
    for loser, survivor in (("B", "C"), ("C", "B"), ("A", "A")):
        with pytest.raises(merging.NotPossibleError):
            merge(ben, loser, survivor)


def test_the_database_itself_refuses_a_customer_merged_into_two(ben: Person) -> None:
    Merge.objects.create(survivor_id="A", loser_id="B", merged_by=ben)
    with pytest.raises(IntegrityError), transaction.atomic():
        Merge.objects.create(survivor_id="C", loser_id="B", merged_by=ben)


def test_a_merge_below_another_can_be_undone_by_itself(ben: Person) -> None:
    first = merge(ben, "B", "A")
    merge(ben, "A", "C")
    assert queries.customer_of("B") == "C"
    merging.undo(actor=ben, merge_id=first.pk)
    assert [queries.customer_of(key) for key in "ABC"] == ["C", "B", "C"]


def test_undoing_twice_is_undoing_once(ben: Person) -> None:
    made = merge(ben, "B", "A")
    merging.undo(actor=ben, merge_id=made.pk)
    merging.undo(actor=ben, merge_id=made.pk)
    assert AuditEntry.objects.filter(action="capture.customer.merge_undone").count() == 1


def _expected(edges: dict[str, str]) -> dict[str, str]:
    """Follow the standing merges from each key to its end, by hand."""
    found = {}
    for key in edges:
        end = key
        while end in edges:
            end = edges[end]
        found[key] = end
    return found


STEPS = st.lists(
    st.tuples(st.sampled_from(["merge", "undo"]), st.integers(0, 4), st.integers(0, 4)),
    max_size=14,
)
numbers = count()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(STEPS)
def test_any_merges_and_undoings_leave_what_the_standing_merges_say(
    db: None, steps: list[tuple[str, int, int]]
) -> None:
    assert _played(steps) == []


def _played(steps: list[tuple[str, int, int]], undo: Any = merging.undo) -> list[str]:
    """Play the steps beside a plain model of them; give where they differ."""
    with transaction.atomic():
        actor = person(f"N{next(numbers)}", Role.MEMBER)
        edges: dict[str, str] = {}
        made: dict[str, Merge] = {}
        wrong = []
        for verb, one, other in steps:
            loser, survivor = KEYS[one], KEYS[other]
            if verb == "undo" and loser in edges:
                undo(actor=actor, merge_id=made[loser].pk)
                del edges[loser]
            elif verb == "merge" and loser != survivor and not {loser, survivor} & edges.keys():
                made[loser] = merge(actor, loser, survivor)
                edges[loser] = survivor
            if queries.connected() != _expected(edges):
                wrong.append(f"{verb} {loser} {survivor}")
        transaction.set_rollback(True)
    return wrong


def test_an_undo_that_forgets_what_hangs_below_is_found_out(db: None) -> None:
    def shallow(*, actor: Person, merge_id: int) -> None:
        Link.objects.filter(merge_id=merge_id).delete()
        Merge.objects.filter(pk=merge_id).update(undone_by=actor, undone_at="2026-01-01T00:00Z")

    steps = [("merge", 1, 0), ("merge", 0, 2), ("undo", 0, 0)]
    assert _played(steps) == []
    assert _played(steps, shallow) == ["undo A A"]


def test_what_people_wrote_is_shown_together_and_found_and_apart_again(
    known: None, ben: Person
) -> None:
    write(actor=ben, customer_id="A", text="about A")
    write(actor=ben, customer_id="B", text="about B")
    tags.add_tag(actor=ben, customer_id="B", name="vip")
    details.save(actor=ben, customer_id="B", version=0, owner=ben, parent_id="", values={})
    made = merge(ben, "B", "A")
    assert {note.text for note in notes_on("A")} == {"about A", "about B"}
    assert [tag.name for tag in profiles.tags_of("A")] == ["vip"]
    assert profiles.tags_on(["A"]) == {"A": ["vip"]}
    assert profiles.profile("A").owner == ben
    assert profiles.owners_of(["A"]) == {"A": "Ben"}
    tagged = filtered({"tag": Tag.objects.get()})
    assert "A" in tagged.values_list("pk", flat=True)
    merging.undo(actor=ben, merge_id=made.pk)
    assert [note.text for note in notes_on("A")] == ["about A"]
    assert profiles.tags_of("A") == []
    assert profiles.profile("A").owner is None
    assert profiles.profile("B").owner == ben


def owned_by(person: Person) -> set[str]:
    return set(filtered({"owner": person}).values_list("pk", flat=True))


def give(actor: Person, customer_id: str, owner: Person | None = None, parent_id: str = "") -> None:
    version = profiles.profile(customer_id).version
    said = {"owner": owner, "parent_id": parent_id, "values": {}}
    details.save(actor=actor, customer_id=customer_id, version=version, **said)


def test_customers_are_found_by_the_owner_that_they_are_shown_with(
    known: None, ben: Person, aiko: Person
) -> None:
    CustomerFact.objects.filter(pk="A").update(owner_email=aiko.email)
    give(ben, "B", ben)
    merge(ben, "B", "A")
    assert profiles.profile("A").owner == ben
    assert "A" in owned_by(ben)
    assert "A" not in owned_by(aiko)
    give(ben, "A", aiko)
    assert "A" in owned_by(aiko)
    assert "A" not in owned_by(ben)


def test_accounts_below_follow_merges_of_both(known: None, ben: Person) -> None:
    give(ben, "C", parent_id="B")
    give(ben, "D", parent_id="A")
    merge(ben, "B", "A")
    made = merge(ben, "D", "E")
    assert profiles.parent_of("C") == "A"
    assert profiles.parent_of("E") == "A"
    assert sorted(profiles.right_below(["A"], 10)) == ["C", "E"]
    merging.undo(actor=ben, merge_id=made.pk)
    assert sorted(profiles.right_below(["A"], 10)) == ["C", "D"]


def test_pages_of_a_merged_customer_lead_to_who_stayed_and_say_so(
    known: None, ben: Person, client_of: Any
) -> None:
    merge(ben, "B", "A")
    answer = client_of(ben).get("/customers/one/timeline", {"id": "B", "page": "2"})
    assert answer.status_code == 302
    assert answer["Location"] == "/customers/one/timeline?id=A&page=2"
    told = [str(message) for message in answer.wsgi_request._messages]
    assert "“B” was merged into this customer by Ben" in told[0]


@pytest.fixture
def published(settings: Any, tmp_path: Any, db: None) -> Publication:
    """Publish a shop of its own, which may be computed again."""
    import shutil

    home, found = refreshed_shop()
    settings.KIZUNA_HOME = tmp_path / "home"
    shutil.copytree(home, settings.KIZUNA_HOME)
    return publications.record(publication=Publication.objects.create(), found=found)


def test_figures_and_timeline_follow_a_merge_and_its_undoing_without_a_trace(
    published: Publication, ben: Person, client_of: Any
) -> None:
    one, other = CustomerFact.objects.order_by("-frequency", "pk")[:2]
    before = {row["customer_id"]: row for row in CustomerFact.objects.values()}
    pages = [_page(client_of(ben), fact.pk) for fact in (one, other)]
    made = merge(ben, other.pk, one.pk)
    run_all()
    both = CustomerFact.objects.get(pk=one.pk)
    worth = [fact.historical_value or 0 for fact in (one, other)]
    assert both.historical_value == sum(worth)
    assert not CustomerFact.objects.filter(pk=other.pk).exists()
    found = customer(one.pk)
    assert found is not None
    shown = history.orders(found.state, one.pk, 1).items
    assert len(shown) == min(both.orders or 0, history.A_PAGE)
    merging.undo(actor=ben, merge_id=made.pk)
    run_all()
    assert {row["customer_id"]: row for row in CustomerFact.objects.values()} == before
    assert [_page(client_of(ben), fact.pk) for fact in (one, other)] == pages
    assert resolution.raw_ids(publications.store(), one.pk) == [one.pk]


def _page(client: Client, customer_id: str) -> str:
    """Give the facts of a customer as their page shows them, without what differs by request."""
    answer = client.get("/customers/one/facts", {"id": customer_id})
    body = answer.content.decode()
    return body[body.index("<main") : body.index("</main>")]


def test_a_circle_of_keys_cannot_be_made(db: None) -> None:
    links.put(key="a", into="b", rule="hand")
    with pytest.raises(links.CircleError):
        links.put(key="b", into="a", rule="hand")
