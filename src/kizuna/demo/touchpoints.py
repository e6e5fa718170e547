"""What touched the customers of the simulated company: contracts, visits, contacts, answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Self
from zoneinfo import ZoneInfo

from kizuna.demo import visits
from kizuna.demo.behaviour import CHANNELS, Orders
from kizuna.demo.contacts import Service
from kizuna.demo.files import (
    CHANGE_HEADERS,
    CONTRACT_HEADERS,
    RESPONSE_HEADERS,
    moment_of,
    order_number,
    write_lines,
    write_list,
)
from kizuna.demo.leaving import leaving_truth
from kizuna.demo.lives import Life
from kizuna.demo.months import payments, served, turn_some, turned, uses
from kizuna.demo.past import Past
from kizuna.demo.people import COMPANIES, customer_id
from kizuna.demo.relations import draw_relations, write_relations
from kizuna.demo.revenue import revenue_truth
from kizuna.demo.subscriptions import OFFERED_MONTHS, Subscriptions, draw_subscriptions
from kizuna.demo.survey import Panel
from kizuna.demo.visits import Bought, Simulation, Visits, end_of

STORE = next(number for number, channel in enumerate(CHANNELS) if channel.name == "store")


@dataclass(frozen=True, slots=True)
class Touchpoints:
    """Where these files lie.

    Attributes
    ----------
    contracts, changes, responses : CSV, as a billing system and a survey tool export them.
    events : messages of the Segment specification, a line of JSON each.
    interactions : contacts under the names of the standard table, a line of JSON each.
    relations : the people at companies, and what was noted of these, JSON.
    survey : the waves of the yearly survey that the application knows, JSON.

    """

    contracts: Path
    changes: Path
    events: Path
    interactions: Path
    responses: Path
    relations: Path
    survey: Path

    @classmethod
    def of(cls, out: Path) -> Self:
        """Say where those of a folder lie."""
        return cls(
            contracts=out / "contracts.csv",
            changes=out / "contract_changes.csv",
            events=out / "events.jsonl",
            interactions=out / "interactions.jsonl",
            responses=out / "responses.csv",
            relations=out / "relations.json",
            survey=out / "survey.json",
        )


def draw_touchpoints(
    to: Touchpoints,
    past: Past,
    listed: Sequence[Mapping[str, str]],
    refused: Mapping[str, datetime],
    seed: int,
) -> dict[str, Any]:
    """Draw all of them and write them down; give the truth of each kind.

    refused : since when who wants to be written to by nobody does.
    """
    firms = [number for number, row in enumerate(listed) if row["kind"] in COMPANIES]
    heads = [number for number in firms if not listed[number]["parent_id"]]
    lives = _lives(len(listed), frozenset(firms), seed)
    drawn = draw_subscriptions(
        past.people, heads, past.start, past.as_of, lives, Random(f"{seed} subscriptions")
    )
    drawn = turn_some(drawn, Random(f"{seed} turned"))
    _write_subscriptions(to, drawn, past.lang)
    known = draw_relations(drawn, listed, past.lang, Random(f"{seed} relations"))
    write_relations(to.relations, known)
    panel = Panel.draw(past, listed, refused, seed)
    service = Service(
        past.lang, end_of(past.as_of, past.timezone), Random(f"{seed} contacts"), panel
    )
    asked = past.asked(Random(f"{seed} advice"))
    had = service.draw(list(served(past, drawn, frozenset(firms), asked)))
    write_lines(to.interactions, had.interactions)
    write_list(to.responses, RESPONSE_HEADERS, had.responses, past.lang)
    panel.write(to.survey)
    # a branch that looks for help would be one more of its company's people
    branches = frozenset(firms) - frozenset(heads)
    looked_up = [one for one in had.looked_up if one[0] not in branches]
    seen = _draw_visits(past, frozenset(firms), drawn, looked_up, seed)
    write_lines(to.events, seen.messages)
    return {
        "subscriptions": revenue_truth(drawn),
        "leaving": leaving_truth(drawn, past.people, frozenset(firms), past.as_of),
        "turned": turned(drawn),
        "events": seen.truth(),
        "interactions": had.truth(),
        "responses": had.answers(panel),
        "survey": panel.truth(),
    }


def _lives(customers: int, firms: frozenset[int], seed: int) -> dict[int, Life]:
    """Draw the months of each customer from a stream of their own."""
    return {
        n: Life.draw(OFFERED_MONTHS, company=n in firms, chance=Random(f"{seed} life {n}"))
        for n in range(customers)
    }


def _draw_visits(
    past: Past,
    firms: frozenset[int],
    drawn: Subscriptions,
    looked_up: Sequence[tuple[int, datetime]],
    seed: int,
) -> Visits:
    simulation = Simulation(past.lang, end_of(past.as_of, past.timezone), Random(f"{seed} visits"))
    at_home = [number for number in past.alive(0) if number not in firms]
    bought = [order for order in _bought(past) if order.customer not in firms]
    simulation.customers(
        [
            (number, past.kind(number))
            for number in sorted({*at_home, *(order.customer for order in bought)})
        ],
        bought,
    )
    simulation.strangers(round(visits.UNKNOWN * len(at_home)))
    for used in uses(drawn):
        simulation.staff(used)
    for paid in payments(drawn, end_of(past.as_of, past.timezone)):
        simulation.told(paid.customer, paid.at, paid.event, {"amount": paid.amount})
    for customer, at in looked_up:
        if at > simulation.until - timedelta(days=visits.DAYS - 1):
            simulation.told(customer, at, "Help Searched", {})
    for order in _added(past):  # one by one: two visits at once on one device would mix
        simulation.customers([(order.customer, past.kind(order.customer))], [order])
    return simulation.finished()


def _bought(past: Past) -> Iterator[Bought]:
    """Give the orders of the web shop over the last days, as the order log names them."""
    yield from _numbered(past, past.orders, 0)


def _added(past: Past) -> Iterator[Bought]:
    """Give those that came about by what the company did."""
    yield from _numbered(past, past.added, len(past.orders.day))


def _numbered(past: Past, orders: Orders, before: int) -> Iterator[Bought]:
    zone = ZoneInfo(past.timezone)
    for at in (orders.day >= past.days - visits.DAYS + 1).nonzero()[0]:
        customer, value = int(orders.customer[at]), int(orders.value[at])
        if value > 0 and past.people.channel[customer] != STORE:
            moment = moment_of(past.start, float(orders.day[at])).replace(tzinfo=zone)
            yield Bought(order_number(before + int(at) + 1, value), customer, moment, value)


def _write_subscriptions(to: Touchpoints, drawn: Subscriptions, lang: str) -> None:
    write_list(to.contracts, CONTRACT_HEADERS, _contract_rows(drawn, lang), lang)
    write_list(to.changes, CHANGE_HEADERS, _change_rows(drawn), lang)


def _contract_rows(drawn: Subscriptions, lang: str) -> Iterator[Mapping[str, str]]:
    for number, made in enumerate(drawn.contracts, start=1):
        reason = made.reason
        yield {
            "contract_id": f"T{number:06d}",
            "customer_id": customer_id(made.customer),
            "product": made.plan.named(lang),
            "started_on": _day(made.started_on),
            "ended_on": _day(made.ended_on),
            "term_months": str(made.plan.term or ""),
            "auto_renew": "1" if made.plan.term else "",
            "notice_days": str(made.plan.notice_days or ""),
            "seats": str(made.seats or ""),
            "amount": str(made.price),
            "billing_months": str(made.plan.billing_months),
            "cancelled_on": _day(made.cancelled_on),
            "cancel_reason": (reason.text_ja if lang == "ja" else reason.text) if reason else "",
        }


def _change_rows(drawn: Subscriptions) -> Iterator[Mapping[str, str]]:
    for number, change in enumerate(drawn.changes, start=1):
        yield {
            "change_id": f"H{number:06d}",
            "contract_id": f"T{change.contract + 1:06d}",
            "changed_on": _day(change.changed_on),
            "amount": str(change.amount),
            "seats": str(change.seats or ""),
        }


def _day(day: date | None) -> str:
    return f"{day:%Y/%m/%d}" if day else ""
