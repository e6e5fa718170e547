"""Try rules on the past: weekly facts as they were known then, and the evaluation of now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pyarrow as pa

from kizuna.jobs import past_purchases, past_values
from kizuna.jobs.options import ValueOptions
from kizuna.jobs.past_facts import given
from kizuna.jobs.past_scores import SAMPLE, SCORES, models_of, sample, score
from kizuna.jobs.transitions import FRAMES, HISTORY, moved, weeks, without_flaps
from kizuna.jobs.watch import Watched
from kizuna.pipeline.engine import Engine, identifier
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.fact_tables import facts_of, topics
from kizuna.pipeline.know.fact_panel import panel_sql
from kizuna.pipeline.know.past_models import Basis, Learnt
from kizuna.pipeline.know.past_models import facts as modelled
from kizuna.pipeline.run import Run, discover, execute, select
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import TABLES, arrow_schema

PANEL, MOVEMENTS, FACTS = "fact_panel", "contract_events", "customer_facts"
TOLD = "SELECT * FROM told"
TOLD_SQL = f"""
SELECT p.*, s.* EXCLUDE (customer_id, day), s.health AS health_learned,
    s.health_band AS health_learned_band
FROM {PANEL} AS p SEMI JOIN {SAMPLE} USING (customer_id)
LEFT JOIN {SCORES} AS s ON p.customer_id = s.customer_id AND p.day = s.day"""
LEARNED = frozenset({*modelled(), "health_learned", "health_learned_band"})
"""Facts that models tell; of what people set by hand nothing is told of past days."""
AS_TODAY = (
    *("kind", "region", "channel", "owner_email", "parent_id", "acquired_on"),
    *("name", "name_kana", "email", "phone"),
)
"""Who a customer is: known of today alone, and taken to have been so."""
MOST_CUSTOMERS = 100_000
NO_PAST = "no past: "
"""Begins an error that names facts of which no former days are known."""
HORIZON = 90
"""Days within which a customer has to leave for an alert to have been right."""
AHEAD = 180
"""The same for rules on health, which speaks of the next chance to leave: it may be months off."""
OF_HEALTH = frozenset({"health", "health_band", "health_learned", "health_learned_band"})

OUTCOMES = """
SELECT f.*, e.after = 0 AS already, c.day - f.day AS lead,
    e.customer_id IS NOT NULL OR c.customer_id IS NOT NULL AS has_contract
FROM fired AS f
ASOF LEFT JOIN contract_events AS e ON f.customer_id = e.customer_id AND f.day >= e.day
ASOF LEFT JOIN churns AS c ON f.customer_id = c.customer_id AND f.day < c.day"""
SUMMED = """
SELECT key, count(*) AS fired, count(DISTINCT customer_id) AS customers,
    count(*) FILTER (WHERE has_contract) AS with_contracts,
    count(*) FILTER (WHERE already) AS already,
    count(*) FILTER (WHERE NOT coalesce(already, false) AND lead IS NOT NULL) AS before,
    median(lead) FILTER (WHERE NOT coalesce(already, false)) AS lead_days,
    avg((coalesce(lead, 99999) <= $2)::INTEGER) FILTER (
        WHERE has_contract AND NOT coalesce(already, false) AND day <= $1) AS rate
FROM outcomes GROUP BY key"""
type Came = tuple[float | None, dict[int, dict[str, Any]]]
NEVER: dict[str, Any] = dict.fromkeys(
    ("fired", "customers", "with_contracts", "already", "before"), 0
) | {"lead_days": None, "rate": None}
BASE = f"""
SELECT avg((coalesce(c.day - f.day, 99999) <= $2)::INTEGER) AS rate
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
    basis: tuple[Basis, ...] = ()
    """By which models customers are spoken of; empty where no rule asks for what models say."""
    as_today: tuple[str, ...] = ()
    """Facts that are known of today alone, and taken to have been so."""
    is_valued: bool = False
    """Whether it is told what customers were worth, by the model of today."""

    def followed(self) -> int:
        """Count the customers of whom past weeks are told."""
        sql = f"SELECT count(DISTINCT customer_id) AS n FROM {FRAMES}"
        return int(self.engine.query(sql)["n"][0].as_py())

    def stands_for(self, customers: Collection[str]) -> float:
        """Say for how many customers each of some stands, on average: more than 1 in a sample."""
        if SAMPLE not in self.engine.names():
            return max(self.everyone / MOST_CUSTOMERS, 1.0)
        ids = pa.table({"customer_id": pa.array(sorted(customers), pa.string())})
        self.engine.register("asked_for", ids)
        sql = f"SELECT avg(weight) AS w FROM {SAMPLE} SEMI JOIN asked_for USING (customer_id)"
        return float(self.engine.query(sql)["w"][0].as_py() or 1.0)

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
        came = {horizon: self._came(horizon) for horizon in {_horizon(w) for w in watched}}
        weekly: defaultdict[int, list[list[Any]]] = defaultdict(list)
        for row in engine.query(BY_WEEK).to_pylist():
            weekly[row["key"]].append([row["day"].isoformat(), row["n"]])
        return {
            w.key: basis_told(self)
            | self._said(w, came[_horizon(w)], begun.get(w.key, 0))
            | {"by_week": weekly[w.key]}
            for w in watched
        }

    def _came(self, horizon: int) -> Came:
        """Tell what came of the alerts of each rule, and how many of all left in as many days."""
        last = max((d for d in self.days if (self.days[-1] - d).days >= horizon), default=date.min)
        base = self.engine.query(BASE, [last, horizon]).to_pylist()[0]["rate"]
        rows = self.engine.query(SUMMED, [last, horizon]).to_pylist()
        return base, {row.pop("key"): row for row in rows}

    def _said(self, watched: Watched, came: Came, begun: int) -> dict[str, Any]:
        base, found = came[0], came[1].get(watched.key, NEVER)
        return found | {
            "base_rate": None if found["rate"] is None else base,
            "held": begun - found["fired"],
            "horizon": _horizon(watched),
            "weeks": len(self.days),
        }

    def check(self, watched: Sequence[Watched]) -> None:
        """Raise InputError where of a fact that is read no former days are known."""
        known = set(self.engine.schema(FRAMES).names)
        missing = sorted({fact for one in watched for fact in one.facts} - known)
        if missing:
            raise InputError(f"{NO_PAST}{','.join(missing)}")


