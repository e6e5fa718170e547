"""The list: search, filters, order, columns, pages and export."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.know.customers import queries
from kizuna.web.know.customers.columns import COLUMNS
from kizuna.web.know.customers.filters import segments
from kizuna.web.know.customers.folding import folded
from kizuna.web.know.customers.forms import FilterForm
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.profiles.models import FieldKind, FieldValue
from kizuna.web.know.profiles.services import fields
from kizuna.web.know.publications import services
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


def renamed(name: str) -> str:
    """Give some customer another name."""
    fact = CustomerFact.objects.order_by("pk")[0]
    CustomerFact.objects.filter(pk=fact.pk).update(customer_id=name, folded=folded(name))
    return name


def ids(**asked: Any) -> list[str]:
    return [row.customer_id for row in queries.customers(asked)]


def test_who_is_not_signed_in_is_sent_to_sign_in(client: Client, aiko: Person) -> None:
    assert client.get("/customers/").status_code == 302


def test_before_the_first_publication_the_list_says_what_comes_first(viewer: Client) -> None:
    assert "Import your orders" in viewer.get("/customers/").content.decode()


def test_the_most_valuable_come_first(published: Publication) -> None:
    values = [row.residual_clv for row in queries.page({}, 1).rows]
    assert len(values) == queries.A_PAGE
    assert values == sorted(values, reverse=True)


def test_every_sort_is_a_sort(published: Publication) -> None:
    for sort in ("historical_value", "-p_alive", "last_purchase", "-frequency", "customer_id"):
        values = [getattr(row, sort.lstrip("-")) for row in queries.customers({"sort": sort})]
        assert values == sorted(values, reverse=sort.startswith("-")), sort


def test_a_part_of_the_name_is_found_in_any_kana_and_width(published: Publication) -> None:
    name = renamed("ヤマダ花店 ＡＢＣ")
    for typed in ("やまだ", "ﾔﾏﾀﾞ花", "abc 花店", "ａｂｃ"):
        assert ids(q=typed) == [name], typed
    assert ids(q="100%") == []


def test_filters_narrow_the_list(published: Publication) -> None:
    assert all(row.p_alive >= 0.75 for row in queries.customers({"alive": "likely"}))
    dear = queries.customers({"value_from": 100.0})
    assert 0 < len(dear) < VALUED
    assert all(row.residual_clv >= 10_000 for row in dear)
    segment = segments()[0]
    assert {row.rfm_segment for row in queries.customers({"segment": segment})} == {segment}


def test_an_answer_that_makes_no_sense_is_said_and_left_out(
    viewer: Client, published: Publication
) -> None:
    page = viewer.get("/customers/?value_from=much&sort=password&segment=none").content.decode()
    assert "Enter a number" in page
    assert f"{VALUED} customers" in page


def test_pages_hold_everyone_once(published: Publication) -> None:
    pages = [queries.page({}, number) for number in range(1, 6)]
    found = [row.customer_id for page in pages for row in page.rows]
    assert len(found) == len(set(found)) == VALUED
    assert [page.has_next for page in pages] == [True, True, True, True, False]


@pytest.mark.parametrize("query", ["", "?q=C00&sort=-p_alive&value_from=0"])
def test_the_number_of_queries_does_not_grow_with_rows(
    viewer: Client, published: Publication, query: str
) -> None:
    viewer.get("/customers/")
    counts = []
    for kept in (VALUED, 3):
        found = CustomerFact.objects.filter(customer_id__contains="C00")
        valued = found.order_by(F("residual_clv").desc(nulls_last=True), "pk")
        CustomerFact.objects.exclude(pk__in=valued.values("pk")[:kept]).delete()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            viewer.get(f"/customers/{query}")
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] <= 20


def test_columns_can_be_chosen(viewer: Client, published: Publication) -> None:
    page = viewer.get("/customers/?columns=mean_spend").content.decode()
    assert '<th scope="col" class="number">Mean repeat purchase' in page
    assert '<th scope="col">Segment' not in page


def test_fields_of_ones_own_are_columns_too(
    aiko: Person, viewer: Client, published: Publication
) -> None:
    field = fields.make(actor=aiko, name="Rank at the club", kind=FieldKind.TEXT)
    held = CustomerFact.objects.order_by("-residual_clv").first()
    assert held is not None
    FieldValue.objects.create(field=field, customer_id=held.customer_id, text="Gold")
    columns = {"columns": ["orders", f"field_{field.pk}"]}
    text = viewer.get("/customers/", columns).content.decode()
    assert "Rank at the club" in text
    assert text.count("Gold") == 1
    assert "Gold" not in viewer.get("/customers/").content.decode()


def test_columns_are_offered_by_what_they_are_about(viewer: Client, published: Publication) -> None:
    choices = dict(FilterForm().fields["columns"].choices)  # type: ignore[attr-defined]
    assert next(iter(choices)) == "Who she is and her value"
    offered = {name for group in choices.values() for name, _label in group}
    assert offered == set(COLUMNS) - {"customer_id"}


def test_the_list_speaks_japanese(chiyo: Person, viewer: Client, published: Publication) -> None:
    chiyo.language = "ja"
    chiyo.save()
    page = viewer.get("/customers/").content.decode()
    assert "顧客" in page
    assert "今後の価値" in page


def test_an_export_holds_what_was_asked_for_and_is_recorded(
    client_of: Any, ben: Person, published: Publication
) -> None:
    renamed('=HYPERLINK("http://x")')
    answer = client_of(ben).get("/customers/export.csv")
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert len(rows) == VALUED
    assert '\'=HYPERLINK("http://x")' in {row["customer_id"] for row in rows}
    dearest = CustomerFact.objects.order_by("-residual_clv")[0]
    assert float(rows[0]["residual_clv"]) == pytest.approx(dearest.residual_clv / 100, abs=1e-3)
    assert AuditEntry.objects.filter(action="know.customers.exported", actor=ben).count() == 1


def test_a_japanese_export_begins_with_a_byte_order_mark(
    client_of: Any, ben: Person, published: Publication
) -> None:
    ben.language = "ja"
    ben.save()
    answer = client_of(ben).get("/customers/export.csv?q=C0001")
    assert answer.getvalue().startswith(b"\xef\xbb\xbfcustomer_id,")


def test_a_viewer_may_not_export(viewer: Client, published: Publication) -> None:
    assert viewer.get("/customers/export.csv").status_code == 403
    assert "export.csv" not in viewer.get("/customers/").content.decode()
