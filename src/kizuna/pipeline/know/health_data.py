"""What the steps of health share: which fact is in which group, and scoring by the scorecard."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kizuna.clv.data import FloatArray
from kizuna.experience.churn import ChurnModel
from kizuna.experience.health import Health, health
from kizuna.experience.scorecard import Card
from kizuna.pipeline.health_tables import GROUPS
from kizuna.pipeline.know.churn_data import Panel, fact_names
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


def health_of(
    batch: Panel,
    model: ChurnModel,
    values: FloatArray,
    baseline: FloatArray,
    groups: NDArray[np.intp],
) -> Health:
    """Give health of customers on days; who has given notice has none left: relation ended it."""
    found = health(model.effects(values, baseline), model.usual, groups, len(GROUPS))
    score, points = found.health.copy(), found.points.copy()
    score[batch.notice] = 0.0
    points[batch.notice] = 0.0
    points[batch.notice, GROUPS.index("relation")] = -found.usual
    return Health(score, found.usual, points)


def columns_of(found: Health, names: pa.Array) -> dict[str, Any]:
    """Write health, its band, and the points of each group as columns."""
    plain: dict[str, Any] = {"health": found.health, "health_band": names}
    return plain | {f"health_{g}": found.points[:, k] for k, g in enumerate(GROUPS)}
