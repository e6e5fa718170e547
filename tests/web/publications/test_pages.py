"""The pipeline's pages: what ran, what each table means, who may run it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import gettext, override

from kizuna.web.accounts.models import Person
from kizuna.web.know.publications import queries, services
from kizuna.web.know.publications.models import Publication
from published_shop import VALUED, refreshed_shop

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


def test_who_is_not_signed_in_is_sent_to_sign_in(client: Client, aiko: Person) -> None:
    assert client.get("/pipeline/").status_code == 302


def test_before_the_first_run_the_page_says_what_comes_first(viewer: Client) -> None:
    assert "import your orders" in viewer.get("/pipeline/").content.decode()


def test_runs_and_tables_are_listed_with_few_queries(
    viewer: Client, published: Publication, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        Publication.objects.create(status="failed")
    with django_assert_max_num_queries(8):
        page = viewer.get("/pipeline/").content.decode()
    assert "customer_facts" in page
    assert "Published" in page


def test_a_run_shows_each_step(viewer: Client, published: Publication) -> None:
    page = viewer.get(f"/pipeline/{published.pk}").content.decode()
    assert "purchase_days" in page
    assert str(VALUED) in page


def test_a_table_shows_its_definition_and_lineage(viewer: Client, published: Publication) -> None:
    page = viewer.get("/pipeline/tables/segments").content.decode()
    assert "sum over the segment" in page
    assert "/pipeline/tables/valued_customers" in page
    assert "SELECT" in page


def test_an_unknown_table_is_not_found(viewer: Client, published: Publication) -> None:
    assert viewer.get("/pipeline/tables/nonsense").status_code == 404


def test_a_viewer_may_not_start_a_run_but_a_member_may(
    viewer: Client, client_of: Any, ben: Person
) -> None:
    assert viewer.post("/pipeline/refresh").status_code == 403
    assert client_of(ben).post("/pipeline/refresh").status_code == 302
    assert Publication.objects.get().asked_by == ben


def test_every_link_of_the_lineage_leads_to_a_page(viewer: Client, published: Publication) -> None:
    names = {found.table.name for found in queries.table_states(queries.published())}
    for name in ("customer_facts", "churn_scores", "segments", "issue_contacts", "voice_themes"):
        page = viewer.get(f"/pipeline/tables/{name}").content.decode()
        linked = set(re.findall(r'href="/pipeline/tables/(\w+)"', page))
        assert linked
        assert linked <= names


def test_a_definition_with_a_percent_sign_is_told_in_japanese(
    chiyo: Person, viewer: Client, published: Publication
) -> None:
    chiyo.language = "ja"
    chiyo.save()
    page = viewer.get("/pipeline/tables/customer_facts").content.decode()
    assert "90%区間の下限" in page
    assert "low end" not in page


def test_every_definition_is_told_in_japanese(published: Publication) -> None:
    with override("ja"):
        for found in queries.table_states(queries.published()):
            told = [found.table.meaning, *(column.meaning for column in found.table.columns)]
            assert not [text for text in told if gettext(text) == text], found.table.name
