"""Contracts that come due, as a publication tells of them, and a ladder that is switched on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import Person
from kizuna.web.act.actions import services as actions
from kizuna.web.act.renewals.models import Ladder, Renewal
from kizuna.web.act.renewals.services import climbing, following, setting_up
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.profiles.models import Profile
from kizuna.web.know.publications.models import Publication, Status
from tiny_tables import table

AS_OF = date(2026, 5, 31)
NOW = datetime(2026, 6, 1, 3, tzinfo=UTC)

type Publish = Callable[..., None]

TERMS: list[dict[str, Any]] = [
    {"contract_id": "K-1", "customer_id": "acme", "mrr": 1_000, "ends_on": date(2026, 9, 30),
     "notice_by": date(2026, 8, 31), "renews": True},
    {"contract_id": "K-2", "customer_id": "beta", "mrr": 500, "ends_on": date(2026, 7, 15)},
]  # fmt: skip


@pytest.fixture
def publish(settings: Any, tmp_path: Path, ben: Person) -> Publish:
    """Publish terms that run and how former ones ended; both customers are Ben's."""
    settings.KIZUNA_HOME, settings.TIME_ZONE = tmp_path, "Asia/Tokyo"
    settings.HOLIDAYS = "JP"
    store = Store(tmp_path / "store")
    for name in ("acme", "beta"):
        CustomerFact.objects.create(customer_id=name, folded=name, fingerprint=0, name=name.title())
        Profile.objects.create(customer_id=name, owner=ben)

    def published(
        terms: list[dict[str, Any]] = TERMS, ended: list[dict[str, Any]] | None = None, **said: Any
    ) -> None:
        usual = {"currency": "JPY", "notice_by": None, "renews": False, "product": "Plan A"}
        scored = {"churn_kind": "contract", "churn_horizon_days": 90, "churn_model": "learner"}
        rows: dict[str, list[dict[str, Any]]] = {
            "contract_terms": [usual | row for row in terms],
            "churn_scores": [
                scored | {"customer_id": "beta", "churn_probability": said.get("churn", 0.2)}
            ],
            "contract_survival": [
                {"currency": "JPY", "made_on": AS_OF, "term_months": 12, "months_ahead": 0,
                 "due": 10, "kept": 9}
            ],
            "contract_renewals": ended or [],
        }  # fmt: skip
        versions = {name: store.write(name, table(name, some)) for name, some in rows.items()}
        Publication.objects.create(
            status=Status.PUBLISHED,
            as_of=said.get("as_of", AS_OF),
            published_at=timezone.now(),
            versions=versions,
            summary={"currency": "JPY", "customers": 2},
        )

    return published


@pytest.fixture
def followed(publish: Publish) -> dict[str, Renewal]:
    """Give the renewals that come due, by contract."""
    publish()
    following.follow(at=NOW)
    return {renewal.contract_id: renewal for renewal in Renewal.objects.all()}


@pytest.fixture
def ladder(aiko: Person) -> Ladder:
    """Give a ladder that is switched on and holds nobody out."""
    made = setting_up.set_up(actor=aiko)
    actions.set_programme(actor=aiko, said={"is_on": False, "share": 0.03, "months": 12}, version=1)
    actions.set_holdout(actor=aiko, action=made.action, holdout=0.0)
    setting_up.switch(actor=aiko, on=True)
    return Ladder.objects.get()


def climbed_at(month: int, day: int) -> int:
    """Climb at noon of a day of 2026 in Tokyo."""
    return climbing.climb(at=datetime(2026, month, day, 3, tzinfo=UTC))
