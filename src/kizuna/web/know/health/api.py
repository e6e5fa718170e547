"""Health for programs: the portfolio with its back-test, and one customer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Router, Schema

from kizuna.pipeline.health_tables import GROUPS
from kizuna.web.accounts.models import Scope
from kizuna.web.interface.keys import Key
from kizuna.web.interface.shapes import Word
from kizuna.web.know.customers.queries import customer as known_customer
from kizuna.web.know.health import queries
from kizuna.web.know.health.forms import Asked
from kizuna.web.know.health.models import Override
from kizuna.web.know.health.words import learned

router = Router(tags=["health"])


class BandRow(Schema):
    """Customers of a kind in a band; `unknown` has no health yet, which is never 0."""

    kind: str
    band: str
    customers: int
    by_hand: int
    health: float | None


class TestRow(Schema):
    """Back-test of a score: `learned` is health, `scorecard` the hand-weighted one."""

    kind: str
    score: str
    tested: int
    lost: int
    auc: float
    slope: float
    ece: float


class LossRow(Schema):
    """Who left of a band on a later period, with the 90 % interval of the rate."""

    kind: str
    score: str
    band: str
    customers: int
    lost: int
    rate: float
    rate_low: float
    rate_high: float


class Portfolio(Schema):
    """Health of all customers, 0 to 100, 100 = healthy; and how it did."""

    as_of: date | None
    bands: list[BandRow]
    tests: list[TestRow]
    losses: list[LossRow]


class ByHand(Schema):
    """Health set by a person: why, and until when."""

    health: int
    reason: str
    until_on: date
    person: str
    set_at: datetime


class Rated(Schema):
    """A person's own rating, 1 to 5; it holds until the customer is handed over."""

    rating: int
    reason: str
    person: str
    rated_at: datetime
    holds: bool


class OneHealth(Schema):
    """Health of one customer: `health` counts: set `by_hand`, or else as `learned`."""

    as_of: date | None
    health: float | None
    band: str | None
    learned: float | None
    learned_band: str | None
    usual: float | None
    points: dict[str, float | None]
    scorecard: float | None
    by_hand: ByHand | None
    rating: Rated | None


@router.get(
    "/health",
    auth=Key(Scope.READ),
    response=Portfolio,
    summary=gettext_noop("Tell the health of all customers by band, with its back-test"),
)
def health(request: HttpRequest) -> dict[str, Any]:
    """Give customers by band, and who left of each band on a later period."""
    found = queries.portfolio(Asked(QueryDict()))
    if found is None:
        raise Http404(_("Nothing is published yet: bring orders in first."))
    return {
        "as_of": found.state.publication.as_of,
        "bands": found.bands,
        "tests": found.tests.report,
        "losses": found.tests.by_band,
    }


@router.get(
    "/health/one",
    auth=Key(Scope.READ),
    response=OneHealth,
    summary=gettext_noop("Tell the health of a customer, with what each group gives or takes"),
)
def one_health(request: HttpRequest, id: Word) -> dict[str, Any]:
    """Give what is computed, what a person set by hand, and the rating."""
    customer = known_customer(id)
    if customer is None:
        raise Http404(_("No such customer is known."))
    found = queries.of_customer(customer)
    row, rating = found.row, found.rating.rating
    health, band = queries.effective(found)
    computed, computed_band = learned(row)
    return {
        "as_of": customer.state.publication.as_of,
        "health": health,
        "band": band,
        "learned": computed,
        "learned_band": computed_band,
        "usual": row.get("health_usual"),
        "points": {group: row.get(f"health_{group}") for group in GROUPS},
        "scorecard": row.get("scorecard"),
        "by_hand": _by_hand(found.override),
        "rating": rating
        and {
            "rating": rating.rating,
            "reason": rating.reason,
            "person": rating.rated_by.name,
            "rated_at": rating.rated_at,
            "holds": found.rating.holds,
        },
    }


def _by_hand(override: Override | None) -> dict[str, Any] | None:
    if override is None:
        return None
    return {
        "health": override.health,
        "reason": override.reason,
        "until_on": override.until_on,
        "person": override.set_by.name,
        "set_at": override.set_at,
    }
