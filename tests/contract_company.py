"""A company of contracts alone, computed once and published without a refresh."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from django.utils import timezone

from kizuna.jobs import revenue
from kizuna.jobs.business_days import Calendar
from kizuna.jobs.refresh import OPTIONS, value_targets
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import discover, execute, select
from kizuna.pipeline.store import Store
from kizuna.web.know.publications.models import Publication, Status
from tiny_tables import table

USUAL = {"billing_months": 1, "currency": "JPY", "auto_renew": True, "term_months": 12}
CONTRACTS = [
    {"contract_id": "C1", "customer_id": "acme", "amount": 120_000, "billing_months": 12}
    | {"started_on": date(2025, 1, 1)},
    {"contract_id": "C2", "customer_id": "beta", "amount": 5_000, "started_on": date(2025, 1, 1)}
    | {"ended_on": date(2025, 12, 31)},
    {"contract_id": "C3", "customer_id": "gamma", "amount": 5_000, "started_on": date(2025, 2, 1)},
    {"contract_id": "C4", "customer_id": "gamma", "amount": 1_000, "started_on": date(2026, 1, 1)},
    {"contract_id": "C5", "customer_id": "usa", "amount": 900, "started_on": date(2026, 2, 28)}
    | {"currency": "USD"},
]


@cache
def computed_company() -> tuple[Path, dict[str, int], dict[str, Any]]:
    """Compute what contracts tell of a company without orders, once; no facts, which cost more."""
    folder = Path(mkdtemp(prefix="kizuna-retention-"))
    store = Store(folder / "store")
    with Engine(threads=2) as engine:
        contracts = [USUAL | contract for contract in CONTRACTS]
        engine.register("contracts", table("contracts", contracts))
        for name in ("transactions", "clv_choice"):
            engine.register(name, table(name, []))
        revenue.know_by_contract(engine)
        run = revenue.run_of(engine, OPTIONS, date(2026, 2, 28))
        names = (*value_targets(), "value_risks")
        steps = execute(select(discover("know"), *names), engine, run, store=store).steps
        summary = revenue.summary_of(engine, run)
        more, run = revenue.part(engine, run, Calendar())
        steps += execute(more, engine, run, store=store).steps
    return folder, {step.step: step.version or 0 for step in steps}, summary


def publish_company(settings: Any) -> None:
    """Publish the company, in a folder that all tests share: change nothing in it."""
    settings.KIZUNA_HOME, versions, summary = computed_company()
    now = timezone.now()
    Publication.objects.create(
        status=Status.PUBLISHED,
        as_of=date.fromisoformat(summary["as_of"]),
        published_at=now,
        started_at=now,
        finished_at=now,
        summary=summary,
        versions=versions,
    )
