"""Facts of a customer on their page, and the list narrowed and sorted by them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from kizuna.pipeline.tables import TABLES
from kizuna.web.accounts.models import Person
from kizuna.web.know.customers import queries
from kizuna.web.know.customers.definitions import GROUPS, definitions
from kizuna.web.know.customers.forms import FilterForm
from kizuna.web.know.customers.known import topics_of
from kizuna.web.know.customers.mirroring import FACTS
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.profiles.giving import give_contacts
from kizuna.web.know.profiles.models import Contact
from kizuna.web.know.publications import services
from kizuna.web.know.publications.models import Publication
from kizuna.web.ui.templatetags.ui import writer
from published_shop import refreshed_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(settings: Any, db: None) -> Publication:
    """Publish the shop, which has orders and nothing else."""
    settings.KIZUNA_HOME, found = refreshed_shop()
    return services.record(publication=Publication.objects.create(), found=found)


@pytest.fixture
def regular(published: Publication) -> queries.Customer:
    """Give a customer who bought often."""
    found = queries.customer(CustomerFact.objects.order_by("-frequency")[0].pk)
    assert found is not None
    return found


def test_every_fact_of_the_table_has_a_definition() -> None:
    names = set(TABLES["customer_facts"].column_names) - {"customer_id"}
    assert names == set(definitions())
    assert {found.group for found in definitions().values()} <= set(GROUPS)


def test_what_was_never_brought_in_is_no_data_and_not_zero(regular: queries.Customer) -> None:
    with override("en"):
        topics = {topic.label: topic for topic in topics_of(regular)}
    assert not topics["Use"].is_known
    assert {fact.value for fact in topics["Use"].facts} == {""}
    bought = topics["Purchases of late"]
    assert bought.newest_on == regular.fact.last_purchase
    facts = {fact.label: fact for fact in bought.facts}
    assert facts["Days since purchase"].value == writer().number(regular.fact.days_since_purchase)
    assert facts["Days since purchase"].direction == "low is good"


def test_the_page_says_no_data_where_there_is_none(
    client_of: Any, chiyo: Person, regular: queries.Customer
) -> None:
    viewer: Client = client_of(chiyo)
    page = viewer.get("/customers/one/facts", {"id": regular.fact.pk}).content.decode()
    assert "Days since purchase" in page
    assert "no data" in page


def test_who_turned_up_since_the_publication_has_a_page_of_no_data(
    client_of: Any, chiyo: Person, regular: queries.Customer
) -> None:
    CustomerFact.objects.create(customer_id="fresh", folded="fresh", fingerprint=0)
    page = client_of(chiyo).get("/customers/one/facts", {"id": "fresh"})
    assert page.status_code == 200


def asked(**said: Any) -> dict[str, Any]:
    from django.http import QueryDict

    given = QueryDict(mutable=True)
    given.update(said)
    return FilterForm(given).asked


def test_who_has_no_data_is_not_meant_by_a_filter(published: Publication) -> None:
    assert queries.page(asked(mrr_from="0"), 1).rows == []
    one, other = CustomerFact.objects.order_by("pk")[:2]
    CustomerFact.objects.filter(pk=one.pk).update(fingerprint=0, mrr=500_00, days_to_renewal=20)
    CustomerFact.objects.filter(pk=other.pk).update(fingerprint=0, mrr=100_00, days_to_renewal=90)
    assert [row.pk for row in queries.page(asked(mrr_from="200"), 1).rows] == [one.pk]
    assert [row.pk for row in queries.page(asked(renewal_to="30"), 1).rows] == [one.pk]


def test_facts_of_late_are_sorted_with_no_data_last(published: Publication) -> None:
    one, other = CustomerFact.objects.order_by("pk")[:2]
    CustomerFact.objects.filter(pk=one.pk).update(mrr=100)
    CustomerFact.objects.filter(pk=other.pk).update(mrr=500)
    rows = queries.page({"sort": "-mrr"}, 1).rows
    assert [row.pk for row in rows[:2]] == [other.pk, one.pk]
    assert rows[2].mrr is None


def test_the_mirror_holds_facts_of_the_table_under_their_names() -> None:
    assert {"mrr", "days_to_renewal", "nps", "days_since_use", "cases_open"} <= set(FACTS)


def test_a_run_is_given_the_people_that_are_known(ben: Person, tmp_path: Any) -> None:
    from kizuna.pipeline.store import Store

    store = Store(tmp_path)
    give_contacts(store)
    assert store.names() == ()
    made = Contact.objects.create(customer_id="a", name="花子", role="sponsor", changed_by=ben)
    give_contacts(store)
    assert store.read("contacts")["role"].to_pylist() == ["sponsor"]
    made.delete()
    give_contacts(store)
    assert store.read("contacts").num_rows == 0
