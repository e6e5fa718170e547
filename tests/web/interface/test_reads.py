"""What programs read: the same numbers as the pages, with intervals and definitions."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kizuna.pipeline.parameters import minor_units
from kizuna.web.accounts.models import AuditEntry, Person, Role, Scope
from kizuna.web.accounts.services.people import change_role
from kizuna.web.know.customers import queries
from kizuna.web.know.customers.columns import COLUMNS, SORTED
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.customers.shapes import Asked, Facts
from kizuna.web.know.customers.walks import walk
from kizuna.web.know.profiles.models import Tag, Tagged
from kizuna.web.know.publications.models import Publication
from published_shop import VALUED
from web.interface.asking import Program

pytestmark = pytest.mark.django_db

QUERIES = {
    "whoami": 0,
    "customers?limit=20": 2,
    "customers?q=1&segment=Champions": 8,
    "customers/one?id={id}": 9,
    "customers/one/orders?id={id}": 2,
    "customers/one/timeline?id={id}": 6,
    "board": 4,
    "health": 5,
    "health/one?id={id}": 12,
    "segments": 1,
    "channels": 1,
    "publications": 1,
    "publications/{run}": 1,
    "tables": 2,
    "tables/segments": 2,
    "what-if?loss=-10": 1,
    "scenarios": 1,
    "imports": 1,
    "jobs": 2,
}
"""Address → queries at most, beside those of the key and of its allowance."""
OF_THE_GATE = 5


def everyone(program: Program, **asked: Any) -> list[dict[str, Any]]:
    """Walk through the whole list."""
    found, cursor = [], None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = program.get("customers", limit=60, **asked, **more).json()
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def test_the_shape_of_a_customer_has_every_column(db: None) -> None:
    assert set(Facts.model_fields) == set(COLUMNS)


@pytest.mark.parametrize("name", [*SORTED, *(f"-{name}" for name in SORTED)])
def test_a_walk_meets_every_customer_once_in_the_order_of_the_page(
    program: Program, published: Publication, name: str
) -> None:
    some = CustomerFact.objects.order_by("customer_id").values_list("pk", flat=True)[:70]
    unknown = {"residual_clv": None, "last_purchase": None, "orders": None, "name_key": None}
    CustomerFact.objects.filter(pk__in=list(some)).update(**unknown)
    met = [row["customer_id"] for row in everyone(program, sort=name)]
    assert met == [row.customer_id for row in queries.customers({"sort": name})]
    assert len(met) == VALUED


def test_a_walk_through_many_goes_by_the_index(
    published: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kizuna.web.know.customers.paging.COUNTED", 5)
    asked, met, cursor = {"alive": "likely"}, [], None
    while True:
        page = walk(asked, cursor=cursor, limit=7)
        met += [row.pk for row in page.rows]
        if (cursor := page.next_cursor) is None:
            break
    assert met == [row.pk for row in queries.customers(asked)]


def test_a_cursor_of_another_order_is_refused(program: Program, published: Publication) -> None:
    cursor = program.get("customers", limit=1).json()["next_cursor"]
    assert program.get("customers", cursor=cursor, sort="orders").status_code == 422
    for broken in ("x", "W10", "eyJ4IjogMX0"):
        assert program.get("customers", cursor=broken).status_code == 422


def test_filters_are_those_of_the_page(program: Program, published: Publication) -> None:
    dear = everyone(program, value_from=100)
    assert dear
    assert all(row["residual_clv"] >= 100 for row in dear)
    assert len(dear) == queries.customers({"value_from": 100.0}).count()


def test_a_tag_and_an_owner_are_named_by_word(program: Program, published: Publication) -> None:
    customer = CustomerFact.objects.order_by("pk")[0].pk
    tag = Tag.objects.create(name="VIP", folded="vip")
    Tagged.objects.create(tag=tag, customer_id=customer)
    assert [row["customer_id"] for row in everyone(program, tag="ＶＩＰ")] == [customer]
    assert everyone(program, tag="no such tag") == []
    assert everyone(program, owner="nobody@example.com") == []


def test_money_is_in_units_of_the_currency(program: Program, published: Publication) -> None:
    fact = CustomerFact.objects.order_by("-residual_clv")[0]
    told = program.get("customers", limit=1).json()
    unit = minor_units(told["currency"])
    assert told["items"][0]["residual_clv"] == pytest.approx((fact.residual_clv or 0) / unit)


def test_reading_on_is_recorded_once_an_hour_like_an_export(
    program: Program, published: Publication
) -> None:
    program.get("customers")
    exports = AuditEntry.objects.filter(action="know.customers.exported")
    assert not exports.exists()
    everyone(program)
    assert exports.count() == 1


def test_a_viewer_may_look_but_not_take_the_whole_list(
    aiko: Person, ben: Person, published: Publication
) -> None:
    program = Program(ben, Scope.READ)
    change_role(actor=aiko, person_id=ben.pk, role=Role.VIEWER)
    page = program.get("customers", limit=1)
    assert page.status_code == 200
    assert program.get("customers", cursor=page.json()["next_cursor"]).status_code == 403


def test_one_customer_is_told_with_value_interval_and_story(
    program: Program, published: Publication
) -> None:
    fact = CustomerFact.objects.order_by("-residual_clv")[0]
    told = program.get("customers/one", id=fact.pk).json()
    value = told["value_to_come"]
    assert value["low"] <= value["value"] <= value["high"]
    assert told["story"].startswith("Bought")
    assert told["computed"]["formula"]
    orders = program.get("customers/one/orders", id=fact.pk).json()["items"]
    assert len(orders) >= fact.orders if fact.orders and fact.orders < 50 else orders
    assert program.get("customers/one/timeline", id=fact.pk).json()["items"]


def test_nobody_of_that_name_is_a_404(program: Program, published: Publication) -> None:
    for path in ("customers/one", "customers/one/orders", "customers/one/timeline"):
        assert program.get(path, id="nobody 🙂 / ?").status_code == 404


def test_the_summary_is_what_is_published(program: Program, published: Publication) -> None:
    told, equity = program.get("board").json(), published.summary["customer_equity"]
    assert told["customer_equity"] == {n: equity[n] for n in ("value", "low", "high")}
    assert told["customer_equity_computed"]["definition"]
    assert told["customers"] == VALUED


def test_segments_add_up(program: Program, published: Publication) -> None:
    rows = program.get("segments").json()["items"]
    assert sum(row["customers"] for row in rows) == VALUED
    assert any(row["channel"] == "*" for row in program.get("channels").json()["items"])


def test_health_is_that_of_the_page_and_adds_up(program: Program, published: Publication) -> None:
    told = program.get("health").json()
    assert sum(row["customers"] for row in told["bands"]) == CustomerFact.objects.count()
    fact = CustomerFact.objects.exclude(health=None).first()
    assert fact is not None
    one = program.get("health/one", id=fact.pk).json()
    assert one["usual"] + sum(one["points"].values()) == pytest.approx(one["health"])
    assert one["health"] == pytest.approx(fact.health)
    assert (one["by_hand"], one["rating"]) == (None, None)
    assert program.get("health/one", id="nobody").status_code == 404


@pytest.mark.parametrize("path", ["board", "segments", "channels", "what-if", "health"])
def test_before_the_first_publication_it_says_what_comes_first(program: Program, path: str) -> None:
    answer = program.get(path)
    assert answer.status_code == 404
    assert "bring orders in" in answer.json()["detail"]
    assert program.get("customers").json()["items"] == []


def test_tables_say_what_their_columns_mean(program: Program, published: Publication) -> None:
    names = {table["name"] for table in program.get("tables").json()["items"]}
    assert {"transactions", "customer_facts", "segments"} <= names
    told = program.get("tables/segments").json()
    assert all(column["meaning"] for column in told["columns"])
    assert program.get("tables/nothing").status_code == 404


@pytest.mark.parametrize("path", QUERIES)
def test_the_number_of_queries_is_bounded(
    program: Program, published: Publication, path: str
) -> None:
    customer = CustomerFact.objects.order_by("pk")[0].pk
    address = path.format(id=customer, run=published.pk)
    program.ask("get", address)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert program.ask("get", address).status_code == 200
    assert len(asked) <= QUERIES[path] + OF_THE_GATE, [q["sql"][:90] for q in asked]


def test_every_filter_of_the_page_is_one_of_the_interface(db: None) -> None:
    from kizuna.web.know.customers.forms import FilterForm

    assert set(Asked.model_fields) == set(FilterForm().fields) - {"columns"}
