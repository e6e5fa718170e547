"""How the organisation counts: who may say so, what follows, and two who say so at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import override

from kizuna.web.accounts import queries
from kizuna.web.accounts.fiscal import quarter_of
from kizuna.web.accounts.models import AuditEntry, Organisation, Person, Role
from kizuna.web.accounts.services.organisation import ChangedMeanwhileError, save_organisation
from kizuna.web.know.publications.models import Publication
from kizuna.web.know.publications.services import run_options
from web.conftest import ClientOf, person

TYPED = {
    "name": "Sakura Shop",
    "fiscal_year_start": "4",
    "margin_percent": "30",
    "horizon_days": "730",
    "discount_percent": "8",
    "version": "0",
}
VALUES = {
    "name": "Sakura Shop",
    "fiscal_year_start": 4,
    "margin": 0.3,
    "horizon_days": 730,
    "discount": 0.08,
}


@pytest.fixture
def mika(db: None) -> Person:
    return person("Mika", Role.MANAGER)


def test_a_manager_says_how_to_count_and_it_is_recorded(mika: Person, client_of: ClientOf) -> None:
    assert client_of(mika).post("/organisation/", TYPED).status_code == 302
    found, entry = queries.organisation(), AuditEntry.objects.filter(actor=mika)
    assert {name: getattr(found, name) for name in VALUES} == VALUES
    changed = entry.get(action="accounts.organisation.changed")
    assert (changed.before["margin"], changed.after["margin"]) == (1.0, 0.3)


def test_a_member_neither_sees_nor_changes_it(ben: Person, client_of: ClientOf) -> None:
    assert client_of(ben).post("/organisation/", TYPED).status_code == 403
    with pytest.raises(PermissionDenied):
        save_organisation(actor=ben, version=0, values=VALUES)


def test_figures_are_computed_anew_as_the_organisation_counts(mika: Person) -> None:
    assert save_organisation(actor=mika, version=0, values=VALUES)
    assert Publication.objects.get().asked_by == mika
    asked = run_options()
    assert (asked.margin, asked.horizon_days, asked.discount) == (0.3, 730, 0.08)


def test_a_new_name_computes_nothing_anew(mika: Person) -> None:
    usual = {**VALUES, "margin": 1.0, "horizon_days": 365, "discount": 0.1}
    assert not save_organisation(actor=mika, version=0, values=usual)
    assert not Publication.objects.exists()


def test_the_same_once_more_changes_nothing(mika: Person) -> None:
    save_organisation(actor=mika, version=0, values=VALUES)
    assert not save_organisation(actor=mika, version=1, values=VALUES)
    assert AuditEntry.objects.filter(action="accounts.organisation.changed").count() == 1


def test_the_second_of_two_sees_what_changed_beside_what_she_typed(
    aiko: Person, mika: Person, client_of: ClientOf
) -> None:
    save_organisation(actor=aiko, version=0, values=VALUES)
    hers = {**TYPED, "margin_percent": "45"}
    page = client_of(mika).post("/organisation/", hers).content.decode()
    assert "Aiko changed these settings meanwhile" in page
    assert "It is now: 30" in page
    assert 'value="45"' in page
    assert queries.organisation().margin == 0.3
    client_of(mika).post("/organisation/", {**hers, "version": "1"})
    assert queries.organisation().margin == 0.45


def test_without_the_version_the_second_would_overwrite_unseen(aiko: Person, mika: Person) -> None:
    save_organisation(actor=aiko, version=0, values=VALUES)
    with pytest.raises(ChangedMeanwhileError):
        save_organisation(actor=mika, version=0, values=VALUES | {"margin": 0.5})
    unseen = queries.organisation().version
    assert save_organisation(actor=mika, version=unseen, values=VALUES | {"margin": 0.5})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("margin_percent", "0"),
        ("margin_percent", "101"),
        ("horizon_days", "0"),
        ("horizon_days", "4000"),
        ("discount_percent", "-1"),
        ("fiscal_year_start", "13"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(
    mika: Person, client_of: ClientOf, field: str, value: str
) -> None:
    page = client_of(mika).post("/organisation/", TYPED | {field: value})
    assert page.status_code == 200
    assert f'id="id_{field}_error"' in page.content.decode()
    assert not Organisation.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"margin": 0.0}, {"fiscal_year_start": 0}, {"horizon_days": 0}, {"id": 2}]
)
def test_the_database_refuses_it_too(db: None, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.create(**wrong)


def test_a_japanese_organisation_starts_its_year_in_april(aiko: Person) -> None:
    assert queries.organisation().fiscal_year_start == 1
    Person.objects.filter(pk=aiko.pk).update(language="ja")
    assert queries.organisation().fiscal_year_start == 4


@pytest.mark.parametrize(
    ("day", "start", "year", "quarter"),
    [
        (date(2026, 3, 31), 4, 2025, 4),
        (date(2026, 4, 1), 4, 2026, 1),
        (date(2026, 12, 31), 4, 2026, 3),
        (date(2026, 12, 31), 1, 2026, 4),
        (date(2026, 1, 1), 12, 2025, 1),
        (date(2024, 2, 29), 3, 2023, 4),
    ],
)
def test_a_day_lies_in_a_quarter_of_a_fiscal_year(
    day: date, start: int, year: int, quarter: int
) -> None:
    found = quarter_of(day, start)
    assert (found.year, found.quarter) == (year, quarter)
    assert found.first_day <= day <= found.last_day


def test_a_quarter_is_written_as_the_language_writes_it() -> None:
    with override("en"):
        assert str(quarter_of(date(2026, 11, 21), 4)) == "FY2026 Q3"
    with override("ja"):
        assert str(quarter_of(date(2026, 11, 21), 4)) == "2026年度 第3四半期"


def test_the_page_asks_the_database_little(
    mika: Person, client_of: ClientOf, django_assert_max_num_queries: Any
) -> None:
    his = client_of(mika)
    his.get("/organisation/")
    with django_assert_max_num_queries(5):
        assert his.get("/organisation/").status_code == 200
