"""Rows behind numbers: they add up to the number, are sorted, leafed and taken away."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contract_company import publish_company
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.know.publications import services as publications
from kizuna.web.know.publications.models import Publication
from kizuna.web.know.publications.queries import published
from kizuna.web.know.rows import services
from kizuna.web.know.rows.forms import Asked
from kizuna.web.know.rows.kinds import KINDS
from opened_rows import rows_of, unlike
from published_shop import refreshed_shop
from web.conftest import ClientOf

pytestmark = pytest.mark.django_db

FOLLOWED = "/rows/purchases?purchase=1&days=90"
DAYS = {"month": "2026-02", "cohort": "2025-01", "made_on": "2026-02-28"}
OTHERS = {
    "currency": "JPY",
    "channel": "*",
    "purchase": "1",
    "days": "90",
    "horizon": "30",
    "theme": "price",
}


@pytest.fixture
def shop(settings: Any, db: None) -> None:
    """Publish a shop that has orders and no contracts."""
    settings.KIZUNA_HOME, found = refreshed_shop()
    publications.record(publication=Publication.objects.create(), found=found)


@pytest.fixture
def company(settings: Any, db: None) -> None:
    """Publish a company that has contracts and no orders."""
    publish_company(settings)


@pytest.fixture
def member(ben: Person, client_of: ClientOf) -> Client:
    return client_of(ben)


def test_numbers_of_orders_are_what_their_rows_come_to(shop: None) -> None:
    assert unlike(every=13) == []


def test_numbers_of_contracts_are_what_their_rows_come_to(company: None) -> None:
    assert unlike(every=11) == []


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("purchases", "next_on <= day + {days}", "next_on < {as_of}"),
        ("silent", "day < {month} - 180", "day <= {month} - 150"),
        ("cohort-value", "day < {month} + INTERVAL 1 MONTH", "day <= {month}"),
    ],
)
def test_rows_that_are_not_those_of_the_number_are_noticed(
    shop: None, monkeypatch: pytest.MonkeyPatch, name: str, right: str, wrong: str
) -> None:
    assert right in KINDS[name].sql
    bad = replace(KINDS[name], sql=KINDS[name].sql.replace(right, wrong))
    monkeypatch.setitem(KINDS, name, bad)
    assert unlike(every=7, kind=name)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_kind_opens_sorted_or_says_when_its_rows_come(
    company: None, member: Client, ben: Person, language: str
) -> None:
    ben.language = language
    ben.save()
    state = published()
    assert state is not None
    for kind in KINDS.values():
        asked = {name: (DAYS | OTHERS)[name] for name in kind.needs}
        found = member.get(f"/rows/{kind.name}", asked | {"sort": min(kind.sortable)})
        assert found.status_code == 200
        told = all(state.has(name) for name in kind.tables)
        assert ("button primary" in found.content.decode()) != told, kind.name


def test_rows_are_leafed_and_sorted(
    shop: None, member: Client, django_assert_max_num_queries: Any
) -> None:
    member.get(FOLLOWED)
    with django_assert_max_num_queries(8):
        first = member.get(FOLLOWED).content.decode()
    assert "page=2" in first
    found = rows_of("purchases", "purchase=1&days=90&sort=amount")
    amounts = [row["amount"] for row in found.items]
    assert amounts == sorted(amounts)
    assert (len(amounts), found.has_next) == (50, True)
    last = rows_of("purchases", f"purchase=1&days=90&page={-(-found.count // 50)}")
    assert (len(last.items), last.has_next) == (found.count % 50 or 50, False)


@pytest.mark.parametrize(
    "asked",
    [
        *("", "purchase=1", "purchase=5&days=90", "purchase=1&days=91"),
        *("purchase=1&days=90&what=back'", "purchase=x&days=90"),
    ],
)
def test_what_makes_no_sense_is_not_found(shop: None, member: Client, asked: str) -> None:
    found = member.get(f"/rows/purchases?{asked}")
    assert found.status_code == 404
    assert member.get("/rows/salaries").status_code == 404


def test_a_text_in_the_address_is_never_more_than_a_text(shop: None) -> None:
    asked = Asked(KINDS["cohort-value"], QueryDict("cohort=2024-01&channel=x' OR 'a'='a"))
    assert asked.written({})["channel"] == "'x'' OR ''a''=''a'"


def test_all_rows_leave_as_a_file_and_it_is_on_record(shop: None, member: Client) -> None:
    page = member.get(f"{FOLLOWED}&what=again").content.decode()
    action = re.search(r'action="(/rows/purchases/export[^"]+)"', page)
    assert action
    answer = member.post(action[1].replace("&amp;", "&"))
    with CaptureQueriesContext(connection) as asked:
        rows = list(csv.reader(io.StringIO(answer.getvalue().decode())))
    assert len(asked) <= 6  # however many rows: names by the thousand, the publication a few times
    assert rows[0][:3] == ["customer_id", "Customer", "Bought on"]
    found = rows_of("purchases", "purchase=1&days=90&what=again")
    assert len(rows) == found.count + 1
    entry = AuditEntry.objects.get(action="know.rows.exported")
    assert entry.target == "purchases"
    assert entry.after == {"purchase": "1", "days": "90", "what": "again"}


def test_a_viewer_looks_and_takes_nothing_away(
    shop: None, chiyo: Person, client_of: ClientOf
) -> None:
    viewer = client_of(chiyo)
    assert "export.csv" not in viewer.get(FOLLOWED).content.decode()
    assert viewer.post("/rows/purchases/export.csv?purchase=1&days=90").status_code == 403
    with pytest.raises(PermissionDenied):
        services.export(actor=chiyo, name="purchases", asked={})
    assert Client().get(FOLLOWED).status_code == 302
