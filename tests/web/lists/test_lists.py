"""Views that are kept, and what is done to many customers at once by the worker."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.jobs.testing import run_all
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.lists import services, tasks
from kizuna.web.know.lists.models import BulkAction, Deed, SavedView
from kizuna.web.know.profiles.models import Profile, Tagged

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def known(db: None) -> None:
    """Some customers, half of them on the web."""
    for n in range(10):
        channel = "web" if n % 2 else "shop"
        CustomerFact.objects.create(
            customer_id=f"C{n}", folded=f"c{n}", fingerprint=0, channel=channel, residual_clv=n
        )


@pytest.fixture
def member(client_of: Any, ben: Person) -> Client:
    """A browser of a member."""
    client: Client = client_of(ben)
    return client


def test_a_view_is_kept_without_its_page_and_shared_at_will(
    member: Client, ben: Person, chiyo: Person, client_of: Any
) -> None:
    member.post(
        "/customers/views/", {"name": "Web", "query": "channel=web&page=3&q=&sort=-p_alive"}
    )
    view = SavedView.objects.get()
    assert view.query == "channel=web&sort=-p_alive"
    with pytest.raises(PermissionDenied):
        services.delete_view(actor=chiyo, pk=view.pk)
    services.delete_view(actor=ben, pk=view.pk)
    assert AuditEntry.objects.filter(action__startswith="know.view.").count() == 2


def test_a_tag_reaches_all_that_match_and_nobody_else(member: Client) -> None:
    said = {"deed": "tag", "tag_name": "spring", "everyone": "on", "query": "channel=web"}
    assert member.post("/customers/bulk/", said).status_code == 302
    run_all()
    tagged = set(Tagged.objects.values_list("customer_id", flat=True))
    assert tagged == {"C1", "C3", "C5", "C7", "C9"}
    assert BulkAction.objects.get().done == 5
    assert AuditEntry.objects.filter(action__startswith="know.bulk.").count() == 2


def test_an_owner_reaches_those_ticked(member: Client, ben: Person) -> None:
    said = {"deed": "owner", "owner_id": str(ben.pk), "id": ["C1", "C2"]}
    member.post("/customers/bulk/", said)
    run_all()
    assert {p.pk for p in Profile.objects.filter(owner=ben)} == {"C1", "C2"}


def test_a_run_that_broke_off_goes_on_behind_what_is_done(
    ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "A_PART", 3)
    action = services.bulk(actor=ben, deed=Deed.TAG, query="", chosen=None, tag_name="x")
    BulkAction.objects.filter(pk=action.pk).update(reached="C5", done=6)
    run_all()
    assert set(Tagged.objects.values_list("customer_id", flat=True)) == {"C6", "C7", "C8", "C9"}
    assert BulkAction.objects.get().done == 10


def test_nobody_is_changed_where_nobody_was_ticked(member: Client) -> None:
    answer = member.post("/customers/bulk/", {"deed": "tag", "tag_name": "x"})
    assert answer.status_code == 422
    assert "Tick customers first" in answer.content.decode()
    assert not BulkAction.objects.exists()


def test_a_viewer_may_not(chiyo: Person) -> None:
    with pytest.raises(PermissionDenied):
        services.bulk(actor=chiyo, deed=Deed.TAG, query="", chosen=["C1"], tag_name="x")
