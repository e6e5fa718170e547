"""What-if: today equals the board, levers move what they should, scenarios are kept."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pytest
from django.db import IntegrityError
from django.test import Client

from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.know.publications import services as publications
from kizuna.web.know.publications.models import Publication
from kizuna.web.know.scenarios import services
from kizuna.web.know.scenarios.models import Scenario
from kizuna.web.ui.templatetags.ui import writer
from published_shop import refreshed_shop

pytestmark = pytest.mark.django_db

NOTHING = {"loss": 0.0, "frequency": 0.0, "basket": 0.0, "acquisition": 0.0}
VALUES = {**NOTHING, "margin": None, "cost": None, "currency": "USD"}
PAGE = "/what-if/"


@pytest.fixture
def published(settings: Any, db: None) -> Publication:
    """Publish the shop."""
    settings.KIZUNA_HOME, found = refreshed_shop()
    return publications.record(publication=Publication.objects.create(), found=found)


@pytest.fixture
def viewer(client_of: Any, chiyo: Person) -> Client:
    """A browser of someone who may only look."""
    client: Client = client_of(chiyo)
    return client


@pytest.fixture
def member(client_of: Any, ben: Person) -> Client:
    """A browser of someone who may keep scenarios."""
    client: Client = client_of(ben)
    return client


def shown(client: Client, url: str = PAGE, **asked: Any) -> str:
    answer = client.get(url, asked)
    assert answer.status_code == 200
    return str(answer.content.decode())


def stats(client: Client, **asked: Any) -> dict[str, Any]:
    told = client.get(PAGE, {**NOTHING, **asked}).context["told"]
    return dict(
        zip(("equity", "ltv", "ratio", "payback", "purchases", "kept"), told.stats, strict=True)
    )


def test_before_the_first_publication_it_says_what_to_do(viewer: Client) -> None:
    assert "Import your orders" in shown(viewer)


def test_nothing_moved_is_the_value_board_to_the_unit(
    viewer: Client, published: Publication
) -> None:
    page, board = shown(viewer), shown(viewer, "/")
    for total in ("customer_equity", "expected_purchases"):
        values = [published.summary[total][name] for name in ("value", "low", "high")]
        write = writer("USD").money if total == "customer_equity" else writer("USD").number
        assert all(write(value) in page and write(value) in board for value in values)
    assert "Nothing is changed yet" in page


def test_the_plain_formula_now_is_that_of_the_board(viewer: Client, published: Publication) -> None:
    board = viewer.get("/").context["board"]
    plain = viewer.get(PAGE).context["plain"]
    assert [row[1] for row in plain.rows] == [stat.value for stat in board.factors]
    assert [row[2] for row in plain.rows] == [row[1] for row in plain.rows]


def test_a_tenth_more_basket_is_a_tenth_more_equity(viewer: Client, published: Publication) -> None:
    equity = published.summary["customer_equity"]["value"]
    found = stats(viewer, basket=10)
    assert found["equity"].value == writer("USD").money(1.1 * equity)
    assert found["purchases"].note == f"now {found['purchases'].value}"


def test_fewer_customers_leaving_is_worth_something(viewer: Client, published: Publication) -> None:
    found = stats(viewer, loss=-20)
    assert "change +" in found["equity"].note
    assert "change +" in found["kept"].note


def test_payback_needs_the_cost_of_winning_a_customer(
    viewer: Client, published: Publication
) -> None:
    assert stats(viewer)["payback"].unknown
    found = stats(viewer, cost=80, acquisition=-50)
    assert "months" in found["payback"].value
    assert "change −" in found["payback"].note


def test_a_cost_that_is_published_needs_no_typing(
    viewer: Client, published: Publication, settings: Any
) -> None:
    row = {"channel": "*", "customers": 1, "new_customers": 1, "cac": 80.0, "months": 0}
    rows = [row | {"channel": "Search", "cac": 30.0}, row]
    schema = arrow_schema("channel_values")
    store = Store(settings.KIZUNA_HOME / "store")
    version = store.write("channel_values", pa.Table.from_pylist(rows, schema=schema))
    published.versions["channel_values"] = version
    published.save()
    typed = stats(viewer, cost=80)["payback"]
    assert stats(viewer)["payback"] == typed
    assert 'placeholder="80"' in shown(viewer)


def test_every_figure_says_how_it_is_computed(viewer: Client, published: Publication) -> None:
    found = stats(viewer, cost=80).values()
    assert all(s.explain.definition and s.explain.formula and s.explain.interval for s in found)
    assert shown(viewer).count("How is this computed?") >= 6


def test_numbers_that_make_no_sense_are_named(viewer: Client, published: Publication) -> None:
    page = shown(viewer, **NOTHING | {"loss": -99, "margin": "much"})
    assert "greater than or equal to -50" in page
    assert "Enter a number" in page
    assert "What it is worth" not in page


def test_who_may_only_look_may_compute_and_not_keep(viewer: Client, published: Publication) -> None:
    assert "Keep this scenario" not in shown(viewer)
    answer = viewer.post(f"{PAGE}save", NOTHING | {"name": "mine"})
    assert answer.status_code == 403
    assert not Scenario.objects.exists()


def test_a_scenario_is_kept_and_shown_again(member: Client, published: Publication) -> None:
    asked = NOTHING | {"basket": 10, "cost": 80.5, "margin": 40, "name": "Bigger baskets"}
    made = member.post(f"{PAGE}save", asked, follow=True)
    kept = Scenario.objects.get()
    assert (kept.basket, kept.cost, kept.margin, kept.currency) == (10.0, 8050, 40.0, "USD")
    assert "Bigger baskets" in made.content.decode()
    assert 'value="80.5"' in shown(member, f"{PAGE}{kept.pk}")
    assert AuditEntry.objects.filter(action="know.scenario.saved").count() == 1


def test_a_name_is_given_once(member: Client, ben: Person, published: Publication) -> None:
    services.save(actor=ben, name="Plan", values=VALUES)
    page = member.post(f"{PAGE}save", NOTHING | {"name": "Plan"}).content.decode()
    assert "Another scenario has this name" in page
    assert Scenario.objects.count() == 1


def test_who_changes_second_sees_what_was_changed(
    member: Client, ben: Person, aiko: Person, published: Publication
) -> None:
    kept = services.save(actor=ben, name="Plan", values=VALUES)
    theirs = {**VALUES, "basket": 25.0}
    services.change(actor=aiko, pk=kept.pk, version=1, name="Plan", values=theirs)
    typed = NOTHING | {"loss": -10, "name": "Plan", "version": 1}
    page = member.post(f"{PAGE}{kept.pk}/change", typed).content.decode()
    assert "Someone else has changed this scenario" in page
    assert "+25%" in page
    assert re.search(r'name="loss" value="-10"', page)
    kept.refresh_from_db()
    assert (kept.basket, kept.loss, kept.version) == (25.0, 0.0, 2)


def test_without_the_version_the_first_change_would_be_lost(
    ben: Person, aiko: Person, published: Publication
) -> None:
    kept = services.save(actor=ben, name="Plan", values=VALUES)
    services.change(
        actor=aiko, pk=kept.pk, version=1, name="Plan", values={**VALUES, "basket": 25.0}
    )
    now = Scenario.objects.get(pk=kept.pk).version
    services.change(actor=ben, pk=kept.pk, version=now, name="Plan", values=VALUES)
    assert Scenario.objects.get(pk=kept.pk).basket == 0.0
    with pytest.raises(services.ChangedMeanwhileError):
        services.change(actor=aiko, pk=kept.pk, version=now, name="Plan", values=VALUES)


def test_a_scenario_is_changed_and_removed(
    member: Client, ben: Person, published: Publication
) -> None:
    kept = services.save(actor=ben, name="Plan", values=VALUES)
    changed = NOTHING | {"frequency": 5, "name": "Plan B", "version": 1}
    member.post(f"{PAGE}{kept.pk}/change", changed)
    kept.refresh_from_db()
    assert (kept.name, kept.frequency, kept.version) == ("Plan B", 5.0, 2)
    member.post(f"{PAGE}{kept.pk}/remove")
    member.post(f"{PAGE}{kept.pk}/remove")
    assert not Scenario.objects.exists()
    actions = AuditEntry.objects.filter(action__startswith="know.scenario").values_list("action")
    assert [a for (a,) in actions.order_by("number")] == [
        "know.scenario.saved",
        "know.scenario.changed",
        "know.scenario.removed",
    ]


def test_scenarios_stand_side_by_side(viewer: Client, ben: Person, published: Publication) -> None:
    one = services.save(actor=ben, name="Basket", values={**VALUES, "basket": 10.0})
    two = services.save(actor=ben, name="Margin", values={**VALUES, "cost": 8000})
    answer = viewer.get(f"{PAGE}compare", {"scenario": [two.pk, one.pk, 999, "x"]})
    table = answer.context["table"]
    assert [column.label for column in table.columns] == ["Scenario", "Now", "Margin", "Basket"]
    equity = next(row for row in table.rows if row[0] == "Customer equity")
    assert (
        equity[1] == equity[2] == writer("USD").money(published.summary["customer_equity"]["value"])
    )
    assert equity[3] != equity[1]


def test_a_comparison_of_nothing_says_what_to_do(viewer: Client, published: Publication) -> None:
    assert "Tick two to four" in shown(viewer, f"{PAGE}compare")


@pytest.mark.parametrize(
    "wrong", [{"loss": -60.0}, {"basket": 101.0}, {"margin": 0.0}, {"cost": 0}, {"name": ""}]
)
def test_the_database_refuses_what_cannot_be_computed(wrong: dict[str, Any], db: None) -> None:
    with pytest.raises(IntegrityError):
        Scenario.objects.create(**{"name": "x", **VALUES, **wrong})


def test_without_a_model_the_plain_formula_still_moves(
    viewer: Client, published: Publication
) -> None:
    for name in ("what_if", "what_if_months"):
        del published.versions[name]
    published.save()
    answer = viewer.get(PAGE, NOTHING | {"basket": 10})
    assert "at least 50 customers" in answer.content.decode()
    assert answer.context["plain"].rows[0][2] != answer.context["plain"].rows[0][1]


def test_it_takes_few_queries_whatever_is_kept(
    viewer: Client, ben: Person, published: Publication, django_assert_max_num_queries: Any
) -> None:
    shown(viewer)
    with django_assert_max_num_queries(6):
        shown(viewer, basket=5, **{k: 0 for k in NOTHING if k != "basket"})
    for k in range(5):
        services.save(actor=ben, name=f"Plan {k}", values=VALUES)
    with django_assert_max_num_queries(6):
        shown(viewer)


def test_it_speaks_japanese(chiyo: Person, viewer: Client, published: Publication) -> None:
    chiyo.language = "ja"
    chiyo.save()
    page = shown(viewer, **NOTHING | {"loss": -10})
    for words in ("もしも", "顧客資産価値", "90%"):
        assert words in page
