"""Cost to serve in the application: rates that managers set, and what they come to."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import discover, execute, select
from kizuna.pipeline.store import Store
from kizuna.report.material import Material
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.know.board.netting import net_part
from kizuna.web.know.publications.hooks import GIVEN_HOOKS
from kizuna.web.know.publications.models import Publication, Status
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.know.retention import services
from kizuna.web.know.retention.giving import give_rates
from kizuna.web.know.retention.models import ServiceRate
from kizuna.web.know.retention.serving import of_customer
from kizuna.web.ui.templatetags.ui import writer
from tiny_tables import a_run, table
from web.conftest import ClientOf

pytestmark = pytest.mark.django_db

CONTACTS: list[dict[str, Any]] = [
    {"interaction_id": "1", "customer_id": "acme", "channel": "Phone", "minutes": 30.0},
    {"interaction_id": "2", "customer_id": "acme", "channel": "mail"},
    {"interaction_id": "3", "customer_id": "beta", "channel": "phone", "minutes": 6.0},
]
WHEN = {"happened_at": datetime(2026, 3, 2, 1), "direction": "in"}
VALUED = [
    {"customer_id": "acme", "name": "Acme", "residual_clv": 50_000.0, "channel": "ads"},
    {"customer_id": "beta", "name": "Beta", "residual_clv": 100.0, "channel": "ads"},
]
BOUGHT = {"p_alive": 1.0, "historical_value": 10_000, "first_purchase": date(2025, 1, 1)}


def publish(store: Store) -> None:
    """Give the rates, make the tables of cost anew, and publish them."""
    give_rates(store)
    with Engine(threads=2) as engine:
        valued = table("valued_customers", [BOUGHT | row for row in VALUED])
        engine.register("valued_customers", valued)
        given = {"valued_customers": valued, "channel_costs": table("channel_costs", [])}
        engine.register("channel_costs", given["channel_costs"])
        names = ("cost_to_serve", "channel_service_costs", "channel_net_values")
        steps = select(discover("know"), *names, given=given)
        run = a_run("2026-03-31", currency="JPY", horizon_days=365)
        made = execute(steps, engine, run, store=store).steps
    versions = {step.step: step.version for step in made}
    Publication.objects.create(
        status=Status.PUBLISHED,
        as_of=timezone.localdate(),
        started_at=timezone.now(),
        finished_at=timezone.now(),
        published_at=timezone.now(),
        summary={"currency": "JPY"},
        versions=versions | {"valued_customers": store.write("valued_customers", valued)},
    )


@pytest.fixture
def owner(aiko: Person, client_of: ClientOf) -> Client:
    return client_of(aiko)


@pytest.fixture
def company(settings: Any, tmp_path: Path, db: None) -> Store:
    settings.KIZUNA_HOME = tmp_path
    store = Store(tmp_path / "store")
    store.write("interactions", table("interactions", [WHEN | row for row in CONTACTS]))
    return store


def rate(actor: Person, channel: str = "phone", contact: str = "100", minute: str = "50") -> Any:
    amounts = {"per_contact": Decimal(contact), "per_minute": Decimal(minute)}
    return services.save_rate(actor=actor, channel=channel, **amounts)


def shown(client: Client, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == 200
    return answer.content.decode()


def test_rates_become_costs_and_what_is_left_of_value(
    company: Store, owner: Client, aiko: Person, django_assert_max_num_queries: Any
) -> None:
    rate(aiko)
    publish(company)
    with django_assert_max_num_queries(8):
        page = shown(owner, "/retention/service")
    assert "¥2,000" in page  # 100 + 50 × 30, and 100 + 50 × 6; mail has no rate
    assert "no rate" in page
    assert "/customers/one?id=acme" in page
    assert page.index("Acme") < page.index("Beta")
    assert "-¥300" in page or "−¥300" in page  # 100 to come, 400 to serve
    assert "below zero for 1 customers" in page
    assert "Not yet known" not in page


def test_lifetime_value_is_net_of_serving_by_channel_and_of_each_customer(
    company: Store, aiko: Person
) -> None:
    rate(aiko)
    publish(company)
    state = published()
    assert state is not None
    part = net_part(material(state), tested="")
    whole, ads = part.blocks[1].table.rows  # type: ignore[attr-defined]
    told = ["2", "2", "¥35,050", "¥1,000", "¥1,000", "¥33,050", "–"]
    assert [cell.text for cell in whole[1:]] == told
    assert [cell.url for cell in whole[4:7]] == ["/rows/served?channel=%2A"] * 3
    assert (ads[0].text, ads[0].url) == ("ads", "/customers/?channel=ads")
    assert ads[-1].text == "¥30,000 to ¥36,000"
    shown = of_customer(state, "acme")["stats"]
    assert [stat.get("interval") for stat in shown] == [None, "", ""], "no bounds of the value"
    assert [stat["value"] for stat in shown] == [*("¥1,600", "¥48,400", "¥56,800")]
    assert "took nothing" in of_customer(state, "nobody")["missing"]


def test_without_rates_lifetime_value_net_of_serving_is_no_data_and_says_where_to_set_them(
    company: Store, aiko: Person
) -> None:
    publish(company)
    state = published()
    assert state is not None
    (missing,) = net_part(material(state), tested="").blocks
    assert missing.url == "/retention/service"  # type: ignore[attr-defined]
    assert "nobody has said yet" in of_customer(state, "acme")["missing"]


def material(state: Published) -> Material:
    names = ("channel_net_values", "channel_service_costs")
    tables = {name: state.table(name) for name in names}
    bounds = {"channel": "ads", "ltv_net_low": 30_000.0, "ltv_net_high": 36_000.0}
    tables["channel_net_bounds"] = table("channel_net_bounds", [bounds])
    return Material(state.summary, tables, writer(state.currency))


@pytest.mark.parametrize("language", ["en", "ja"])
def test_without_rates_the_page_says_that_no_cost_is_known(
    company: Store, owner: Client, aiko: Person, language: str
) -> None:
    aiko.language = language
    aiko.save()
    publish(company)
    page = shown(owner, "/retention/service")
    assert "¥0" not in page
    assert "/retention/rates" in page


def test_a_rate_is_set_changed_and_removed_with_a_trace(owner: Client, aiko: Person) -> None:
    given = {"channel": " Phone ", "per_contact": "10", "per_minute": "0.5"}
    assert owner.post("/retention/rates/add", given).status_code == 302
    (kept,) = ServiceRate.objects.all()
    assert kept.values == {"channel": "phone", "per_contact": "10.0000", "per_minute": "0.5000"}
    owner.post(f"/retention/rates/{kept.pk}", given | {"channel": ""})
    assert "All other channels" in shown(owner, "/retention/rates")
    assert 'value="0.5"' in shown(owner, f"/retention/rates/{kept.pk}")
    owner.post(f"/retention/rates/{kept.pk}/remove")
    assert not ServiceRate.objects.exists()
    saved = AuditEntry.objects.filter(action__startswith="know.servicerate")
    assert [entry.action.rsplit(".", 1)[1] for entry in saved.order_by("pk")] == [
        *("saved", "saved", "removed")
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"per_contact": "0", "per_minute": "0"}, "of a minute, or both"),
        ({"per_contact": "-1", "per_minute": "0"}, "greater than or equal to 0"),
        ({"per_contact": "1", "per_minute": "1"}, "This channel has a rate already"),
    ],
)
def test_a_rate_that_makes_no_sense_is_refused_with_the_reason(
    owner: Client, aiko: Person, given: dict[str, str], said: str
) -> None:
    rate(aiko)
    page = owner.post("/retention/rates/add", {"channel": "phone"} | given).content.decode()
    assert said in page
    assert ServiceRate.objects.count() == 1


def test_the_database_keeps_no_rate_below_zero() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ServiceRate.objects.create(channel="phone", per_contact=-1, per_minute=0)


def test_only_managers_set_rates(chiyo: Person, client_of: ClientOf) -> None:
    client = client_of(chiyo)
    for page in ("/retention/rates", "/retention/rates/add"):
        assert client.get(page).status_code == 403
    with pytest.raises(PermissionDenied):
        rate(chiyo)
    with pytest.raises(PermissionDenied):
        services.remove_rate(actor=chiyo, pk=1)


def test_each_run_is_given_the_rates(company: Store, aiko: Person) -> None:
    assert give_rates in GIVEN_HOOKS
    give_rates(company)
    assert "service_rates" not in company.names()
    rate(aiko)
    give_rates(company)
    give_rates(company)
    assert company.read("service_rates").to_pylist() == [
        {"channel": "phone", "per_contact": 100.0, "per_minute": 50.0}
    ]
    assert len(company.versions("service_rates")) == 1
