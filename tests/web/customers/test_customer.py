"""One customer: value with its interval, a story in words, facts with definitions, orders."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from kizuna.web.accounts.models import Person
from kizuna.web.know.customers import history, queries, stories
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.notes.services import write
from kizuna.web.know.publications import services
from kizuna.web.know.publications.models import Publication
from published_shop import refreshed_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(settings: Any, db: None) -> Publication:
    """Publish the shop."""
    settings.KIZUNA_HOME, found = refreshed_shop()
    return services.record(publication=Publication.objects.create(), found=found)


@pytest.fixture
def viewer(client_of: Any, chiyo: Person) -> Client:
    """A browser of someone who may only look."""
    client: Client = client_of(chiyo)
    return client


@pytest.fixture
def regular(published: Publication) -> queries.Customer:
    """Give a customer who bought often."""
    found = queries.customer(CustomerFact.objects.order_by("-frequency")[0].pk)
    assert found is not None
    return found


def test_the_orders_are_those_of_the_table(regular: queries.Customer) -> None:
    shown = history.orders(regular.state, regular.fact.pk, 1).items
    assert len(shown) == regular.fact.orders <= history.A_PAGE
    total = sum(order.amount for order in shown)
    assert total == pytest.approx(regular.fact.historical_value / 100, abs=0.01)
    days = [order.ordered_on for order in shown]
    assert days == sorted(days, reverse=True)
    assert days[0] == regular.fact.last_purchase


def test_the_story_says_what_was_and_what_is_expected(regular: queries.Customer) -> None:
    with override("en"):
        told = stories.story(regular)
    assert told.startswith(f"Bought {regular.purchases} times, last {regular.days_since} days ago.")
    assert "90% interval" in told


def test_the_story_is_told_in_japanese(regular: queries.Customer) -> None:
    with override("ja"):
        assert f"これまでに{regular.purchases}回購入" in stories.story(regular)


def test_without_a_model_the_story_says_that_it_is_not_known(regular: queries.Customer) -> None:
    regular.fact.expected_purchases = regular.fact.p_alive = None
    with override("en"):
        assert "not yet known" in stories.story(regular)


def test_the_page_shows_all_with_few_queries(
    viewer: Client, regular: queries.Customer, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(42):
        page = viewer.get("/customers/one", {"id": regular.fact.pk}).content.decode()
    with django_assert_max_num_queries(8):
        facts = viewer.get("/customers/one/facts", {"id": regular.fact.pk}).content.decode()
    assert "discounted margin over the horizon, past excluded" in facts
    assert "How is this computed?" in page


def test_a_name_of_any_signs_has_its_page(viewer: Client, regular: queries.Customer) -> None:
    name = "../a?b=c&d <b>花子</b> \u202eمحمد"
    CustomerFact.objects.filter(pk=regular.fact.pk).update(customer_id=name)
    answer = viewer.get("/customers/one", {"id": name})
    assert answer.status_code == 200
    assert "<b>花子</b>" not in answer.content.decode()


def test_nobody_by_that_name_is_not_found(viewer: Client, published: Publication) -> None:
    assert viewer.get("/customers/one?id=nobody").status_code == 404
    assert viewer.get("/customers/one").status_code == 404


def test_the_timeline_holds_orders_and_notes_the_latest_first(
    client_of: Any, ben: Person, regular: queries.Customer
) -> None:
    write(actor=ben, customer_id=regular.fact.pk, text="Called them")
    page = history.timeline(regular.state, regular.fact.pk, 1)
    assert page.items[0].text == "Called them"
    rest = history.timeline(regular.state, regular.fact.pk, 2)
    assert len(page.items) + len(rest.items) == 1 + regular.fact.orders
    assert not rest.has_next
    answer = client_of(ben).get("/customers/one/timeline", {"id": regular.fact.pk})
    assert "Called them" in answer.content.decode()
    assert client_of(ben).get("/customers/one/orders", {"id": regular.fact.pk}).status_code == 200


def test_of_a_customer_of_many_orders_only_the_days_needed_are_read(
    regular: queries.Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    args = regular.state, regular.fact.pk, 1
    whole = history.orders(*args).items, history.timeline(*args).items
    fact = regular.fact
    monkeypatch.setattr(history, "MANY_ORDERS", 1)
    monkeypatch.setattr(history, "SPARE", 0)
    assert fact.orders
    assert fact.orders > 1
    since, first = history._since(fact, history.LAST_DAY, 1)
    assert fact.last_purchase
    assert history.FIRST_DAY == first < since <= fact.last_purchase
    fewer = history.orders(*args, fact=fact).items, history.timeline(*args, fact=fact).items
    assert fewer == whole  # days too few are noticed, and the others read too
