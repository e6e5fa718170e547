"""What is on offer, who is proposed what, and what choosing is worth, as it is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

from kizuna.pipeline.engine import Engine
from kizuna.web.act.actions.models import Action, State
from kizuna.web.know.customers.naming import named
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.measure.next_best.models import Limits, Offer
from kizuna.web.ui.leafing import Leafing

type Row = dict[str, Any]

A_PAGE: Final = 25
TABLE: Final = "next_best_actions"

PROPOSED = f"""
SELECT * FROM {TABLE} WHERE ($1 = '' OR experiment_id = $1) ORDER BY position LIMIT $2 OFFSET $3"""
SUMS = f"""
SELECT experiment_id, how, count(*) AS customers, sum(cost) AS cost, sum(net) AS net
FROM {TABLE} GROUP BY experiment_id, how ORDER BY experiment_id, how"""
HERS = f"SELECT * FROM {TABLE} WHERE customer_id = $1"
FIRST = f"""
SELECT customer_id FROM {TABLE} WHERE experiment_id = $1 ORDER BY position LIMIT $2"""


@dataclass(frozen=True, slots=True)
class Proposals(Leafing):
    """Who is proposed what, page by page, and what it comes to."""

    state: Published
    actions: Mapping[str, Action]
    offers: Sequence[Offer]
    items: Sequence[Row]
    sums: Sequence[Row]
    models: Mapping[str, Row]
    values: Mapping[str, Row]
    action: str
    number: int
    has_next: bool


def proposals(action: str = "", number: int = 1) -> Proposals | None:
    """Give a page of proposals; None before the first publication that knows of them."""
    state = _state()
    if state is None:
        return None
    found = _rows(state, PROPOSED, [action, A_PAGE + 1, (number - 1) * A_PAGE])
    return Proposals(
        state,
        {one.experiment_id: one for one in Action.objects.filter(is_optional=True)},
        list(offers()),
        named(found[:A_PAGE]),
        _rows(state, SUMS, []),
        _by_action(state, "uplift_models"),
        _by_action(state, "choice_values"),
        action,
        number,
        len(found) > A_PAGE,
    )


def of_customer(customer_id: str) -> tuple[Row, Action, str] | None:
    """Give what is proposed for one customer, and in which currency."""
    state = _state()
    found = _rows(state, HERS, [customer_id]) if state else []
    if state is None or not found or not found[0]["experiment_id"].isdecimal():
        return None
    action = Action.objects.filter(pk=int(found[0]["experiment_id"])).first()
    return (found[0], action, state.currency) if action else None


def first(action: Action, many: int) -> list[str]:
    """Name the customers who come first for an action."""
    state = _state()
    rows = _rows(state, FIRST, [action.experiment_id, many]) if state else []
    return [row["customer_id"] for row in rows]


def offers() -> QuerySet[Offer]:
    """List what is on offer: actions that are live and optional."""
    found = Offer.objects.filter(action__state=State.LIVE, action__is_optional=True)
    return found.select_related("action", "segment").order_by("action_id")


def offerable() -> QuerySet[Action]:
    """List the actions that could be offered."""
    live = Action.objects.filter(state=State.LIVE, is_optional=True, offer__isnull=True)
    return live.order_by("name")


def offer(pk: int) -> Offer | None:
    """Give an offer."""
    return offers().filter(pk=pk).first()


def limits() -> Limits:
    """Give what may be spent; the row is made when it is first asked for."""
    found = Limits.objects.filter(pk=Limits.THE_ONE).first()
    return found or Limits.objects.get_or_create(pk=Limits.THE_ONE)[0]


def _by_action(state: Published, name: str) -> dict[str, Row]:
    return {row["experiment_id"]: row for row in state.table(name).to_pylist()}


def _state() -> Published | None:
    state = published()
    return state if state is not None and state.has(TABLE) else None


def _rows(state: Published, sql: str, asked: Sequence[object]) -> list[Row]:
    files = state.files(TABLE)
    if not files:
        return []
    with Engine(threads=2) as engine:
        engine.register_parquet(TABLE, files)
        found: list[Row] = engine.query(sql, asked).to_pylist()
        return found
