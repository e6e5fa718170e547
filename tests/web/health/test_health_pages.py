"""Health in the application: the portfolio, one customer, what people say, and the terms."""

from __future__ import annotations

import html
import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from kizuna.experience.scorecard import Card
from kizuna.pipeline.know.scorecards import USUAL
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.health import services
from kizuna.web.know.health.giving import give_health, keep_health
from kizuna.web.know.health.models import Bands, Override, Rating, Scorecard
from kizuna.web.know.health.standing import override_of, overrides_on, rating_of
from kizuna.web.know.profiles.models import Profile
from kizuna.web.know.profiles.services import details
from kizuna.web.know.publications import services as publications
from kizuna.web.know.publications.models import Publication, Status
from published_shop import VALUED, refreshed_shop
from web.conftest import ClientOf

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate
PAGES = ("/customer-health/", "/customer-health/customers?band=critical")
LIMITS = {"contract": [60.0, 80.0], "purchase": [30.0, 90.0]}


@pytest.fixture
def shop(settings: Any, db: None) -> Publication:
    """Publish a shop that has orders and no contracts."""
    settings.KIZUNA_HOME, found = refreshed_shop()
    return publications.record(publication=Publication.objects.create(), found=found)


@pytest.fixture
def worst(shop: Publication) -> CustomerFact:
    """Whose health is lowest."""
    found = CustomerFact.objects.exclude(health=None).order_by("health", "pk").first()
    assert found is not None
    return found


@pytest.fixture
def owner(aiko: Person, client_of: ClientOf) -> Client:
    return client_of(aiko)


@pytest.fixture
def member(ben: Person, client_of: ClientOf) -> Client:
    return client_of(ben)


def shown(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def of(fact: CustomerFact, what: str = "one") -> str:
    return f"/customer-health/{what}?id={fact.pk}"


def test_before_anything_is_published_the_page_says_what_to_do(
    settings: Any, tmp_path: Path, owner: Client
) -> None:
    settings.KIZUNA_HOME = tmp_path
    assert "No health yet" in shown(owner, "/customer-health/")
    assert owner.get("/customer-health/customers").status_code == 302


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_page_opens_in_both_languages(
    worst: CustomerFact, owner: Client, aiko: Person, language: str
) -> None:
    aiko.language = language
    aiko.save()
    for url in (*PAGES, of(worst), "/customer-health/bands", "/customer-health/scorecard"):
        shown(owner, url)


def test_the_bands_add_up_to_all_customers_and_each_opens_its_own(
    shop: Publication, owner: Client
) -> None:
    listed = 0
    for band in ("critical", "watch", "healthy", "unknown"):
        page = shown(owner, f"/customer-health/customers?band={band}")
        more = shown(owner, f"/customer-health/customers?band={band}&page=2")
        rest = [shown(owner, f"/customer-health/customers?band={band}&page={n}") for n in (3, 4, 5)]
        listed += sum(text.count("/customer-health/one?id=") for text in (page, more, *rest))
    assert listed == CustomerFact.objects.count()
    assert listed >= VALUED


def test_the_back_test_stands_beside_with_what_is_used_and_why(
    shop: Publication, owner: Client
) -> None:
    page = shown(owner, "/customer-health/")
    assert "Back-test" in page
    assert "Health is made of" in page or "no signal" in page
    assert "100 = healthy" in page


def test_who_fell_most_is_listed_with_the_reason(shop: Publication, owner: Client) -> None:
    page = shown(owner, "/customer-health/?compared=computed")
    assert "fell by 5 points or more" in page
    assert "Who fell most" in page
    assert "mostly Use" in page


def test_a_customer_without_data_is_grey_and_no_zero(shop: Publication, owner: Client) -> None:
    CustomerFact.objects.create(customer_id="new", folded="new", fingerprint=0, name="New")
    page = shown(owner, "/customer-health/one?id=new")
    assert "Not yet known" in page
    assert "It is no zero" in page
    assert '<strong class="big">' not in page


def test_the_points_of_groups_and_those_without_data_are_shown(
    worst: CustomerFact, owner: Client
) -> None:
    page = shown(owner, of(worst))
    assert "Points are added to the usual health" in page
    assert "Sentiment" in page
    assert "no data" in page
    assert "Health over time" in page


def test_health_set_by_hand_is_shown_everywhere_beside_what_is_computed(
    worst: CustomerFact, member: Client, ben: Person
) -> None:
    until = TODAY() + timedelta(days=30)
    said = {"health": 95, "reason": "Signed for three years", "until_on": until.isoformat()}
    assert member.post(of(worst, "override"), said).status_code == 302
    details.give_owner(actor=ben, customer_ids=[worst.pk], owner=ben)
    pages = (of(worst), f"/customers/one?id={worst.pk}", "/day/")
    for url in (*pages, "/customers/?columns=health&sort=health"):
        assert "95" in shown(member, url), url
    assert "by hand until" in shown(member, "/day/")
    assert "Signed for three years" in shown(member, of(worst))
    entry = AuditEntry.objects.get(action="know.health.overridden")
    assert entry.after["reason"] == "Signed for three years"


def test_a_new_publication_does_not_erase_what_was_set_by_hand(
    worst: CustomerFact, ben: Person
) -> None:
    services.override(
        actor=ben, customer_id=worst.pk, health=80, reason="x", until_on=date(2999, 1, 1)
    )
    asked = Publication.objects.get(status=Status.ASKED)  # setting it asks for figures
    publications.record(publication=asked, found=refreshed_shop()[1])
    kept = override_of(worst.pk)
    assert kept is not None
    assert kept.health == 80


def test_what_was_set_by_hand_ends_on_its_day_and_the_next_one_takes_its_place(
    worst: CustomerFact, ben: Person
) -> None:
    old = services.override(actor=ben, customer_id=worst.pk, health=1, reason="x", until_on=TODAY())
    assert overrides_on([worst.pk])[worst.pk] == old
    Override.objects.update(until_on=TODAY() - timedelta(days=1))
    assert override_of(worst.pk) is None
    services.override(actor=ben, customer_id=worst.pk, health=2, reason="y", until_on=TODAY())
    assert Override.objects.filter(ended_at=None).count() == 1
    services.end_override(actor=ben, customer_id=worst.pk)
    services.end_override(actor=ben, customer_id=worst.pk)
    assert override_of(worst.pk) is None
    assert AuditEntry.objects.filter(action="know.health.override_ended").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"health": 101},
        {"reason": ""},
        {"until_on": "2001-01-01"},
        {"until_on": "2999-01-01"},
    ],
)
def test_an_override_without_reason_end_or_sense_is_refused(
    worst: CustomerFact, member: Client, wrong: dict[str, Any]
) -> None:
    said = {"health": 50, "reason": "x", "until_on": TODAY().isoformat()}
    assert member.post(of(worst, "override"), said | wrong).status_code == 200
    assert not Override.objects.exists()


