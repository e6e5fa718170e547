"""Try rules on the past: weekly facts as they were known then, and the evaluation of now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kizuna.jobs.past_facts import given
from kizuna.jobs.transitions import FRAMES, HISTORY, moved, weeks, without_flaps
from kizuna.jobs.watch import Watched
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.fact_tables import facts_of, topics
from kizuna.pipeline.know.fact_panel import panel_sql
from kizuna.pipeline.run import Run, discover, execute, select
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import TABLES, arrow_schema

PANEL, MOVEMENTS = "fact_panel", "contract_events"
MOST_CUSTOMERS = 100_000
HORIZON = 90
"""Days within which a customer has to leave for an alert to have been right."""

OUTCOMES = """
SELECT f.*, e.after = 0 AS already, c.day - f.day AS lead,
    e.customer_id IS NOT NULL OR c.customer_id IS NOT NULL AS has_contract
FROM fired AS f
ASOF LEFT JOIN contract_events AS e ON f.customer_id = e.customer_id AND f.day >= e.day
ASOF LEFT JOIN churns AS c ON f.customer_id = c.customer_id AND f.day < c.day"""
SUMMED = f"""
SELECT key, count(*) AS fired, count(DISTINCT customer_id) AS customers,
    count(*) FILTER (WHERE has_contract) AS with_contracts,
    count(*) FILTER (WHERE already) AS already,
    count(*) FILTER (WHERE NOT coalesce(already, false) AND lead IS NOT NULL) AS before,
    median(lead) FILTER (WHERE NOT coalesce(already, false)) AS lead_days,
    avg((coalesce(lead, 99999) <= {HORIZON})::INTEGER) FILTER (
        WHERE has_contract AND NOT coalesce(already, false) AND day <= $1) AS rate
FROM outcomes GROUP BY key"""
NO_BASE: dict[str, Any] = {"base_rate": None}
NEVER: dict[str, Any] = dict.fromkeys(
    ("fired", "customers", "with_contracts", "already", "before"), 0
) | {"lead_days": None, "rate": None}
BASE = f"""
SELECT avg((coalesce(c.day - f.day, 99999) <= {HORIZON})::INTEGER) AS rate
FROM (SELECT customer_id, day FROM {FRAMES} WHERE day <= $1) AS f
ASOF INNER JOIN contract_events AS e ON f.customer_id = e.customer_id AND f.day >= e.day
ASOF LEFT JOIN churns AS c ON f.customer_id = c.customer_id AND f.day < c.day
WHERE e.after > 0"""
BY_WEEK = "SELECT key, day, count(*) AS n FROM fired GROUP BY key, day ORDER BY key, day"


@dataclass(frozen=True, slots=True)
class Past:
    """Weekly facts of the past in an engine, over which any number of rules is tried."""

    engine: Engine
    days: Sequence[date]
    everyone: int

    def tried(self, watched: Sequence[Watched], quiet: dict[int, int]) -> dict[int, dict[str, Any]]:
        """Say of each rule what it would have done.

        Raises
        ------
        InputError
            Where a rule reads a fact of which no former days are known.

        """
        self.check(watched)
        engine = self.engine
        engine.register("begun", moved(engine, [w.condition for w in watched]))
        engine.register("fired", without_flaps(engine, "begun", quiet))
        engine.create("outcomes", OUTCOMES)
        counts = engine.query("SELECT key, count(*) AS n FROM begun WHERE begins GROUP BY key")
        begun = {row["key"]: row["n"] for row in counts.to_pylist()}
        known = max((d for d in self.days if (self.days[-1] - d).days >= HORIZON), default=None)
        last = known or date.min
        base = engine.query(BASE, [last]).to_pylist()[0]["rate"]
        of = engine.query(f"SELECT count(DISTINCT customer_id) AS n FROM {FRAMES}")["n"][0].as_py()
        alike = {"base_rate": base, "of": of, "everyone": self.everyone}
        summed = {row.pop("key"): row for row in engine.query(SUMMED, [last]).to_pylist()}
        weekly: defaultdict[int, list[list[Any]]] = defaultdict(list)
        for row in engine.query(BY_WEEK).to_pylist():
            weekly[row["key"]].append([row["day"].isoformat(), row["n"]])
        return {
            w.key: alike
            | self._said(summed.get(w.key, NEVER), begun.get(w.key, 0))
            | {"by_week": weekly[w.key]}
            | ({} if w.key in summed and summed[w.key]["rate"] is not None else NO_BASE)
            for w in watched
        }

    def _said(self, summed: dict[str, Any], begun: int) -> dict[str, Any]:
        return summed | {
            "held": begun - summed["fired"],
            "horizon": HORIZON,
            "weeks": len(self.days),
        }

    def check(self, watched: Sequence[Watched]) -> None:
        """Raise InputError where of a fact that is read no former days are known."""
        known = set(self.engine.schema(FRAMES).names)
        missing = sorted({fact for one in watched for fact in one.facts} - known)
        if missing:
            raise InputError(f"of {', '.join(missing)} no values of former days are kept.")


def past(
    engine: Engine,
    store: Store,
    *,
    last: date,
    many: int,
    timezone: str,
    currency: str,
    only: Collection[str] | None = None,
) -> Past:
    """Tell the facts of so many weeks up to a day, as they were known then.

    `only` names the facts that are wanted: topics of which none is are not worked out.
    """
    given(engine, store)
    engine.register("contacts", arrow_schema("contacts").empty_table())
    days = weeks(last, many)
    run = Run(
        as_of=last,
        timezone=timezone,
        currency=currency,
        fact_days=days,
        panel_customers=MOST_CUSTOMERS,
    )
    listed = [
        (topic, column)
        for topic, column in facts_of(topics(TABLES))
        if only is None or column.name in only
    ]
    named = dict.fromkeys(topic for topic, _column in listed)
    execute(select(discover("know"), "fact_moments", MOVEMENTS, *named), engine, run)
    engine.create(PANEL, panel_sql(listed))
    everyone = engine.query(f"SELECT count(*) AS n FROM {PANEL} WHERE day = ?", [last])["n"][0]
    # those of whom the last day alone is told have no past
    earlier = ", ".join(f"DATE '{day}'" for day in days[:-1]) or "NULL"
    engine.view(
        FRAMES,
        f"SELECT * FROM {PANEL} SEMI JOIN (SELECT customer_id FROM {PANEL} "
        f"WHERE day IN ({earlier})) USING (customer_id)",
    )
    engine.view(HISTORY, f"SELECT * FROM {PANEL}")
    engine.view("churns", f"SELECT customer_id, day FROM {MOVEMENTS} WHERE after = 0")
    return Past(engine, days, everyone.as_py())
