"""Events that just came in are looked at: alerts within moments, and none for history."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from kizuna.jobs.drain import Batch
from kizuna.jobs.drain_log import Drained
from kizuna.jobs.watch import Frame, compare
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import Person
from kizuna.web.know.alerts import live
from kizuna.web.know.alerts.conditions import watched_of, with_a_past
from kizuna.web.know.alerts.models import Alert, AlertRule, Touched
from kizuna.web.know.publications.models import Publication, Status
from tiny_tables import table

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(settings: Any, tmp_path: Path, aiko: Person) -> Store:
    settings.KIZUNA_HOME = tmp_path
    store, today = Store(tmp_path / "store"), timezone.localdate()
    contract = {"contract_id": "K1", "customer_id": "acme", "amount": 900, "currency": "JPY"}
    contract |= {"billing_months": 1, "auto_renew": True, "term_months": 12}
    rows = [contract | {"started_on": today - timedelta(days=200)}]
    store.write("contracts", table("contracts", rows))
    facts = [{"customer_id": "acme", "failed_payments_90d": 0}]
    version = store.write("customer_facts", table("customer_facts", facts))
    Publication.objects.create(
        status=Status.PUBLISHED,
        as_of=today - timedelta(days=1),
        published_at=timezone.now(),
        versions={"customer_facts": version},
        summary={"currency": "JPY", "customers": 1},
    )
    said = {"kind": "above", "fact": "failed_payments_90d", "amount": 1, "cause": "money"}
    AlertRule.objects.create(name="P", severity="caution", advice="Write.", **said)
    return store


def came(store: Store, at: datetime, recent: bool = True) -> None:
    """Have a failed payment come in, as the drain tells it."""
    rows = [
        {"message_id": "m1", "customer_key": "acme", "user_id": "acme", "kind": "track"}
        | {"name": "Payment Failed", "happened_at": at.replace(tzinfo=None), "drain_no": 1}
    ]
    store.write("received_events", table("received_events", rows))
    account = Drained(1, at, 1, 1, 0, 0, 0.0, 0.0)
    users = frozenset({"acme"})
    live.touched(Batch(account, [], [], users, 0, users if recent else frozenset()))


def test_a_failed_payment_is_told_before_the_next_publication(home: Store) -> None:
    came(home, timezone.now())
    assert live.look() == 1
    assert Alert.objects.get().customer_id == "acme"
    assert not Touched.objects.exists()
    came(home, timezone.now())
    assert live.look() == 0


@pytest.mark.parametrize(
    ("said", "may"),
    [
        ({"kind": "above", "fact": "failed_payments_90d", "amount": 1}, True),
        ({"kind": "above", "fact": "residual_clv", "amount": 1}, False),
        ({"kind": "falls", "fact": "residual_clv", "amount": 1, "days": 30}, True),
        ({"kind": "rule", "condition": "residual_clv > 1 AND failed_payments_90d > 0"}, True),
        ({"kind": "rule", "condition": "today - first_purchase < 30"}, True),
        ({"kind": "rule", "condition": "residual_clv > 1 AND p_alive < 0.5"}, False),
    ],
)
def test_rules_over_what_was_published_alone_are_not_worked_out_again(
    said: dict[str, Any], may: bool
) -> None:
    one = watched_of(AlertRule(name="R", **said), "JPY")
    assert live.may_turn(one, ["customer_id", "day", "failed_payments_90d"]) == may


def test_who_is_new_is_held_to_every_rule(home: Store) -> None:
    """Of somebody who was not published nothing is as it was."""
    AlertRule.objects.update(kind="rule", fact="", condition="residual_clv IS NULL")
    others = [{"customer_id": "other", "failed_payments_90d": 0}]
    home.write("customer_facts", table("customer_facts", others))
    latest = Publication.objects.get()
    latest.versions = {"customer_facts": home.changed_at("customer_facts")}
    latest.save()
    came(home, timezone.now())
    assert live.look() == 1


def test_history_that_is_brought_in_raises_nothing(home: Store) -> None:
    came(home, timezone.now() - timedelta(days=30), recent=False)
    assert not live.look_and_send()
    assert not Alert.objects.exists()


def test_who_is_touched_during_a_look_is_looked_at_again(
    home: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate = live._evaluate

    def meanwhile(*given: Any) -> int:
        came(home, timezone.now())
        return evaluate(*given)

    came(home, timezone.now())
    monkeypatch.setattr(live, "_evaluate", meanwhile)
    live.look()
    assert Touched.objects.count() == 1


def test_where_nothing_is_watched_nobody_is_noted(home: Store) -> None:
    AlertRule.objects.update(is_on=False)
    came(home, timezone.now())
    assert not Touched.objects.exists()


def test_one_process_looks_at_a_time(home: Store) -> None:
    with live.looking() as first, live.looking() as second:
        assert (first, second) == (True, False)
    with live.looking() as again:
        assert again


MONTH_END, THEN, NOW = date(2026, 4, 30), date(2026, 5, 30), date(2026, 6, 1)


def fell(tmp_path: Path, fact: str, amount: float, *rows: tuple[str, float, float, float]) -> Any:
    """Of (customer, at the end of April, told last, told now): of whom a fall of 30 days begins."""
    store = Store(tmp_path / "store")
    whom = [{"customer_id": name, "day": MONTH_END} for name, *_ in rows]
    past = [
        who | {"health": was, "health_band": "healthy", "churn_probability": 1 - was / 100}
        for who, (_, was, *_) in zip(whom, rows, strict=True)
    ]
    files = {}
    for name, told in (("fact_panel", whom), ("health_trail", past)):
        files[name] = store.files(name, store.write(name, table(name, told)))

    def frame(day: date, at: int) -> Frame:
        told = [
            {"customer_id": row[0], "health": row[at], "health_learned": row[at]}
            | {"churn_probability": 1 - row[at] / 100}
            for row in rows
        ]
        told[-1]["health"] = 10.0  # of the last one a person has set it
        return Frame(day, rows=table("customer_facts", told))

    kind = "falls" if fact == "health" else "rises"
    watched = watched_of(AlertRule(kind=kind, fact=fact, amount=amount, days=30), "JPY")
    panel, trail = files["fact_panel"], files["health_trail"]
    found = compare(frame(THEN, 2), frame(NOW, 3), [watched], panel=panel, trail=trail)
    assert not found.refused
    return [one.customer_id for one in found.turned if one.begins]


@pytest.mark.parametrize(("fact", "amount"), [("health", 15.0), ("churn_probability", 0.15)])
def test_health_that_fell_within_days_is_told_by_what_the_model_of_now_says_of_then(
    tmp_path: Path, fact: str, amount: float
) -> None:
    rows = [("fell", 80.0, 75.0, 60.0), ("was low", 62.0, 61.0, 60.0), ("fell before", 80, 60, 60)]
    assert fell(tmp_path, fact, amount, *rows, ("by hand", 80.0, 80.0, 80.0)) == ["fell"]
    assert fact in with_a_past()