def test_the_database_itself_refuses_two_overrides_at_once(ben: Person) -> None:
    same = {"customer_id": "a", "health": 1, "reason": "x", "until_on": TODAY(), "set_by": ben}
    Override.objects.create(**same)
    with pytest.raises(IntegrityError), transaction.atomic():
        Override.objects.create(**same)
    with pytest.raises(IntegrityError), transaction.atomic():
        Rating.objects.create(customer_id="a", rating=6, rated_by=ben)


def test_a_rating_is_reset_when_the_customer_is_handed_over_and_stays_reset(
    worst: CustomerFact, member: Client, ben: Person, aiko: Person
) -> None:
    details.give_owner(actor=aiko, customer_ids=[worst.pk], owner=ben)
    said = {"rating": "4", "reason": "Renewed early"}
    assert member.post(of(worst, "rate"), said).status_code == 302
    assert "4: content" in shown(member, f"/customers/one?id={worst.pk}")
    for who in (aiko, ben):
        details.give_owner(actor=aiko, customer_ids=[worst.pk], owner=who)
        standing = rating_of(worst.pk, Profile.objects.get(pk=worst.pk), None)
        assert standing.rating is not None
        assert not standing.holds
    assert "Reset, because the customer was handed over" in shown(member, of(worst))


def test_what_publications_told_is_kept_once_and_only_of_who_moved(
    shop: Publication, settings: Any
) -> None:
    store = Store(Path(settings.KIZUNA_HOME) / "store")
    kept = store.read("health_log").num_rows
    assert kept >= VALUED
    keep_health(shop)
    publications.record(publication=Publication.objects.create(), found=refreshed_shop()[1])
    assert store.read("health_log").num_rows == kept


def test_bands_are_tried_before_they_count_and_kept_as_versions(
    shop: Publication, owner: Client, tmp_path: Path
) -> None:
    fields = {f"{kind}_{k}": v for kind, pair in LIMITS.items() for k, v in enumerate(pair)}
    page = owner.post("/customer-health/bands", fields | {"do": "try"}).content.decode()
    assert "Customers of today by band" in page
    assert not Bands.objects.exists()
    assert owner.post("/customer-health/bands", fields | {"do": "save"}).status_code == 302
    store = Store(tmp_path / "store")
    give_health(store)
    rows = store.read("own_health_bands").to_pylist()
    assert sorted(row["from_health"] for row in rows) == [0.0, 0.0, 30.0, 60.0, 80.0, 90.0]
    version = store.versions("own_health_bands")
    give_health(store)
    assert store.versions("own_health_bands") == version


