"""Customers with something at stake, an action that holds some out, and tasks for them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import Person
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.models import Action
from kizuna.web.act.tasks import services
from kizuna.web.act.tasks.models import Task
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.profiles.models import Profile
from kizuna.web.know.publications.models import Publication, Status
from tiny_tables import table

STAKES: dict[str, dict[str, Any]] = {
    "small": {"mrr": 1_000, "churn_probability": 0.1},
    "large": {"mrr": 9_000, "churn_probability": 0.5},
    "unknown": {},
}
NOW = datetime(2026, 4, 27, 1, tzinfo=UTC)


@pytest.fixture
def home(settings: Any, tmp_path: Path, ben: Person, aiko: Person) -> Store:
    """Three customers: two of Ben's, one of nobody."""
    settings.KIZUNA_HOME = tmp_path
    store = Store(tmp_path / "store")
    rows = [{"customer_id": n, "name": n.title()} | said for n, said in STAKES.items()]
    version = store.write("customer_facts", table("customer_facts", rows))
    for name in STAKES:
        CustomerFact.objects.create(customer_id=name, folded=name, fingerprint=0, name=name.title())
    for name in ("small", "large"):
        Profile.objects.create(customer_id=name, owner=ben)
    Publication.objects.create(
        status=Status.PUBLISHED,
        as_of=date(2026, 5, 31),
        published_at=timezone.now(),
        versions={"customer_facts": version},
        summary={"currency": "JPY", "customers": len(STAKES)},
    )
    actions.set_programme(actor=aiko, said={"is_on": False, "share": 0.03, "months": 12}, version=1)
    return store


def action(aiko: Person, holdout: float = 0.0, **said: Any) -> Action:
    """Give a live action whose minutes cost 50."""
    given = {"name": "Call", "kind": "task", "cost_per_minute": 50.0} | said
    made = actions.draft(actor=aiko, holdout=holdout, **given)
    actions.go_live(actor=aiko, action=made)
    return made


def opened(key: str, customer_id: str = "small", **said: Any) -> Task:
    """Open a task as a playbook does."""
    given = {"title": f"Call {customer_id}", "at": timezone.now(), "due_in": 3} | said
    return services.open_task(key=key, customer_id=customer_id, **given)
