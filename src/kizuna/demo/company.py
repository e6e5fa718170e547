"""Hana & Co. (花と暮らし): a Japanese flower and gift shop that never was, and its known future.

The order log looks like an export: Japanese headers, a byte order mark, returns, a few bad rows.
Beside it lies what no real company has: what every customer went on to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, Literal

import numpy as np

from kizuna.clv.data import FloatArray
from kizuna.demo.behaviour import (
    HANA,
    Orders,
    People,
    Truth,
    draw_orders,
    draw_people,
    p_alive,
    returned,
)
from kizuna.demo.cards import draw_cards
from kizuna.demo.consents import Asking, Consents
from kizuna.demo.costs import cost_rows, cost_truth, draw_costs
from kizuna.demo.deeds import added_orders, draw_plays, plays_truth, write_plays
from kizuna.demo.files import (
    CARD_HEADERS,
    COST_HEADERS,
    CUSTOMER_HEADERS,
    write_lines,
    write_list,
    write_orders,
    write_truth,
)
from kizuna.demo.kinds import kinds_truth
from kizuna.demo.past import Past
from kizuna.demo.people import customer_rows
from kizuna.demo.season import Season
from kizuna.demo.touchpoints import Touchpoints, draw_touchpoints

HISTORY_DAYS = 3 * 365
CURRENCY = "JPY"
TIMEZONE = "Asia/Tokyo"


@dataclass(frozen=True, slots=True)
class DemoCompany:
    """Where the simulated company lies.

    Attributes
    ----------
    orders : the order log, CSV.
    customers : the truth, one row a customer, Parquet; columns in `docs/demo.md`.
    truth : the truth in total and the parameters behind it, JSON.
    customer_list, costs : its list of customers, and what winning them cost, CSV.
    cards : the list of the store's card, on which some customers stand again, CSV.
    consents : what customers said to being written to, a line of JSON each.
    actions : what was done to whom, and whom chance held out, JSON.
    touched : contracts, events, contacts and answers.
    as_of : last day of the order log; the future begins the day after.
    horizon_days : length of the known future.

    """

    orders: Path
    customers: Path
    truth: Path
    customer_list: Path
    costs: Path
    cards: Path
    consents: Path
    actions: Path
    touched: Touchpoints
    as_of: date
    horizon_days: int
    currency: str = CURRENCY
    timezone: str = TIMEZONE


def simulate_company(
    out: Path,
    *,
    as_of: date,
    customers: int = 4_000,
    seed: int = 1,
    horizon_days: int = 365,
    lang: Literal["en", "ja"] = "ja",
    truth: Truth | None = None,
) -> DemoCompany:
    """Simulate three years of orders up to `as_of`, and the `horizon_days` after them.

    The same arguments give the same bytes. `customers` is how many bought at least once by `as_of`;
    `lang` is the language of the headers. Files are written into `out`, which is made if need be.

    Raises
    ------
    ValueError
        When `customers` or `horizon_days` is below 1.

    """
    if customers < 1 or horizon_days < 1:
        raise ValueError("a company needs at least one customer and one day of future")
    truth = truth or HANA
    rng = np.random.default_rng(seed)
    total = HISTORY_DAYS + horizon_days
    years = [kind.year for kind in truth.kinds]
    season = Season.over(as_of - timedelta(days=HISTORY_DAYS - 1), total, years)
    people = draw_people(customers, HISTORY_DAYS, season, truth, rng)
    orders = draw_orders(people, total, season, truth, rng)
    out.mkdir(parents=True, exist_ok=True)
    company = company_in(out, as_of=as_of, horizon_days=horizon_days)
    listed, costs = _write_lists(company, people, season, lang, seed)
    past = Past(people, _until(orders), season.start, as_of, TIMEZONE, lang, truth.kinds)
    played = draw_plays(past, listed, truth, seed)
    past = replace(past, added=added_orders(played))
    future = _future(people, orders, past.added, season, returned(people, truth))
    bad_rows = write_orders(company.orders, past, rng)
    write_plays(company.actions, played, past)
    said = _write_said(company, past, listed, seed)
    known: dict[str, Any] = {
        "acquisition": costs,
        "kinds": kinds_truth(truth.kinds, people.kind, lang),
        **draw_touchpoints(company.touched, past, listed, said.refused, seed),
        "consents": said.truth(),
        "duplicates": _write_cards(company, listed, lang, seed),
        "actions": plays_truth(played, past),
    }
    write_truth(company.customers, company.truth, people, future, truth, bad_rows, known)
    return company


def company_in(out: Path, *, as_of: date, horizon_days: int = 365) -> DemoCompany:
    """Say where the company of a folder lies."""
    return DemoCompany(
        orders=out / "orders.csv",
        customers=out / "truth.parquet",
        truth=out / "truth.json",
        customer_list=out / "customers.csv",
        costs=out / "costs.csv",
        cards=out / "cards.csv",
        consents=out / "consents.jsonl",
        actions=out / "actions.json",
        touched=Touchpoints.of(out),
        as_of=as_of,
        horizon_days=horizon_days,
    )


def _write_lists(
    company: DemoCompany, people: People, season: Season, lang: str, seed: int
) -> tuple[list[Mapping[str, str]], dict[str, dict[str, float]]]:
    """Write who the customers are and what they cost; drawn apart, so that orders stay as is."""
    rng = np.random.default_rng([seed, 1])
    rows = list(customer_rows(people, season.start, lang, rng))
    write_list(company.customer_list, CUSTOMER_HEADERS, rows, lang)
    costs = draw_costs(people, season.start, rng)
    write_list(company.costs, COST_HEADERS, cost_rows(costs, lang), lang)
    return rows, cost_truth(costs)


def _write_cards(
    company: DemoCompany, listed: list[Mapping[str, str]], lang: str, seed: int
) -> dict[str, Any]:
    """Write who took a card."""
    cards = draw_cards(listed, lang, Random(f"{seed} cards"))
    write_list(company.cards, CARD_HEADERS, cards.rows, lang)
    return cards.truth()


def _write_said(
    company: DemoCompany, past: Past, listed: list[Mapping[str, str]], seed: int
) -> Consents:
    """Write what was said to being written to."""
    asking = Asking(past.as_of, past.timezone, past.lang, Random(f"{seed} consents"))
    said = asking.draw(listed)
    write_lines(company.consents, said.words)
    return said


def _until(orders: Orders) -> Orders:
    """Keep what happened by the last day of the history."""
    seen = orders.day < HISTORY_DAYS
    return Orders(orders.customer[seen], orders.day[seen], orders.value[seen])


def _future(
    people: People, orders: Orders, added: Orders, season: Season, back: FloatArray
) -> dict[str, FloatArray]:
    """What each customer went on to do, and what one who knows his rates would have expected.

    Orders that the company's actions brought about tell that she was still there.
    """
    n, ahead = len(people.first), orders.day >= HISTORY_DAYS
    bought = orders.value > 0
    last = people.first.copy()
    np.maximum.at(last, orders.customer[~ahead & bought], orders.day[~ahead & bought])
    np.maximum.at(last, added.customer, added.day)
    alive = p_alive(people, last, HISTORY_DAYS, season)
    expected = alive * _expected_if_alive(people, season)
    days = np.unique(
        np.stack([orders.customer, orders.day.astype(np.int64)])[:, ahead & bought], axis=1
    )
    return {
        "alive": (people.leaves > HISTORY_DAYS).astype(np.float64),
        "p_alive": alive,
        "expected_purchases": expected,
        "expected_spend": expected * people.mean_value * (1 - back),
        "future_purchases": np.bincount(days[0], minlength=n).astype(np.float64),
        "future_spend": np.bincount(
            orders.customer[ahead], weights=orders.value[ahead].astype(np.float64), minlength=n
        ),
    }


def _expected_if_alive(people: People, season: Season) -> FloatArray:
    """Orders expected over the horizon of a customer who is one at its start, shape (n,)."""
    busy = np.diff(season.clocks)[:, HISTORY_DAYS:]
    expected = np.zeros(len(people.first))
    for ahead, level in enumerate(busy.T):
        expected += level[people.kind] * np.exp(-people.leaving_rate * (ahead + 0.5))
    return expected * people.purchase_rate
