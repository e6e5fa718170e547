"""My day: the accounts of one person, the most urgent first, and what waits for her."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import Person
from kizuna.web.know.alerts.models import Alert
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.day import queries
from kizuna.web.know.notes import services as notes
from kizuna.web.know.profiles.models import Profile
from kizuna.web.know.publications.models import Publication, Status
from tiny_tables import table
from web.conftest import ClientOf

pytestmark = pytest.mark.django_db

ACCOUNTS: dict[str, dict[str, Any]] = {
    "calm": {"mrr": 1_000, "churn_probability": 0.1, "days_to_renewal": 300},
    "soon": {"mrr": 1_000, "churn_probability": 0.5, "days_to_renewal": 80, "days_to_notice": 20},
    "large": {"mrr": 1_000, "churn_probability": 0.5, "days_to_renewal": 200},
    "stuck": {"lifecycle_stage": "new", "stage_stuck": True},
    "others": {"mrr": 9_000, "churn_probability": 0.9, "days_to_notice": 1},
}


def known(name: str, owner: Person | None = None) -> None:
    CustomerFact.objects.create(customer_id=name, folded=name, fingerprint=0, name=name.title())
    if owner:
        Profile.objects.create(customer_id=name, owner=owner)


@pytest.fixture
def home(settings: Any, tmp_path: Path, ben: Person) -> Store:
    """Five accounts, four of which are Ben's."""
    settings.KIZUNA_HOME = tmp_path
    store = Store(tmp_path / "store")
    rows = [{"customer_id": n, "name": n.title()} | said for n, said in ACCOUNTS.items()]
    version = store.write("customer_facts", table("customer_facts", rows))
    for name in ACCOUNTS:
        known(name, ben if name != "others" else None)
    Publication.objects.create(
        status=Status.PUBLISHED,
        as_of=date(2026, 5, 31),
        published_at=timezone.now(),
        versions={"customer_facts": version},
        summary={"currency": "JPY", "customers": len(ACCOUNTS)},
    )
    return store


def alert(customer: str, person: Person | None, **said: Any) -> None:
    at = timezone.now()
    given = {"cause": "use", "severity": "caution", "raised_at": at, "last_at": at}
    values = given | {"customer_id": customer, "person": person, "currency": "JPY"} | said
    Alert.objects.create(**values)


def test_accounts_come_by_value_at_risk_and_time_left(home: Store, ben: Person) -> None:
    found = queries.day_of(ben)
    assert [account["customer_id"] for account in found.accounts] == [
        *("soon", "large", "calm", "stuck")
    ]
    assert [account["customer_id"] for account in found.renewals] == ["soon"]
    assert [account["customer_id"] for account in found.stuck] == ["stuck"]


def test_who_looks_after_nobody_sees_no_account_of_others(home: Store, aiko: Person) -> None:
    assert list(queries.day_of(aiko).accounts) == []


def test_alerts_of_mine_alone_are_here_the_gravest_first(
    home: Store, ben: Person, aiko: Person
) -> None:
    alert("calm", ben)
    alert("soon", ben, severity="serious")
    alert("large", aiko)
    alert("stuck", ben, state="done", ended_at=timezone.now())
    found = queries.day_of(ben)
    assert [told.alert.customer_id for told in found.alerts] == ["soon", "calm"]
    assert found.waiting == {"soon": 1, "calm": 1}


def test_a_note_that_names_me_waits_until_it_is_seen(
    home: Store, ben: Person, aiko: Person
) -> None:
    notes.write(actor=aiko, customer_id="calm", text="@Ben please call.")
    (mention,) = queries.day_of(ben).mentions
    mention.seen_at = timezone.now()
    mention.save()
    assert queries.day_of(ben).mentions == []


def test_what_is_not_known_is_said_and_is_no_zero(
    home: Store, ben: Person, client_of: ClientOf
) -> None:
    page = client_of(ben).get("/day/").content.decode()
    assert "no data" in page
    assert "¥0" not in page
    assert "20 days until notice" in page
    assert "¥6,000" in page


def test_before_anything_is_published_the_page_stands(ben: Person, client_of: ClientOf) -> None:
    assert client_of(ben).get("/day/").status_code == 200


def test_eighty_accounts_ask_the_database_no_more_than_one(
    home: Store, ben: Person, client_of: ClientOf, django_assert_max_num_queries: Any
) -> None:
    for n in range(80):
        known(f"c{n}", ben)
        alert(f"c{n}", ben)
    client: Client = client_of(ben)
    with django_assert_max_num_queries(24):
        assert client.get("/day/").status_code == 200
