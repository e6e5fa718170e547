"""Reads: what is published for scenarios, what a scenario does, and those that are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from kizuna.clv.what_if import Known, Levers, Outcome, one_by_one, outcome
from kizuna.jobs.scenarios import TABLES, known_of, plain_factors, plain_ltv
from kizuna.pipeline.parameters import minor_units
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.know.scenarios.models import Scenario

COMPARED = 4
"""Scenarios that stand side by side at most."""
EVERYONE = "*"
BETTER = 0.10


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """What every scenario starts from: the published state, and what is known of it."""

    state: Published
    known: Known | None
    factors: Mapping[str, float | None]
    cost: float | None

    @property
    def margin(self) -> float:
        """Share of revenue that is earned now."""
        return float(self.state.summary["options"]["margin"])


@dataclass(frozen=True, slots=True)
class Found:
    """What a scenario does, and on which cost; `plain` is the plain formula before and after."""

    values: Mapping[str, Any]
    levers: Levers
    cost: float | None
    outcome: Outcome | None
    plain: Sequence[tuple[str, float | None, float | None]]


def basis() -> Basis | None:
    """Give what scenarios start from; None before the first publication."""
    state = published()
    if state is None or state.contracts_only:
        return None
    return _basis(state, state.publication.published_at)


def found(basis: Basis, values: Mapping[str, Any]) -> Found:
    """Say what a scenario does to what is published now."""
    levers, cost = _levers(basis, values), _cost(basis, values)
    reached = outcome(basis.known, levers, cost) if basis.known else None
    return Found(values, levers, cost, reached, _plain(basis, levers))


@lru_cache(maxsize=8)
def single_levers(basis: Basis) -> list[tuple[str, Outcome]]:
    """Say what each lever does alone when it gets better by a tenth."""
    return one_by_one(basis.known, BETTER) if basis.known else []


def scenarios() -> QuerySet[Scenario]:
    """List what is kept, by name."""
    return Scenario.objects.select_related("created_by").order_by("name")


def scenario(pk: int) -> Scenario | None:
    """Give a scenario."""
    return scenarios().filter(pk=pk).first()


def chosen(numbers: Sequence[str]) -> list[Scenario]:
    """Give the scenarios asked for, in that order, as many as fit side by side."""
    wanted = [int(n) for n in numbers if n.isascii() and n.isdigit() and len(n) < 12]
    kept = Scenario.objects.in_bulk(wanted[:COMPARED])
    return [kept[pk] for pk in wanted[:COMPARED] if pk in kept]


@lru_cache(maxsize=8)
def _basis(state: Published, published_at: datetime | None) -> Basis:
    tables = {name: state.table(name) for name in TABLES if state.has(name)}
    factors = state.table("ltv_factors").to_pylist() if state.has("ltv_factors") else []
    return Basis(state, known_of(state.summary, tables), plain_factors(factors), _known_cost(state))


def _known_cost(state: Published) -> float | None:
    """Cost of winning a customer over all channels, where costs were brought in."""
    rows = state.table("channel_values").to_pylist() if state.has("channel_values") else []
    return next((row["cac"] for row in rows if row["channel"] == EVERYONE), None)


def _levers(basis: Basis, values: Mapping[str, Any]) -> Levers:
    margin = values["margin"]
    return Levers(
        loss=1 + values["loss"] / 100,
        frequency=1 + values["frequency"] / 100,
        basket=1 + values["basket"] / 100,
        margin=1.0 if margin is None else margin / 100 / basis.margin,
        acquisition=1 + values["acquisition"] / 100,
    )


def _cost(basis: Basis, values: Mapping[str, Any]) -> float | None:
    """Cost now: as typed, unless in another currency; else as published."""
    typed, currency = values["cost"], basis.state.currency
    if typed is None or values["currency"] != currency:
        return basis.cost
    return float(typed / minor_units(currency))


def _plain(basis: Basis, levers: Levers) -> list[tuple[str, float | None, float | None]]:
    after = {
        "average_purchase_value": levers.basket,
        "purchases_per_year": levers.frequency,
        "relationship_years": 1 / levers.loss,
        "margin": levers.margin,
    }
    moved = {n: None if v is None else v * after[n] for n, v in basis.factors.items()}
    rows = [(name, value, moved[name]) for name, value in basis.factors.items()]
    return [*rows, ("ltv", plain_ltv(basis.factors), plain_ltv(moved))] if rows else []
