"""How the simulated customers come, buy, spend, send back and leave.

Each buys at a rate of his own on the busy clock and leaves at a rate of his own on the calendar
(Pareto/NBD within a channel: Schmittlein, Morrison & Colombo 1987); the values of his orders vary
about a mean of his own (Gamma-Gamma: Fader & Hardie 2013). Of which kind he is says how both
compare with the average, and which clock is his.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kizuna.clv.data import FloatArray
from kizuna.demo.kinds import KINDS, PLAIN, Kind, draw_kinds, of_each
from kizuna.demo.season import Season


@dataclass(frozen=True, slots=True)
class Channel:
    """Where customers come from, and how these compare with the average.

    cost : what it takes to win one of them, in yen.
    """

    name: str
    name_ja: str
    share: float
    buying: float
    leaving: float
    cost: int


CHANNELS = (
    Channel("search", "検索", 0.40, 1.0, 1.0, 4800),
    Channel("social", "SNS", 0.30, 0.7, 1.6, 6000),
    Channel("referral", "紹介", 0.15, 1.3, 0.6, 1500),
    Channel("store", "店頭", 0.15, 1.1, 0.8, 3200),
)


@dataclass(frozen=True, slots=True)
class Truth:
    """Parameters of the company; rates are per day.

    r, alpha : purchase rates ~ Gamma(r, rate alpha). s, beta : leaving rates ~ Gamma(s, rate beta).
    p, q, v : order values ~ Gamma(p, rate ν) with ν ~ Gamma(q, rate v), in yen.
    growth : above 1, more newcomers each year. returned : share of orders sent back.
    kinds : of which customers are.
    """

    r: float = 0.9
    alpha: float = 80.0
    s: float = 1.2
    beta: float = 500.0
    p: float = 6.0
    q: float = 4.0
    v: float = 2400.0
    growth: float = 1.3
    returned: float = 0.01
    kinds: tuple[Kind, ...] = (PLAIN,)


HANA = Truth(r=4.0, alpha=356.0, p=8.0, q=40.0, v=23_400.0, kinds=KINDS)
"""The shop of the demo: within a kind customers are much alike."""


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """One row a customer, shape (n,): days are counted from the opening of the shop."""

    channel: NDArray[np.int64]
    first: FloatArray
    leaves: FloatArray
    purchase_rate: FloatArray
    leaving_rate: FloatArray
    mean_value: FloatArray
    kind: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """One row an order or, with a negative value, a return; in order of time; `day` has hours."""

    customer: NDArray[np.int64]
    day: FloatArray
    value: NDArray[np.int64]


def draw_people(
    n: int, days: int, season: Season, truth: Truth, rng: np.random.Generator
) -> People:
    """Draw `n` customers whose first order falls into the first `days` days."""
    channel = rng.choice(len(CHANNELS), n, p=[c.share for c in CHANNELS])
    buying = np.array([c.buying for c in CHANNELS])[channel]
    leaving = np.array([c.leaving for c in CHANNELS])[channel]
    kind = draw_kinds(n, truth.kinds, rng)
    busy = season.busy(np.full(n, float(days)), kind) * rng.uniform(size=n) ** (1 / truth.growth)
    first = np.minimum(season.day(busy, kind), np.nextafter(float(days), 0.0))
    order = np.argsort(first, kind="stable")
    first, kind = first[order], kind[order]
    leaving_rate = leaving * rng.gamma(truth.s, 1 / truth.beta, n)
    return People(
        channel=channel,
        first=first,
        leaves=first + rng.exponential(1 / leaving_rate),
        purchase_rate=buying
        * of_each(truth.kinds, "buying", kind)
        * rng.gamma(truth.r, 1 / truth.alpha, n),
        leaving_rate=leaving_rate,
        mean_value=of_each(truth.kinds, "worth", kind)
        * truth.p
        / rng.gamma(truth.q, 1 / truth.v, n),
        kind=kind,
    )


def draw_orders(
    people: People, days: int, season: Season, truth: Truth, rng: np.random.Generator
) -> Orders:
    """Draw every order and return of the first `days` days."""
    who, day = _order_days(people, float(days), season, rng)
    scale = people.mean_value[who] / truth.p
    value = np.maximum(10.0, np.round(rng.gamma(truth.p, scale), -1)).astype(np.int64)
    back = rng.uniform(size=len(who)) < returned(people, truth)[who]
    back_day = day[back] + rng.uniform(2.0, 14.0, int(back.sum()))
    orders = Orders(
        np.append(who, who[back]), np.append(day, back_day), np.append(value, -value[back])
    )
    return _in_time(orders, float(days))


def returned(people: People, truth: Truth) -> FloatArray:
    """Share of orders that each customer sends back."""
    return truth.returned + of_each(truth.kinds, "returned", people.kind)


def p_alive(people: People, last: FloatArray, days: int, season: Season) -> FloatArray:
    """Probability of being a customer still after `days` days, knowing one's own two rates.

    With no order since `last`: the odds of having stayed idle against having left at any moment in
    between, by the trapezoid rule; the best that anyone could say from the order log.
    """
    moments = np.linspace(last, float(days), 201)
    idle = np.exp(
        -people.leaving_rate * (moments - last)
        - people.purchase_rate
        * (season.busy(moments, people.kind) - season.busy(last, people.kind))
    )
    left = np.trapezoid(people.leaving_rate * idle, moments, axis=0)
    alive: FloatArray = idle[-1] / (idle[-1] + left)
    return alive


def _order_days(
    people: People, days: float, season: Season, rng: np.random.Generator
) -> tuple[NDArray[np.int64], FloatArray]:
    """Place first orders, and repeat orders evenly on the busy clock while the customer stays."""
    start = season.busy(people.first, people.kind)
    stay = season.busy(np.minimum(people.leaves, days), people.kind) - start
    repeats = rng.poisson(people.purchase_rate * stay)
    customers = np.arange(len(start))
    who = np.repeat(customers, repeats)
    day = season.day(start[who] + stay[who] * rng.uniform(size=len(who)), people.kind[who])
    return np.append(customers, who), np.append(people.first, day)


def _in_time(orders: Orders, days: float) -> Orders:
    order = np.argsort(orders.day, kind="stable")
    order = order[orders.day[order] < days]
    return Orders(orders.customer[order], orders.day[order], orders.value[order])
