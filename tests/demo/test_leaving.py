"""The true probability of leaving is that with which customers leave, and its drivers drive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import numpy as np
import pytest

from kizuna.demo import lives
from kizuna.demo.behaviour import People, Truth, draw_people
from kizuna.demo.leaving import HORIZON_DAYS, leaving_truth
from kizuna.demo.lives import Life, chance_to_stay, risk
from kizuna.demo.people import customer_id
from kizuna.demo.plans import LIGHT, OFFICE, YEARLY, Plan
from kizuna.demo.season import Season
from kizuna.demo.subscriptions import OFFERED_MONTHS, Subscriptions, draw_subscriptions

AS_OF, DAYS = date(2026, 3, 31), 3 * 365
EARLIER = tuple(date(2025, month, 1) - timedelta(days=1) for month in (5, 8, 11))
CALM = (0, 0, 0, 0, 0)

type Drawn = tuple[Subscriptions, People, frozenset[int]]


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    rng, n = np.random.default_rng(5), 8_000
    start = AS_OF - timedelta(days=DAYS - 1)
    people = draw_people(n, DAYS, Season.over(start, DAYS + 1), Truth(), rng)
    firms = frozenset(range(0, n, 12))
    months = {
        i: Life.draw(OFFERED_MONTHS, company=i in firms, chance=Random(f"life {i}"))
        for i in range(n)
    }
    return draw_subscriptions(people, firms, start, AS_OF, months, Random(1)), people, firms


@pytest.fixture(scope="module")
def came(drawn: Drawn) -> np.ndarray:
    """What was true on earlier days, beside what came: probability, drivers at work, left."""
    return np.array([row for day in EARLIER for row in told_and_came(drawn, day)], float)


def told_and_came(drawn: Drawn, day: date) -> Iterator[tuple[float, bool, bool]]:
    made, people, firms = drawn
    told = leaving_truth(made, people, firms, day)
    contracts = defaultdict(list)
    for contract in made.contracts:
        contracts[customer_id(contract.customer)].append(contract)
    for who, probability in told["probability"].items():
        [running] = [contract for contract in contracts[who] if contract.runs_on(day)]
        last = running.ended_on or date.max - timedelta(days=1)
        over = last < day + timedelta(days=HORIZON_DAYS)
        another = any(contract.runs_on(last + timedelta(days=1)) for contract in contracts[who])
        yield probability, who in told["drivers"], over and not another


def off(probability: np.ndarray, left: np.ndarray) -> float:
    """By how many standard errors those who left are more than expected."""
    error = np.sqrt((probability * (1 - probability)).sum())
    return float((left.sum() - probability.sum()) / error)


def test_as_many_leave_as_the_truth_expects(came: np.ndarray) -> None:
    assert abs(off(came[:, 0], came[:, 2])) < 3


def test_the_truth_holds_in_each_band(came: np.ndarray) -> None:
    ranked = came[np.argsort(came[:, 0])]
    for band in np.array_split(ranked[ranked[:, 0] > 0], 5):
        assert abs(off(band[:, 0], band[:, 2])) < 3.5


def test_whose_probability_is_zero_stays(came: np.ndarray) -> None:
    certain = came[came[:, 0] == 0]
    assert len(certain) > 100
    assert not certain[:, 2].any()


def test_a_truth_without_the_drivers_would_be_found_out(
    drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind = replace(lives.DRIVERS, use=0.0, effort=0.0, payment=0.0)
    monkeypatch.setattr(lives, "DRIVERS", blind)
    rows = np.array([row for day in EARLIER for row in told_and_came(drawn, day)], float)
    driven = rows[rows[:, 1] > 0]
    assert off(driven[:, 0], driven[:, 2]) > 5


@pytest.mark.parametrize(
    ("plan", "state", "named"),
    [
        (OFFICE, (1, 0, 0, 0, 0), ["use"]),
        (LIGHT, (0, 0, 1, 0, 0), ["effort"]),
        (LIGHT, (0, 0, 0, 1, 1), ["payment"]),
        (YEARLY, (0, 0, 0, 1, 1), []),
    ],
)
def test_a_driver_adds_its_coefficient_to_the_log_odds(
    plan: Plan, state: tuple[int, ...], named: list[str]
) -> None:
    def log_odds(p: float) -> float:
        return float(np.log(p / (1 - p)))

    added = log_odds(risk(plan, state)) - log_odds(risk(plan, CALM))
    assert added == pytest.approx(sum(getattr(lives.DRIVERS, name) for name in named))
    assert lives.named(state, plan) == named


def test_the_next_decision_is_made_from_what_is_known() -> None:
    known = (0, 1, 0, 1, 0)
    assert chance_to_stay(LIGHT, known, [1], company=False) == pytest.approx(1 - risk(LIGHT, known))
    assert chance_to_stay(LIGHT, known, [], company=False) == 1


def test_what_is_summed_over_is_what_drawing_gives() -> None:
    """Three decisions ahead of a calm month, against lives drawn month by month."""
    rng = Random(3)
    drawn = [Life.draw(5, company=True, chance=rng) for _ in range(8_000)]
    calm = [life for life in drawn if life.seen(3, -1) == CALM]
    stays = np.array(
        [np.prod([1 - risk(LIGHT, life.seen(month, -1)) for month in (3, 4, 5)]) for life in calm]
    )
    expected = chance_to_stay(LIGHT, CALM, [1, 2, 3], company=True)
    assert abs(stays.mean() - expected) < 3 * stays.std() / np.sqrt(len(stays))
