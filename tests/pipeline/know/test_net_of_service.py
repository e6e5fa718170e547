"""Value less serving has an interval that holds the truth where the truth is known."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache, cached_property
from math import sqrt
from typing import Any

import numpy as np
import pytest

from kizuna.clv.data import FloatArray, Purchases, Spend
from kizuna.clv.intervals import predictive_intervals
from kizuna.clv.models import GammaGamma, ParetoNBD
from kizuna.clv.value import residual_clv
from kizuna.jobs.acquisition import NORMAL_90, _net_bounds
from tiny_tables import Rows, a_run, made, table

AS_OF, RUN = date(2024, 12, 31), a_run("2024-12-31", currency="JPY", horizon_days=365, margin=1.0)
MODEL, SPEND = ParetoNBD(0.9, 0.25, 0.8, 1.6), GammaGamma(6.0, 4.0, 15_000.0)
TERMS = {"horizon": 1.0, "discount": 0.0}


class World:
    """Customers who buy, ask the service and leave as a model says; what came of them is known."""

    def __init__(self, seed: int, many: int, contacts: float, price: float) -> None:
        rng = self.rng = np.random.default_rng(seed)
        self.price, self.age = price, rng.uniform(0.3, 2.0, many)
        buying, leaving = rng.gamma(0.9, 1 / 0.25, many), rng.gamma(0.8, 1 / 1.6, many)
        life = rng.exponential(1 / leaving)
        seen, left = np.minimum(life, self.age), np.clip(life - self.age, 0, 1)
        x = rng.poisson(buying * seen)
        last = np.where(x > 0, seen * rng.uniform(size=many) ** (1 / np.maximum(x, 1)), 0.0)
        own, further = rng.gamma(4.0, 1 / 15_000.0, many), rng.poisson(buying * left)
        mean = _spent(rng, own, x) / np.maximum(x, 1)
        self.earned = _spent(rng, own, further)
        self.data = Purchases(x, last, self.age), Spend(x, mean)
        asking = rng.gamma(0.7, contacts / 0.7, many)
        self.contacts = [
            self.contact(who, self.age[who] - at)
            for who, asked in enumerate(rng.poisson(asking * seen))
            for at in rng.uniform(0, seen[who], asked)
        ]
        self.paid = np.array([self.costs(n).sum() for n in rng.poisson(asking * left)])

    def costs(self, many: int) -> FloatArray:
        """Draw what contacts cost: a few much, most little."""
        return self.rng.lognormal(np.log(self.price) - 0.32, 0.8, many)

    def contact(self, who: int, years_ago: float) -> dict[str, Any]:
        told = {"customer_id": str(who), "channel": "mail", "cost": float(self.costs(1)[0])}
        return told | {"day": AS_OF - timedelta(int(years_ago * 365))}

    @cached_property
    def valued(self) -> Rows:
        """Say what the true model expects of each."""
        value = residual_clv(MODEL, SPEND, *self.data, **TERMS)
        bounds = predictive_intervals(MODEL, SPEND, *self.data, **TERMS)
        columns = {
            "p_alive": value.p_alive,
            "residual_clv": value.clv,
            "residual_clv_low": bounds.residual_clv_low,
            "residual_clv_high": bounds.residual_clv_high,
        }
        return [
            {"customer_id": str(who), "historical_value": 0}
            | {name: float(column[who]) for name, column in columns.items()}
            for who in range(len(self.age))
        ]


def _spent(rng: np.random.Generator, own: FloatArray, orders: FloatArray) -> FloatArray:
    paid = rng.gamma(6.0 * np.maximum(orders, 1), 1 / own)
    return np.where(orders > 0, paid, 0.0)


@cache
def served(contacts: float, price: float) -> tuple[World, dict[str, dict[str, Any]]]:
    world = World(5, 2_000, contacts, price)
    return world, net(world)


def net(world: World) -> dict[str, dict[str, Any]]:
    contacts = [{**row, "interaction_id": str(n)} for n, row in enumerate(world.contacts)]
    rate = {"channel": "*", "per_contact": 1.0, "per_minute": 0.0}
    given = {
        "contact_costs": table("contact_costs", contacts),
        "service_rates": table("service_rates", [rate]),
        "valued_customers": table("valued_customers", world.valued),
    }
    given["service_ahead"] = table("service_ahead", made("service_ahead", given, RUN))
    return {row["customer_id"]: row for row in made("cost_to_serve", given, RUN)}


@pytest.mark.parametrize(("contacts", "price"), [(1.0, 800.0), (3.0, 1_500.0)])
def test_nine_in_ten_customers_end_within_the_interval_of_value_less_serving(
    contacts: float, price: float
) -> None:
    world, rows = served(contacts, price)
    who = [int(key) for key in rows]
    truth = (world.earned - world.paid)[who]
    low, value, high = (
        np.array([row[f"value_net_of_service{end}"] for row in rows.values()])
        for end in ("_low", "", "_high")
    )
    assert np.isfinite(np.concatenate([low, value, high])).all()
    inside = (truth >= low - 1e-6) & (truth <= high + 1e-6)
    assert 0.86 <= inside.mean() <= 0.93


def test_the_interval_of_the_value_alone_is_too_narrow_once_serving_is_paid() -> None:
    """The twin: bounds moved down by what serving is expected to cost, as if that were sure."""
    world, rows = served(3.0, 1_500.0)
    valued = {row["customer_id"]: row for row in world.valued}
    held = []
    for key, row in rows.items():
        cost = valued[key]["residual_clv"] - row["value_net_of_service"]
        low, high = (valued[key][f"residual_clv_{end}"] - cost for end in ("low", "high"))
        held.append(low <= world.earned[int(key)] - world.paid[int(key)] <= high)
    assert np.mean(held) < 0.86


def test_without_an_estimate_of_value_there_is_no_interval_and_nothing_of_late_has_one() -> None:
    world = World(5, 300, 1.0, 800.0)
    world.valued = [{"customer_id": "x"}]
    rows = net(world).values()
    assert {row["value_net_of_service_low"] for row in rows} == {None}
    assert {row["ltv_net_of_service_high"] for row in rows} == {None}


def test_the_mean_of_a_channel_is_less_sure_than_each_of_what_it_is_made_of() -> None:
    row = {"channel": "ads", "ltv_net_of_service": 100.0, "value_to_come": 50.0}
    row |= {"net_variance": 9.0, "cost_ahead_variance": 16.0}
    half = NORMAL_90 * sqrt(9 + 16 + (50 * 0.24) ** 2)
    assert _net_bounds(row, 0.24) == {
        "channel": "ads",
        "ltv_net_low": 100 - half,
        "ltv_net_high": 100 + half,
    }
    assert _net_bounds(row | {"net_variance": None}, 0.24) == {"channel": "ads"}
