"""Retention in the application: numbers that open their rows, cohorts, the cost of winning."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client

from contract_company import computed_company, publish_company
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import discover, execute, select
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import Person
from kizuna.web.know.publications import services
from kizuna.web.know.publications.models import Publication
from kizuna.web.know.retention.giving import keep_forecasts
from published_shop import refreshed_shop
from tiny_tables import a_run
from web.conftest import ClientOf

pytestmark = pytest.mark.django_db

PAGES = (
    "/retention/",
    "/retention/?currency=USD",
    "/rows/year?currency=JPY&month=2026-02",
    "/rows/renewals?currency=JPY",
    "/retention/cohorts",
    "/retention/cohorts?measure=revenue",
    "/retention/outlook",
    "/retention/outlook/forecasts?currency=JPY",
    "/retention/won",
)


@pytest.fixture
def home(settings: Any, tmp_path: Path, db: None) -> Path:
    settings.KIZUNA_HOME = tmp_path
    return tmp_path


@pytest.fixture
def company(settings: Any, db: None) -> None:
    """Publish a company that has contracts and no orders."""
    publish_company(settings)


@pytest.fixture
def shop(settings: Any, db: None) -> None:
    """Publish a shop that has orders and no contracts."""
    settings.KIZUNA_HOME, found = refreshed_shop()
    services.record(publication=Publication.objects.create(), found=found)


@pytest.fixture
def viewer(chiyo: Person, client_of: ClientOf) -> Client:
    return client_of(chiyo)


def text(client: Client, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_page_opens_for_contracts_alone(
    company: None, viewer: Client, chiyo: Person, language: str
) -> None:
    chiyo.language = language
    chiyo.save()
    for page in PAGES:
        text(viewer, page)


def test_the_numbers_are_those_of_the_customers_of_a_year_ago(
    company: None, viewer: Client
) -> None:
    page = text(viewer, "/retention/")
    assert "80.0%" in page  # 10,000 + 6,000 of 10,000 + 5,000 + 5,000
    assert "75.0%" in page  # 10,000 + 5,000
    assert "33.3%" in page  # one of three is gone
    assert "2 of 3 terms" in page


def test_a_number_opens_its_customers(company: None, viewer: Client) -> None:
    links = re.findall(r'href="(/rows/year[^"]+)"', text(viewer, "/retention/"))
    lost = next(link for link in links if "lost" in link).replace("&amp;", "&")
    page = text(viewer, lost)
    assert "/customers/one?id=beta" in page
    assert "id=gamma" not in page
    assert {"acme", "beta", "gamma"} <= set(
        re.findall(r"id=(\w+)", text(viewer, "/rows/year?currency=JPY&month=2026-02"))
    )


def test_a_rate_of_renewal_opens_its_terms(company: None, viewer: Client) -> None:
    page = text(viewer, "/rows/renewals?currency=JPY")
    assert all(contract in page for contract in ("C1", "C2", "C3"))
    lost = text(viewer, "/rows/renewals?currency=JPY&outcome=lost")
    assert ("C2" in lost, "C1" in lost) == (True, False)
    december = text(viewer, "/rows/renewals?currency=JPY&month=2025-12")
    assert ("C2" in december, "C3" in december) == (True, False)


def test_cohorts_tell_customers_and_revenue(company: None, viewer: Client) -> None:
    assert "50.0%" in text(viewer, "/retention/cohorts?currency=JPY")
    assert "120.0%" in text(viewer, "/retention/cohorts?currency=JPY&measure=revenue")


def test_currencies_are_told_apart(company: None, viewer: Client) -> None:
    page = text(viewer, "/retention/?currency=USD")
    assert "80.0%" not in page
    assert "It takes customers who already paid twelve months ago." in page


def test_each_number_says_how_it_is_computed(company: None, viewer: Client) -> None:
    page = text(viewer, "/retention/")
    assert page.count('class="explain"') >= 6
    assert "Capped for each customer" in page


def test_before_anything_is_there_the_pages_say_what_to_bring(home: Path, viewer: Client) -> None:
    for page in ("/retention/", "/retention/cohorts", "/retention/won", "/retention/outlook"):
        assert "/imports/" in text(viewer, page)
    assert viewer.get("/rows/year").status_code == 404
    assert "come with the next" in text(viewer, "/rows/renewals?currency=JPY")


def test_a_shop_is_told_of_purchases_and_of_what_winning_cost(shop: None, viewer: Client) -> None:
    page = text(viewer, "/retention/")
    assert "Second purchase within a year" in page
    assert "Net revenue retention (NRR)</p>" not in page
    assert "/customers/?cohort=" in text(viewer, "/retention/won")
    assert "Expected loss by segment" in text(viewer, "/retention/outlook")


def test_the_pages_ask_the_database_for_little(
    company: None, viewer: Client, django_assert_max_num_queries: Any
) -> None:
    for page in PAGES:
        viewer.get(page)
        with django_assert_max_num_queries(8):
            viewer.get(page)


def test_the_outlook_tells_what_is_bound_what_is_expected_and_what_came(
    company: None, viewer: Client
) -> None:
    page = text(viewer, "/retention/outlook?currency=JPY")
    assert "¥16,000" in page  # bound: acme until December, gamma until December and January
    assert "made again now" in page
    assert "The first comparison is that for Mar 2026" in page
    assert "Contracts, over twelve months" in page
    assert "Not yet known" in text(viewer, "/retention/outlook?currency=USD")


def test_each_publication_keeps_its_forecast_and_says_when_it_can_be_compared(
    settings: Any, tmp_path: Path, company: None, viewer: Client
) -> None:
    settings.KIZUNA_HOME = Path(shutil.copytree(computed_company()[0], tmp_path / "home"))
    first = Publication.objects.get()
    keep_forecasts(first)
    keep_forecasts(first)
    store = services.store()
    kept = store.read("revenue_log")
    assert set(kept["publication"].to_pylist()) == {first.pk}
    assert {f"{day}" for day in kept["made_on"].to_pylist()} == {"2026-02-28"}
    accuracy = store.write("revenue_accuracy", accuracy_of(store, kept))
    first.versions["revenue_accuracy"] = accuracy
    first.save()
    page = text(viewer, "/retention/outlook?currency=JPY")
    assert "The first comparison is that for Mar 2026" in page
    listed = text(viewer, "/retention/outlook/forecasts?currency=JPY")
    assert "made then" in listed
    assert "not over yet" in listed


def accuracy_of(store: Store, log: pa.Table) -> pa.Table:
    with Engine(threads=2) as engine:
        engine.register("revenue_log", log)
        for name in ("book_actuals", "revenue_forecasts"):
            engine.register(name, store.read(name))
        given = ("revenue_log", "book_actuals", "revenue_forecasts")
        run = a_run("2026-02-28", currency="JPY")
        execute(select(discover("know"), "revenue_accuracy", given=given), engine, run)
        return engine.table("revenue_accuracy")


def test_how_good_forecasts_were_opens_as_many_forecasts(company: None, viewer: Client) -> None:
    page = text(viewer, "/retention/outlook?currency=JPY")
    links = re.findall(r'href="(/retention/outlook/forecasts[^"]+ahead=\d+)">(\d+)<', page)
    assert links
    for link, many in links[:2]:
        listed = text(viewer, link.replace("&amp;", "&"))
        assert listed.count("<tr>") - 1 == int(many)
        assert "months ahead" in listed


def test_who_is_not_signed_in_sees_nothing(company: None) -> None:
    for page in PAGES:
        assert Client().get(page).status_code == 302