def test_bands_that_contradict_themselves_are_refused(shop: Publication, owner: Client) -> None:
    fields = {"contract_0": 80, "contract_1": 60, "purchase_0": 25, "purchase_1": 50, "do": "save"}
    page = owner.post("/customer-health/bands", fields).content.decode()
    assert "Healthy begins above" in page
    assert not Bands.objects.exists()


def card_fields(**more: Any) -> dict[str, Any]:
    weights = {f"weight-{name}": 0 for name in ("service", "relation", "money", "sentiment")}
    rows = {"measure-TOTAL_FORMS": 1, "measure-INITIAL_FORMS": 0, "ceiling-TOTAL_FORMS": 1}
    measure = {"group": "use", "fact": "days_since_purchase", "worst": 300, "best": 10}
    ceiling = {"fact": "orders_90d", "below": "1", "limit": 0, "most": 60}
    return (
        weights
        | {"weight-use": 100, "ceiling-INITIAL_FORMS": 0, "do": "try"}
        | rows
        | {f"measure-0-{name}": value for name, value in measure.items()}
        | {f"ceiling-0-{name}": value for name, value in ceiling.items()}
        | more
    )


def test_a_scorecard_is_tried_on_history_and_today_before_it_counts(
    shop: Publication, owner: Client, tmp_path: Path
) -> None:
    page = owner.post("/customer-health/scorecard", card_fields()).content.decode()
    assert "customers of today" in page
    assert "could not be tested" in page
    assert not Scorecard.objects.exists()
    fields = card_fields(do="save")
    assert owner.post("/customer-health/scorecard", fields).status_code == 302
    kept = Scorecard.objects.get()
    assert kept.version == 2
    card = Card.from_plain(kept.card)
    assert card.exceptions[0].below
    store = Store(tmp_path / "store")
    give_health(store)
    assert json.loads(store.read("own_scorecards")["card"][0].as_py()) == kept.card
    page = shown(owner, "/customer-health/scorecard?version=1")
    assert f'value="{USUAL.groups[0].weight}"' in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"weight-use": 90}, "add to 90, not to 100"),
        ({"weight-use": 90, "weight-money": 10}, "Money has a weight, but no measure"),
        ({"measure-0-worst": ""}, "Fill this in"),
        ({"measure-0-worst": 10}, "cannot be at the same value"),
        ({"measure-0-fact": "nonsense"}, "nonsense"),
    ],
)
def test_a_scorecard_that_cannot_be_counted_is_refused_with_the_reason(
    shop: Publication, owner: Client, wrong: dict[str, Any], said: str
) -> None:
    fields = card_fields(do="save") | wrong
    assert said in owner.post("/customer-health/scorecard", fields).content.decode()
    assert not Scorecard.objects.exists()


def test_pages_ask_few_questions(
    worst: CustomerFact, owner: Client, django_assert_max_num_queries: Any
) -> None:
    for url in (*PAGES, of(worst)):
        with django_assert_max_num_queries(14):
            owner.get(url)


def test_viewers_look_members_say_managers_set(
    worst: CustomerFact, chiyo: Person, ben: Person, client_of: ClientOf
) -> None:
    viewer, member = client_of(chiyo), client_of(ben)
    assert viewer.post(of(worst, "rate"), {"rating": "1"}).status_code == 403
    assert member.get("/customer-health/bands").status_code == 403
    assert "Your own rating" not in shown(viewer, of(worst))
    with pytest.raises(PermissionDenied):
        services.rate(actor=chiyo, customer_id="a", rating=1)
    with pytest.raises(PermissionDenied):
        services.override(actor=chiyo, customer_id="a", health=1, reason="x", until_on=TODAY())
    with pytest.raises(PermissionDenied):
        services.set_bands(actor=ben, limits=LIMITS)
    with pytest.raises(PermissionDenied):
        services.set_card(actor=ben, card=USUAL)


def test_the_numbers_of_who_moved_lead_to_as_many_customers(
    shop: Publication, owner: Client
) -> None:
    page = shown(owner, "/customer-health/?compared=computed")
    found = re.findall(r'href="(/customer-health/customers\?moved=[^"]+)">[^<]*\((\d+)\)<', page)
    assert found
    for url, number in found:
        listed = shown(owner, html.unescape(url))
        assert listed.count("/customer-health/one?id=") == min(int(number), 50), url
