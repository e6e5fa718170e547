"""Who is proposed what: the greatest expected margin less cost within budget and hands.

Where an action is known to work, it is proposed to those whom it moves by more than it costs; a
share of all proposals is chance's, so that learning goes on. Where nothing is known of any action,
customers with most value at risk come first and chance picks the action: a rule, and called so.
What is on offer to everyone is not proposed to customers long gone; a segment may name them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kizuna.experiments.allocation import LEAST_EXPLORED, NOTHING, allocate
from kizuna.experiments.assignment import CONTROL, positions
from kizuna.experiments.interval import FloatArray
from kizuna.experiments.uplift import Uplift
from kizuna.pipeline.choice_tables import FACTS
from kizuna.pipeline.experiment_tables import GLOBAL_KIND
from kizuna.pipeline.measure.randomised import Row, numbers
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

BY_RULE: Final = 100
"""Customers whom the rule proposes where no hands are counted."""
GONE: Final = 0.1
"""Probability of being a customer still below which somebody without a contract is long gone."""
LIMITS: Final = {"salt": "", "budget": None, "explored": LEAST_EXPLORED}

type Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """Customers and the actions on offer.

    Attributes
    ----------
    customers : their ids; facts : what is known of them, shape (customers, facts).
    offers, models : of each action its offer, and what was learned of it (None: nothing).
    allowed : who may have which, shape (customers, actions).
    at_stake : value at risk, 0 where not known.
    limits : budget, share of chance, salt.

    """

    customers: list[str]
    facts: FloatArray
    offers: list[Row]
    models: list[Uplift | None]
    states: list[str]
    allowed: Flags
    at_stake: FloatArray
    limits: Row

    @property
    def cost(self) -> FloatArray:
        """Cost of each action, shape (customers, actions)."""
        return np.tile([float(one["cost"]) for one in self.offers], (len(self.customers), 1))

    @property
    def budget(self) -> float:
        """What may be spent."""
        given = self.limits["budget"]
        return float("inf") if given is None else float(given)

    @property
    def hands(self) -> list[float]:
        """How many customers each action can take."""
        return [
            float("inf") if o["capacity"] is None else float(o["capacity"]) for o in self.offers
        ]


def next_best_actions(
    choice_facts: pa.Table,
    uplift_models: pa.Table,
    offers: pa.Table,
    offer_customers: pa.Table,
    choice_limits: pa.Table,
    assignments: pa.Table,
    experiments: pa.Table,
    *,
    run: Run,
) -> pa.Table:
    """Propose at most one action a customer, the most worth a unit of cost first."""
    schema = arrow_schema("next_best_actions")
    if not offers.num_rows:
        return schema.empty_table()
    field = _field(choice_facts, uplift_models, offers, offer_customers, choice_limits)
    field.allowed[_left_alone(field.customers, assignments, experiments)] = False
    rows = _chosen(field) if any(field.models) else _by_rule(field)
    for position, row in enumerate(rows, start=1):
        row["position"] = position
    return pa.Table.from_pylist(rows, schema=schema)


def _field(
    choice_facts: pa.Table,
    uplift_models: pa.Table,
    offers: pa.Table,
    offer_customers: pa.Table,
    choice_limits: pa.Table,
) -> Field:
    now = choice_facts.filter(pa.compute.equal(choice_facts["experiment_id"], ""))
    # of those whom an action moves alike, whoever has most at stake comes first
    now = now.sort_by([("at_stake", "descending"), ("unit_id", "ascending")])
    customers = now["unit_id"].to_pylist()
    on_offer = offers.sort_by("experiment_id").to_pylist()
    learned = {row["experiment_id"]: row for row in uplift_models.to_pylist()}
    known = [learned.get(one["experiment_id"]) for one in on_offer]
    return Field(
        customers,
        np.column_stack([numbers(now, name) for name in FACTS]),
        on_offer,
        [Uplift.from_json(row["model"]) if row and row["model"] else None for row in known],
        [row["state"] if row else "few" for row in known],
        _allowed(customers, _gone(now), on_offer, offer_customers),
        np.nan_to_num(numbers(now, "at_stake")),
        next(iter(choice_limits.to_pylist()), LIMITS),
    )


def _gone(now: pa.Table) -> Flags:
    """Tell who is long gone: hardly a customer still, and without a contract."""
    paying = np.nan_to_num(numbers(now, "mrr")) > 0
    return (numbers(now, "p_alive") < GONE) & ~paying  # not known is not below


def _allowed(
    customers: list[str], gone: Flags, offers: list[Row], offer_customers: pa.Table
) -> Flags:
    """Tell who may have which action."""
    place = {customer: k for k, customer in enumerate(customers)}
    column = {one["experiment_id"]: k for k, one in enumerate(offers)}
    allowed = np.tile([bool(one["for_everyone"]) for one in offers], (len(customers), 1))
    allowed[gone] = False
    names = ("experiment_id", "customer_id")
    for action, customer in zip(*(offer_customers[n].to_pylist() for n in names), strict=True):
        if action in column and customer in place:
            allowed[place[customer], column[action]] = True
    return allowed


def _left_alone(customers: list[str], assignments: pa.Table, experiments: pa.Table) -> Flags:
    """Tell who is in the global control: nothing optional is proposed to them."""
    turns = [
        row["experiment_id"]
        for row in experiments.to_pylist()
        if row["kind"] == GLOBAL_KIND and row["ended_on"] is None
    ]
    held = pa.compute.and_(
        pa.compute.is_in(assignments["experiment_id"], pa.array(turns, pa.string())),
        pa.compute.equal(assignments["arm"], CONTROL),
    )
    alone = set(assignments.filter(held)["customer_id"].to_pylist())
    return np.array([customer in alone for customer in customers], np.bool_)


def _chosen(field: Field) -> list[Row]:
    """Propose what is worth its cost, and leave a share to chance."""
    effect = np.full(field.allowed.shape, -np.inf)
    for k, model in enumerate(field.models):
        if model:
            effect[:, k] = np.where(field.allowed[:, k], model.effect(field.facts), -np.inf)
    share = max(float(field.limits["explored"]), LEAST_EXPLORED)
    spendable, hands = field.budget * (1 - share), [most * (1 - share) for most in field.hands]
    choice = allocate(effect, field.cost, budget=spendable, capacity=hands).choice
    best = np.flatnonzero(choice != NOTHING)
    why = _reasons(field)
    rows = [_proposed(field, int(i), int(choice[i]) - 1, effect, why) for i in best]
    rows.sort(key=lambda row: -row["net"] / max(row["cost"], 1e-9))
    return rows + _by_chance(field, choice == NOTHING, effect, share * len(best) / (1 - share))


def _proposed(field: Field, i: int, k: int, effect: FloatArray, why: list[FloatArray]) -> Row:
    row = _row(field, i, k, field.states[k], 1.0)
    gain = float(effect[i, k])
    row |= {"effect": gain, "net": gain - row["cost"]}
    order = np.argsort(-why[k][i])[:2]
    for fact, (name, amount) in zip(
        order, (("why", "why_effect"), ("why_more", "why_more_effect")), strict=True
    ):
        if why[k][i, fact] > 0:
            row |= {name: FACTS[fact], amount: float(why[k][i, fact])}
    return row


def _reasons(field: Field) -> list[FloatArray]:
    """Give by how much each fact raises the effect above what its mean would make of it."""
    found = []
    for model in field.models:
        raised = np.zeros(field.facts.shape)
        if model and model.keep > 0:
            whole = model.effect(field.facts)
            for f in range(len(FACTS)):
                plain = field.facts.copy()
                plain[:, f] = np.nan  # counts as the mean
                raised[:, f] = whole - model.effect(plain)
        found.append(raised)
    return found


def _by_chance(field: Field, free: Flags, effect: FloatArray, many: float) -> list[Row]:
    """Propose to some who were not chosen an action that chance picks, so that learning goes on."""
    who = np.flatnonzero(free & field.allowed.any(axis=1))
    count = min(len(who), max(1, round(many))) if len(who) else 0
    rows = []
    for i, k in _drawn(field, who, count):
        row = _row(field, i, k, "chance", count / len(who))
        if np.isfinite(effect[i, k]):
            row |= {"effect": float(effect[i, k]), "net": float(effect[i, k]) - row["cost"]}
        rows.append(row)
    return rows


def _by_rule(field: Field) -> list[Row]:
    """Put those with most value at risk first; chance picks the action, so that it is learned."""
    may = np.flatnonzero(field.allowed.any(axis=1))
    order = may[np.lexsort((np.array(field.customers, object)[may], -field.at_stake[may]))]
    most, spent, rows = min(sum(field.hands), BY_RULE), 0.0, list[Row]()
    for i, k in _drawn(field, order[: int(most)], None):
        row = _row(field, i, k, "rule", 1.0 / int(field.allowed[i].sum()))
        spent += row["cost"]
        if spent > field.budget:
            break
        rows.append(row)
    return rows


def _drawn(field: Field, who: NDArray[np.intp], count: int | None) -> list[tuple[int, int]]:
    """Let chance pick an action for each, and which of them, where not all are wanted."""
    names, salt = [field.customers[i] for i in who], field.limits["salt"]
    some = np.argsort(positions(salt, "whom", names))[:count] if count is not None else slice(None)
    places = positions(salt, "which", [names[i] for i in np.arange(len(who))[some]])
    return [
        (int(i), int(np.flatnonzero(field.allowed[i])[int(at * field.allowed[i].sum())]))
        for i, at in zip(who[some], places, strict=True)
    ]


def _row(field: Field, i: int, k: int, how: str, propensity: float) -> Row:
    return {
        "customer_id": field.customers[i],
        "experiment_id": field.offers[k]["experiment_id"],
        "how": how,
        "cost": float(field.offers[k]["cost"]),
        "propensity": propensity,
        "at_stake": float(field.at_stake[i]),
    }
