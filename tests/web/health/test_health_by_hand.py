"""Health that a person has set counts wherever health is used, and ends on its day."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import discover, execute, select
from kizuna.web.accounts.models import Person, Scope
from kizuna.web.accounts.services import keys
from kizuna.web.jobs import schedules
from kizuna.web.know.alerts.evaluating import after_publication
from kizuna.web.know.alerts.models import Alert, AlertRule
from kizuna.web.know.customers.mirroring import mirror
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.health import services
from kizuna.web.know.health.giving import follow_overrides, give_health
from kizuna.web.know.health.models import Override
from kizuna.web.know.publications import services as publications
from kizuna.web.know.publications.models import Publication, Status
from kizuna.web.know.segments import services as segments
from kizuna.web.know.segments.queries import member_ids
from published_shop import refreshed_shop
from tiny_tables import a_run
from web.conftest import ClientOf

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate
MADE = ("effective_health", "customer_facts")
GIVEN = (
    *("valued_customers", "fact_panel", "churn_scores", "health_scores", "health_bands"),
    *("personas", "lifecycle_stages", "cost_to_serve"),
)


@pytest.fixture
def shop(settings: Any, tmp_path: Path, db: None) -> Publication:
    """Publish a shop in a folder of its own."""
    home, found = refreshed_shop()
    shutil.copytree(home, tmp_path / "home")
    settings.KIZUNA_HOME = tmp_path / "home"
    return publications.record(publication=Publication.objects.create(), found=found)


@pytest.fixture
def best(shop: Publication) -> CustomerFact:
    found = CustomerFact.objects.exclude(health=None).order_by("-health", "pk").first()
    assert found is not None
    return found


def computed_again(former: Publication) -> Publication:
    """Publish facts with what is set by hand today, as a run does; the models stay."""
    store = publications.store()
    give_health(store)
    with Engine(threads=2) as engine:
        for name in GIVEN:
            engine.register(name, store.read(name, former.versions[name]))
        if "health_overrides" in store.names():
            engine.register("health_overrides", store.read("health_overrides"))
        day = engine.query("SELECT max(day) AS day FROM fact_panel")["day"][0].as_py()
        run = a_run(day.isoformat(), fact_days=(day,))
        made = execute(select(discover("know"), *MADE, given=GIVEN), engine, run, store=store)
    versions = {step.step: step.version for step in made.steps}
    now = timezone.now()
    latest = Publication.objects.create(
        status=Status.PUBLISHED,
        as_of=former.as_of,
        started_at=now,
        finished_at=now,
        published_at=now,
        summary=former.summary,
        versions=former.versions | versions,
    )
    mirror(latest)
    segments.rebuild()
    after_publication(latest.pk)
    return latest


def set_by_hand(person: Person, fact: CustomerFact, health: int = 1) -> Override:
    return services.override(
        actor=person, customer_id=fact.pk, health=health, reason="x", until_on=TODAY()
    )


def test_it_moves_a_customer_into_a_segment_and_an_alert_and_out_again_when_it_ends(
    best: CustomerFact, shop: Publication, aiko: Person
) -> None:
    by_rule = segments.save(actor=aiko, name="Lost", rule="health < 2")
    learned = segments.save(actor=aiko, name="Safe", rule=f"health_learned >= {best.health}")
    rule = {"kind": "below", "fact": "health", "amount": 2.0, "cause": "use", "advice": "Call."}
    AlertRule.objects.create(name="Ill", severity="caution", **rule)
    segments.rebuild()
    before = set(member_ids(by_rule.pk))
    assert best.pk not in before
    set_by_hand(aiko, best)
    latest = computed_again(shop)
    assert set(member_ids(by_rule.pk)) == before | {best.pk}
    assert best.pk in member_ids(learned.pk)
    assert Alert.objects.get().customer_id == best.pk
    fact = CustomerFact.objects.get(pk=best.pk)
    assert (fact.health, fact.health_band, fact.health_by_hand) == (1.0, "critical", True)
    assert (fact.health_learned, fact.health_learned_band) == (best.health, best.health_band)

    Override.objects.update(until_on=TODAY() - timedelta(days=1))
    computed_again(latest)
    assert set(member_ids(by_rule.pk)) == before
    assert CustomerFact.objects.get(pk=best.pk).health == best.health


def test_figures_are_asked_for_when_it_is_set_when_it_is_ended_and_when_it_runs_out(
    best: CustomerFact, shop: Publication, ben: Person
) -> None:
    def asked() -> int:
        return Publication.objects.filter(status=Status.ASKED).delete()[0]

    assert not follow_overrides()
    set_by_hand(ben, best)
    assert asked() == 1
    give_health(publications.store())
    assert not follow_overrides()
    Override.objects.update(until_on=TODAY() - timedelta(days=1))
    assert follow_overrides()
    assert asked() == 1
    services.end_override(actor=ben, customer_id=best.pk)
    assert asked() == 1
    assert "health.overrides" in {one.name for one in schedules.declared()}


def test_pages_say_which_is_which_and_fall_back_at_once_when_it_has_ended(
    best: CustomerFact, shop: Publication, ben: Person, client_of: ClientOf
) -> None:
    set_by_hand(ben, best)
    computed_again(shop)
    client, learned = client_of(ben), f"{best.health:.0f}"
    one = f"/customer-health/one?id={best.pk}"
    listed = f"/customers/?columns=health&q={best.pk}"
    assert f"computed: {learned}" in client.get(listed).content.decode()
    assert "What is computed stays beside it" in client.get(one).content.decode()
    assert "Health as learned" in client.get(f"/customers/one/facts?id={best.pk}").content.decode()
    band = client.get("/customer-health/customers?band=critical").content.decode()
    assert "1 by hand until" in band
    told = Override.objects.get()
    services.end_override(actor=ben, customer_id=best.pk)  # the figures are as they were
    assert told.health == 1
    page = client.get(listed).content.decode()
    assert "by hand" not in page
    assert f">{learned}<" in page
    assert f'<strong class="big">{learned}</strong>' in client.get(one).content.decode()


def test_programs_are_told_the_health_that_counts_and_the_learned_one(
    best: CustomerFact, shop: Publication, aiko: Person, client: Any
) -> None:
    _row, key = keys.make_key(actor=aiko, name="k", scopes=[Scope.READ])
    set_by_hand(aiko, best, health=7)
    answer = client.get(
        f"/api/v1/health/one?id={best.pk}", headers={"authorization": f"Bearer {key}"}
    ).json()
    assert (answer["health"], answer["band"]) == (7, "critical")
    assert answer["learned"] == pytest.approx(best.health)
    assert answer["by_hand"]["reason"] == "x"
