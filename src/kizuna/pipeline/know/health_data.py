"""What the steps of health share: which fact is in which group, and scoring by the scorecard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kizuna.clv.data import FloatArray
from kizuna.experience.bound import FACT
from kizuna.experience.churn import ChurnModel
from kizuna.experience.health import Health, health
from kizuna.experience.scorecard import Card
from kizuna.pipeline.health_tables import GROUPS
from kizuna.pipeline.know.churn_data import Panel, fact_names, texts
from kizuna.pipeline.tables import TABLES

BY_TOPIC = {
    "contract_facts": "relation",
    "payment_facts": "money",
    "purchase_facts": "use",
    "relation_facts": "relation",
    "service_facts": "service",
    "survey_facts": "sentiment",
    "use_facts": "use",
}
MONEY = frozenset({"mrr", "mrr_change_365d", "spend_90d", "spend_change_90d"})
USE = frozenset({"seats_used"})
BY_KIND = {"contract": "relation", "purchase": "use"}
"""Group of the baseline: how long a contract has lasted, how the customer buys."""


def groups_of(kind: str) -> NDArray[np.intp]:
    """Number of the group of each fact, the baseline's last."""
    topics = {
        column.name: BY_TOPIC.get(name, "use")
        for name, table in TABLES.items()
        if name.endswith("_facts") and table.grain == ("customer_id", "day")
        for column in table.columns
    }
    names = [_group(fact, topics) for fact in fact_names()]
    return np.array([GROUPS.index(name) for name in (*names, BY_KIND[kind])], np.intp)


def _group(fact: str, topics: dict[str, str]) -> str:
    if fact in MONEY:
        return "money"
    return "use" if fact in USE else topics.get(fact, "use")


def known_share(values: FloatArray, groups: NDArray[np.intp]) -> FloatArray:
    """Share of the groups of which any fact is known; the baseline is known of everybody."""
    known = np.isfinite(values)
    by_group = [known[:, groups[:-1] == g].any(axis=1) for g in range(len(GROUPS))]
    by_group[int(groups[-1])][:] = True
    share: FloatArray = np.mean(by_group, axis=0)
    return share


def card_of(scorecards: pa.Table) -> tuple[int, Card]:
    """Give the newest version of the scorecard."""
    newest = max(scorecards.to_pylist(), key=lambda row: row["version"])
    return newest["version"], Card.from_json(newest["card"])


def by_card(card: Card, values: FloatArray) -> FloatArray:
    """Score rows of facts by the scorecard; a fact that does not exist is not known."""
    place = {name: k for k, name in enumerate(fact_names())}
    unknown = np.full(len(values), np.nan)
    facts = {f: values[:, place[f]] if f in place else unknown for f in card.facts}
    return card.score(facts)[0]


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Health of customers on days, and of which moment it speaks.

    `later`: of whom it speaks of the end of the terms that bind them, `days` ahead.
    """

    health: Health
    later: NDArray[np.bool_]
    days: FloatArray
    low: FloatArray
    high: FloatArray


def health_of(
    batch: Panel,
    model: ChurnModel,
    values: FloatArray,
    baseline: FloatArray,
    groups: NDArray[np.intp],
) -> Told:
    """Give health of customers on days; who has given notice has none left: relation ended it."""
    effects = model.effects_at_choice(values, baseline)
    found = health(effects, model.usual, groups, len(GROUPS))
    score, points = found.health.copy(), found.points.copy()
    score[batch.notice] = 0.0
    points[batch.notice] = 0.0
    points[batch.notice, GROUPS.index("relation")] = -found.usual
    later = model.chooses_later(values) & ~batch.notice
    low, high = np.full((2, len(batch)), np.nan)
    if later.any():
        then = model.leaving_at_choice(values[later], baseline[later])
        low[later], high[later] = 100.0 * (1.0 - then.high), 100.0 * (1.0 - then.low)
    days = np.where(later, values[:, fact_names().index(FACT)], batch.horizon)
    return Told(Health(score, found.usual, points), later, days, low, high)


def columns_of(found: Health, names: pa.Array) -> dict[str, Any]:
    """Write health, its band, and the points of each group as columns."""
    plain: dict[str, Any] = {"health": found.health, "health_band": names}
    return plain | {f"health_{g}": found.points[:, k] for k, g in enumerate(GROUPS)}


def left_within(told: Told, model: ChurnModel) -> FloatArray:
    """Probability of leaving within the horizon: of those who are bound, that of all of them."""
    free = 1.0 - told.health.health / 100.0
    return np.where(told.later, model.bound.share if model.bound else np.nan, free)


def moment_of(told: Told) -> dict[str, Any]:
    """Write of which moment health speaks, and its interval where that is another than churn's."""
    return {
        "health_basis": texts(["horizon", "renewal"], told.later.astype(np.int32)),
        "health_days": told.days.astype(np.int32),
        "health_low": pa.array(told.low, from_pandas=True),
        "health_high": pa.array(told.high, from_pandas=True),
    }
