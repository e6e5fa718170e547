"""Recurring revenue in the application: its pages, the customer, a company of contracts alone."""

from __future__ import annotations

import re
import shutil
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from django.test import Client

from kizuna.jobs.refresh import RefreshResult, refresh
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import Person
from kizuna.web.jobs.testing import run_all
from kizuna.web.know.publications import queries, services
from kizuna.web.know.publications.models import Publication, Status
from published_shop import with_orders
from tiny_tables import table
from web.conftest import ClientOf

pytestmark = pytest.mark.django_db

USUAL = {"billing_months": 1, "currency": "JPY", "auto_renew": True, "term_months": 12}
CONTRACTS = [
    {"contract_id": "C1", "customer_id": "acme", "amount": 100_000, "billing_months": 12}
    | {"started_on": date(2025, 3, 1), "seats": 3, "notice_days": 30},
    {"contract_id": "C2", "customer_id": "acme", "amount": 500, "started_on": date(2026, 1, 1)},
    {"contract_id": "C3", "customer_id": "beta", "amount": 700, "started_on": date(2025, 6, 1)}
    | {"ended_on": date(2026, 2, 28)},
    {"contract_id": "C4", "customer_id": "usa", "amount": 4_200, "currency": "USD"}
    | {"started_on": date(2026, 2, 28)},
]
PAGES = (
    "/",
    "/customers/",
    "/customers/one?id=acme",
    "/customers/one/timeline?id=acme",
    "/customers/one/orders?id=acme",
    "/customers/one/facts?id=acme",
    "/what-if/",
    "/pipeline/",
    "/pipeline/tables/mrr_bridge",
    "/revenue/",
    "/revenue/?currency=USD",
    "/rows/movements?month=2026-02&currency=JPY",
)


def with_contracts(folder: Path) -> Store:
    rows = table("contracts", [USUAL | contract for contract in CONTRACTS])
    store = Store(folder / "store")
    store.write("contracts", rows)
    return store


@cache
def refreshed() -> tuple[Path, RefreshResult]:
    """Give a data folder whose store is refreshed, and what the refresh found."""
    folder = Path(mkdtemp(prefix="kizuna-contracts-"))
    return folder, refresh(with_contracts(folder), today=date(2026, 11, 21))


@pytest.fixture
def home(settings: Any, tmp_path: Path, db: None) -> Path:
    settings.KIZUNA_HOME = tmp_path
    return tmp_path


@pytest.fixture
def company(home: Path) -> Publication:
    """Publish a company that has contracts and no orders."""
    folder, found = refreshed()
    shutil.copytree(folder, home, dirs_exist_ok=True)
    made = Publication.objects.create(status=Status.RUNNING)
    services.record(publication=made, found=found)
    run_all()
    return Publication.objects.get()


@pytest.fixture
def viewer(chiyo: Person, client_of: ClientOf) -> Client:
    return client_of(chiyo)


def test_contracts_alone_are_published(company: Publication) -> None:
    assert (company.status, company.error) == (Status.PUBLISHED, "")
    state = queries.published()
    assert state is not None
    assert state.contracts_only
    assert state.table("purchases").num_rows == 0


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_without_an_order(
    company: Publication, viewer: Client, chiyo: Person, page: str, language: str
) -> None:
    chiyo.language = language
    chiyo.save()
    assert viewer.get(page).status_code == 200


def test_the_board_leads_to_the_revenue_where_there_are_no_orders(
    company: Publication, viewer: Client
) -> None:
    page = viewer.get("/").content.decode()
    assert "Your contracts are in" in page
    assert 'href="/revenue/"' in page


def test_customers_are_known_by_their_contracts(company: Publication, viewer: Client) -> None:
    page = viewer.get("/customers/").content.decode()
    assert {"acme", "beta", "usa"} <= set(re.findall(r"id=(\w+)", page))


def test_the_page_tells_the_sums_of_one_currency(company: Publication, viewer: Client) -> None:
    page = viewer.get("/revenue/?currency=JPY").content.decode()
    assert "¥9,533" in page  # 8,333 + 500 + 700: all run on the last day
    assert "$42" not in page
    assert "$42" in viewer.get("/revenue/?currency=USD").content.decode()


def test_a_month_leads_to_its_movements(company: Publication, viewer: Client) -> None:
    page = viewer.get("/revenue/?currency=JPY").content.decode()
    assert "/rows/movements?currency=JPY&amp;month=2026-01&amp;kind=expansion" in page
    drill = viewer.get("/rows/movements?currency=JPY&month=2026-01&kind=expansion")
    assert "/customers/one?id=acme" in drill.content.decode()
    other = viewer.get("/rows/movements?currency=JPY&month=2026-01&kind=churn")
    assert "There are no such rows." in other.content.decode()


@pytest.mark.parametrize("month", ["2026-13", "0000-01", "x", "２０２６-01"])
def test_a_month_that_is_none_is_not_found(
    company: Publication, viewer: Client, month: str
) -> None:
    assert viewer.get("/rows/movements", {"currency": "JPY", "month": month}).status_code == 404


def test_a_customer_shows_the_contracts_that_run(company: Publication, viewer: Client) -> None:
    page = viewer.get("/customers/one?id=acme").content.decode()
    assert "C1" in page
    assert "C2" in page
    assert "no event names who" in page
    assert "Contracts bring ¥8,833 a month." in page
    assert "¥105,996" in page
    assert "At stake" in page
    assert "What to try:" not in page


def test_notice_is_due_by_the_calendar_of_the_organisation(
    home: Path, settings: Any, viewer: Client
) -> None:
    settings.HOLIDAYS, settings.CLOSED_DAYS = "JP", "2027-01-29"
    with_contracts(home)
    services.refresh(actor=None)
    run_all()
    state = queries.published()
    assert state is not None
    terms = {row["contract_id"]: row for row in state.table("contract_terms").to_pylist()}
    assert terms["C1"]["ends_on"] == date(2026, 2, 28)
    assert terms["C1"]["notice_by"] == date(2026, 1, 29)
    assert terms["C2"]["notice_by"] is None


def test_a_calendar_that_cannot_be_read_says_so(home: Path, settings: Any) -> None:
    settings.CLOSED_DAYS = "obon"
    with_contracts(home)
    services.refresh(actor=None)
    run_all()
    assert "obon" in Publication.objects.get().error


def test_a_shop_without_contracts_is_told_what_to_bring(home: Path, viewer: Client) -> None:
    with_orders(home, customers=60)
    services.refresh(actor=None)
    run_all()
    page = viewer.get("/revenue/").content.decode()
    assert "No contracts yet" in page
    assert "¥" not in page


def test_orders_and_contracts_stand_side_by_side(home: Path, viewer: Client) -> None:
    with_orders(home, customers=60)
    with_contracts(home)
    services.refresh(actor=None)
    run_all()
    state = queries.published()
    assert state is not None
    assert not state.contracts_only
    assert state.table("purchases").num_rows > 0
    assert state.table("mrr_bridge").num_rows > 0
    assert "Your contracts are in" not in viewer.get("/").content.decode()


def test_the_page_asks_the_database_for_little(
    company: Publication, viewer: Client, django_assert_max_num_queries: Any
) -> None:
    viewer.get("/revenue/")
    with django_assert_max_num_queries(8):
        viewer.get("/revenue/")


def test_who_is_not_signed_in_sees_nothing(company: Publication) -> None:
    for page in ("/revenue/", "/rows/movements?currency=JPY&month=2026-02"):
        assert Client().get(page).status_code == 302
