"""The pages of customers ask the database no more often the more there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kizuna.web.accounts.models import Person
from kizuna.web.know.customers.models import CustomerFact, Shelf
from kizuna.web.know.publications import services
from kizuna.web.know.publications.models import Publication
from published_shop import refreshed_shop
from shelved import shelve

pytestmark = pytest.mark.django_db

ASKED = ["", "?sort=p_alive", "?alive=likely", "?q=c&sort=name", "?value_from=0&sort=-orders"]
MOST, WALKED = 25, 3


@pytest.fixture
def viewer(settings: Any, chiyo: Person, client_of: Callable[[Person], Client]) -> Client:
    """Someone who looks at what is published; the customers are ours, and on no shelf yet."""
    settings.KIZUNA_HOME, found = refreshed_shop()
    services.record(publication=Publication.objects.create(), found=found)
    CustomerFact.objects.all().delete()
    Shelf.objects.all().delete()
    return client_of(chiyo)


def _fill(first: int, until: int) -> None:
    CustomerFact.objects.bulk_create(
        CustomerFact(
            customer_id=f"C{n:05d}",
            folded=f"c{n:05d}",
            name_key=f"{n % 97:02d}",
            fingerprint=n,
            residual_clv=float(n),
            p_alive=0.9,
            orders=n % 7,
        )
        for n in range(first, until)
    )


def _queries(client: Client, asked: str) -> int:
    client.get(f"/customers/{asked}")
    with CaptureQueriesContext(connection) as seen:
        page = client.get(f"/customers/{asked}")
    assert "/customers/one?id=C0" in page.content.decode()
    return len(seen)


def test_the_list_needs_no_more_queries_the_more_customers_there_are(viewer: Client) -> None:
    """Few matches are found and sorted by themselves; of many, the order is walked: two more."""
    _fill(0, 10)
    few = [_queries(viewer, asked) for asked in ASKED]
    _fill(10, 3_000)
    many = [_queries(viewer, asked) for asked in ASKED]
    _fill(3_000, 10_000)
    assert [_queries(viewer, asked) for asked in ASKED] == many
    assert max(few + many) <= MOST
    assert all(b - a <= WALKED for a, b in zip(few, many, strict=True)), (few, many)


def test_the_list_needs_as_many_queries_for_few_customers_on_the_shelf_as_for_many(
    viewer: Client,
) -> None:
    _fill(0, 10)
    shelve()
    few = [_queries(viewer, asked) for asked in ASKED[2:]]
    _fill(10, 3_000)
    shelve()
    assert [_queries(viewer, asked) for asked in ASKED[2:]] == few
    assert max(few) <= MOST
