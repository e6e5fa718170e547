"""The journey: the map and its cells down to customers, the design, personas, and who may."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import execute
from kizuna.pipeline.steps import select
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.know.journey import judging, personas, services
from kizuna.web.know.journey.models import Persona, Touchpoint
from kizuna.web.know.journey.wording import in_order
from kizuna.web.know.publications.hooks import GIVEN_HOOKS
from kizuna.web.know.publications.models import Publication, Status
from tiny_tables import STEPS, a_run, table, transactions
from web.conftest import ClientOf

pytestmark = pytest.mark.django_db(transaction=True)

CELL = "/journey/cell?touchpoint=asks&stage=new&persona=all"
PAGES = ("/journey/", "/journey/?show=effort&persona=1", CELL, "/journey/personas")
NEW = "/segments/add"
WHO = "/segments/who?rule=persona+%3D+%271%27"
MEMBERS = [
    {"customer_id": "acme", "stage": "new", "persona": "1", "value": 1200.0},
    {"customer_id": "beta", "stage": "steady", "persona": "none"},
]
CONTACT = {"interaction_id": "I1", "customer_id": "acme", "channel": "mail", "direction": "in"}
PERSONA = {
    "persona": "1",
    "basis": "purchases",
    "trait": "weekend",
    "customers": 1,
    "mean": 0.9,
    "mean_of_all": 0.3,
}
MODEL = {"status": "accepted", "customers": 300, "needed": 0, "kinds": 2} | {
    "stability": 0.9,
    "difference": 0.2,
    "p_value": 0.001,
    "traits": "weekend",
    "parameters": "{}",
    "basis": "purchases",
}
ACCOUNTS = {"basis": "use", "status": "too_few", "customers": 12, "needed": 88, "kinds": 0}
KIND = {"persona": "1", "basis": "purchases", "status": "new", "kind": 0}
NAME = {"name": " 週末の  お客様", "mark": "W", "sentence": "Comes on Saturdays."}
FORM = {"label_ja": "来店", "label_en": "Visits the shop", "place": "3", "source": "event"} | {
    "names": "Visited\n visited ",
    "stages": ["new"],
}


def published(store: Store, *, status: str = "accepted", kind: Any = KIND) -> Publication:
    """Make the tables of the journey alone, and publish them."""
    ready = {
        "journey_members": MEMBERS,
        "personas": [{"customer_id": "acme", "persona": "1", "persona_probability": 0.9}],
        "persona_model": [MODEL | {"status": status}, ACCOUNTS],
        "persona_profiles": [PERSONA],
        "persona_kinds": [KIND | kind],
    }
    versions = {name: store.write(name, table(name, rows)) for name, rows in ready.items()}
    facts = [{"customer_id": "acme", "name": "<b>Acme</b>"}]
    versions["customer_facts"] = store.write("customer_facts", table("customer_facts", facts))
    with Engine(threads=2) as engine:
        for name in ready:
            store.register(engine, name)
        for name in ("transactions", "interactions"):
            store.register(engine, name)
        steps = select(STEPS, "journey_cells", given=ready)
        done = execute(steps, engine, a_run("2026-03-31"), store=store).steps
    made = Publication.objects.create(
        status=Status.PUBLISHED,
        as_of=date(2026, 3, 31),
        published_at=timezone.now(),
        summary={"currency": "JPY"},
        versions=versions | {step.step: step.version for step in done},
    )
    personas.keep_personas(made)
    return made


@pytest.fixture
def company(settings: Any, tmp_path: Path) -> Store:
    """Publish a shop with one contact."""
    settings.KIZUNA_HOME = tmp_path
    store = Store(tmp_path / "store")
    store.write("transactions", transactions(("acme", "2026-01-05", 500)))
    when = {"happened_at": datetime(2026, 2, 1), "subject": "Late"}
    store.write("interactions", table("interactions", [CONTACT | when]))
    published(store)
    return store


def opened(client: Client, page: str) -> str:
    found = client.get(page)
    assert found.status_code == 200
    return str(found.content.decode())


def test_the_pages(
    company: Store,
    aiko: Person,
    ben: Person,
    chiyo: Person,
    client_of: ClientOf,
    django_assert_max_num_queries: Any,
) -> None:
    """All in one publication: making the tables takes most of the time."""
    client = client_of(chiyo)
    _the_map_tells_nobody_from_no_data(client)
    _a_cell_opens_its_customers(client)
    _what_is_no_cell_is_not_found(client)
    _personas_say_whether_they_hold_and_why(client, company)
    for page in PAGES:
        client.get(page)
        with django_assert_max_num_queries(9):
            client.get(page)
    assert client.get("/journey/touchpoints").status_code == 403
    chiyo.language = "ja"
    chiyo.save()
    for page in PAGES:
        opened(client_of(chiyo), page)
    _a_design_of_ones_own(client_of(aiko), company)
    _a_name_stays_with_its_customers_and_retires_with_them(client_of(ben), client, company)


def _the_map_tells_nobody_from_no_data(client: Client) -> None:
    page = opened(client, "/journey/")
    assert "/journey/cell?touchpoint=asks&amp;stage=new&amp;persona=all" in page
    assert "never recorded" in page
    assert "Designed for this stage" in page
    assert "preset for shops" in page
    assert "nobody" in page


def _a_cell_opens_its_customers(client: Client) -> None:
    page = opened(client, CELL)
    assert "&lt;b&gt;Acme" in page
    assert "/customers/one?id=acme" in page or "id=acme" in page
    assert "beta" not in page


def _what_is_no_cell_is_not_found(client: Client) -> None:
    for odd in ("touchpoint=x", "touchpoint=asks&stage=x", "touchpoint=asks&persona=%27"):
        assert client.get(f"/journey/cell?{odd}").status_code == 404
    assert client.get("/journey/?show=x&persona=x&page=-1").status_code == 200


def _personas_say_whether_they_hold_and_why(client: Client, store: Store) -> None:
    page = opened(client, "/journey/personas")
    assert "Accepted" in page
    assert "buys at weekends" in page
    assert "/segments/who?rule=persona" in page
    assert "88 accounts with use half a year old are still missing" in page
    for status, word in (("description", "nobody is given"), ("one_kind", "No kinds")):
        published(store, status=status)
        page = opened(client, "/journey/personas")
        assert word in page
        assert "/segments/who?rule=persona" not in page
    published(store)


def _a_name_stays_with_its_customers_and_retires_with_them(
    member: Client, viewer: Client, store: Store
) -> None:
    assert viewer.post("/journey/personas/1", NAME).status_code == 403
    assert member.get("/journey/personas/9").status_code == 404
    wrong = member.post("/journey/personas/1", NAME | {"mark": "<>"})
    assert (wrong.status_code, Persona.objects.get().name) == (200, "")
    member.post("/journey/personas/1", NAME)
    called = "W · 週末の お客様"
    hers = CELL.replace("persona=all", "persona=1")
    for page in ("/journey/", hers, "/journey/personas", "/journey/personas/1", NEW, WHO):
        assert called in opened(member, page), page
    assert "Comes on Saturdays." in opened(viewer, "/journey/personas")
    personas.give_personas(store)
    [given] = store.read("known_personas").to_pylist()
    assert (given["is_named"], given["traits"], given["kind"]) == (True, "weekend", 0)
    gone = {"status": "retired", "kind": None, "overlap": 0.3, "nearest": "2"}
    published(store, kind=gone)
    published(store, kind=gone)
    page = opened(viewer, "/journey/personas")
    assert "is retired" in page or "休止" in page
    assert "30%" in page
    member.post("/journey/personas/1", NAME | {"name": "Other"})
    assert Persona.objects.get().label == called, "a retired one has no new name"
    published(store, kind={"status": "same", "overlap": 0.8})
    assert Persona.objects.get().retired_on is None
    member.post("/journey/personas/1/unname")
    assert called not in opened(viewer, "/journey/personas")
    said = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    told = [a.removeprefix("know.personas.") for a in said if a.startswith("know.personas")]
    assert told == ["named", "retired", "returned", "unnamed"]


def _a_design_of_ones_own(client: Client, store: Store) -> None:
    assert "Begin with the preset" in opened(client, "/journey/touchpoints")
    client.post("/journey/touchpoints/design", {"kind": "shop"})
    client.post("/journey/touchpoints/design", {"kind": "saas"})
    assert Touchpoint.objects.count() == 12
    opened(client, "/journey/touchpoints")
    wrong = client.post("/journey/touchpoints/add", FORM | {"source": "order"})
    assert "not known here" in wrong.content.decode()
    client.post("/journey/touchpoints/add", FORM)
    made = Touchpoint.objects.get(label_en="Visits the shop")
    assert (made.names, made.stages) == ("visited", "new")
    client.post(f"/journey/touchpoints/{made.pk}", FORM | {"place": "1"})
    for give in GIVEN_HOOKS:
        give(store)
    assert "来店" in store.read("own_touchpoints")["label_ja"].to_pylist()
    versions = store.versions("own_touchpoints")
    services.give_touchpoints(store)
    assert store.versions("own_touchpoints") == versions
    client.post(f"/journey/touchpoints/{made.pk}/remove")
    assert Touchpoint.objects.count() == 12
    names = set(AuditEntry.objects.values_list("action", flat=True))
    whats = ("designed", "touchpoint_saved", "touchpoint_removed")
    assert {f"know.journey.{what}" for what in whats} <= names


def test_where_only_contracts_are_known_the_value_is_their_revenue() -> None:
    told = {"recorded": True, "value": None, "mrr": 5000}
    assert judging.text(told, "value", "JPY") == "¥5,000 a month"
    assert judging.text(told | {"mrr": None}, "value", "JPY") == judging.NO_DATA


def test_nothing_published_says_what_to_do(
    settings: Any, tmp_path: Path, chiyo: Person, client_of: ClientOf
) -> None:
    settings.KIZUNA_HOME = tmp_path
    client = client_of(chiyo)
    for page in ("/journey/", "/journey/personas"):
        assert "Import" in opened(client, page)
    assert client.get(CELL).status_code == 404


def test_who_is_no_manager_designs_nothing(ben: Person) -> None:
    with pytest.raises(PermissionDenied):
        services.save_touchpoint(actor=ben, values={})


def test_the_database_refuses_two_personas_of_one_name_and_a_mark_without_one(db: None) -> None:
    told = {"basis": "purchases", "kind": 0, "traits": "asked", "parameters": "{}"}
    told |= {"seen_on": date(2026, 3, 31)}
    Persona.objects.create(persona="1", name="Gifts", **told)
    for odd in ({"name": "Gifts"}, {"mark": "G"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Persona.objects.create(persona="2", **told, **odd)


def test_the_database_refuses_a_touchpoint_of_nothing(db: None) -> None:
    told = {"touchpoint": "x", "label_en": "X", "label_ja": "X"}
    for odd in ({"source": "event", "names": ""}, {"source": "moon", "names": "a"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Touchpoint.objects.create(**told, **odd)


def test_a_change_that_cannot_be_recorded_is_not_made(
    aiko: Person, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.KIZUNA_HOME = tmp_path

    def fail(**_said: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(services, "audit", fail)
    with pytest.raises(RuntimeError):
        services.design(actor=aiko, kind="shop")
    assert not Touchpoint.objects.exists()


def test_own_stages_stand_in_their_order_before_a_relationship_ends() -> None:
    there = {"none", "left", "fans", "gone", "new", "loyal", "lapsing"}
    own_order = ["prospect", "fans", "left", "loyal", "new", "lapsing", "none"]
    assert in_order(there, own_order) == [
        *("new", "fans", "loyal", "lapsing", "left", "gone", "none"),
    ]