def _horizon(watched: Watched) -> int:
    return AHEAD if OF_HEALTH.intersection(watched.facts) else HORIZON


def basis_told(found: Past) -> dict[str, Any]:
    """Say in JSON by what the past was told: how many are followed, by which models."""
    first = found.days[0]
    models = [
        {
            "kind": one.kind,
            "learnt_by": one.learnt_by and one.learnt_by.isoformat(),
            "from_start": one.learnt_by == first,
        }
        for one in found.basis
    ]
    more = {"as_today": list(found.as_today), "valued": found.is_valued}
    return {"of": found.followed(), "everyone": found.everyone, "models": models} | more


def past(
    engine: Engine,
    store: Store,
    *,
    last: date,
    many: int,
    timezone: str,
    currency: str,
    only: Collection[str] | None = None,
    options: ValueOptions | None = None,
) -> Past:
    """Tell the facts of so many weeks up to a day, as they were known then.

    `only` names the facts that are wanted: topics of which none is are not worked out. What models
    conclude is told where it is named, of a sample; what customers were worth, where `options` say
    how that is counted.
    """
    given(engine, store)
    run = Run(
        as_of=last,
        timezone=timezone,
        currency=currency,
        fact_days=weeks(last, many),
        panel_customers=MOST_CUSTOMERS,
        **({} if options is None else _counted(options)),
    )
    learnt = models_of(store) if LEARNED.intersection(only or ()) else None
    worth = past_values.asked(only or (), store) if options is not None else ()
    if learnt is None:
        if worth:
            run = replace(run, panel_customers=0)
        found, told = _of_facts(engine, run, only), f"SELECT * FROM {PANEL}"
    else:
        found, told = _of_models(engine, store, learnt, run), TOLD
    if (bought := past_purchases.asked(only or ())) or worth:
        told = past_purchases.beside(engine, told, bought, run, PANEL)
    if worth:
        told = past_values.beside(engine, store, told, worth, run)
    as_today = _today(engine, store, only or ())
    _framed(engine, told, found.days, as_today)
    engine.view("churns", f"SELECT customer_id, day FROM {MOVEMENTS} WHERE after = 0")
    return replace(found, as_today=as_today, is_valued=bool(worth))


def _counted(options: ValueOptions) -> dict[str, Any]:
    names = ("margin", "discount", "horizon_days", "period")
    return {name: getattr(options, name) for name in names}


def _of_facts(engine: Engine, run: Run, only: Collection[str] | None) -> Past:
    """Tell facts that need no model, of those topics alone of which any is wanted.

    Of a sample where there is no end to the customers: valuing each week takes its time.
    """
    everyone = None if run.panel_customers else sample(engine)
    engine.register("contacts", arrow_schema("contacts").empty_table())
    listed = [
        (topic, column)
        for topic, column in facts_of(topics(TABLES))
        if only is None or column.name in only
    ]
    named = dict.fromkeys(topic for topic, _column in listed)
    execute(select(discover("know"), "fact_moments", MOVEMENTS, *named), engine, run)
    engine.create(PANEL, panel_sql(listed))
    if everyone is None:
        counted = f"SELECT count(*) AS n FROM {PANEL} WHERE day = ?"
        everyone = engine.query(counted, [run.as_of])["n"][0].as_py()
    return Past(engine, run.fact_days, everyone)


def _of_models(engine: Engine, store: Store, learnt: Learnt, run: Run) -> Past:
    """Tell all facts, and what models would have concluded from them, of those who are followed."""
    everyone = sample(engine)
    engine.register("contacts", arrow_schema("contacts").empty_table())
    basis = score(engine, store, learnt, replace(run, panel_customers=0))
    engine.create("told", TOLD_SQL)
    return Past(engine, run.fact_days, everyone, tuple(basis))


def _today(engine: Engine, store: Store, only: Collection[str]) -> tuple[str, ...]:
    """Make who customers are today readable, as far as that is asked for; name what is."""
    wanted = [name for name in AS_TODAY if name in only]
    if not wanted or FACTS not in store.names():
        return ()
    store.register(engine, FACTS, under="today")
    there = set(engine.schema("today").names)
    return tuple(name for name in wanted if name in there)


def _framed(engine: Engine, told: str, days: Sequence[date], as_today: Sequence[str]) -> None:
    """Make the frames of the weeks; those of whom the last day alone is told have no past."""
    earlier = ", ".join(f"DATE '{day}'" for day in days[:-1]) or "NULL"
    columns = ", ".join(["t.*", *(f"today.{identifier(name)}" for name in as_today)])
    beside = "LEFT JOIN today ON t.customer_id = today.customer_id" if as_today else ""
    engine.view(
        FRAMES,
        f"SELECT {columns} FROM ({told}) AS t {beside} WHERE t.customer_id IN "
        f"(SELECT customer_id FROM {PANEL} WHERE day IN ({earlier}))",
    )
    engine.view(HISTORY, told)
