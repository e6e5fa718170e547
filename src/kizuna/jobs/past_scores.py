"""Facts of past weeks with what models would have concluded then, of so many customers as is quick.

Whoever has or had a contract is sampled apart from the others: a shop with a million customers and
a hundred contracts would else have none of the hundred.
"""

from __future__ import annotations

from dataclasses import fields

import pyarrow as pa

from kizuna.jobs.past_facts import narrow
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.know.past_models import Basis, Learnt, past_scores
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.run import discover, execute, select
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema

MOST_OF_A_KIND = 10_000
"""Customers with a contract, and as many without one, of whom past weeks are told."""
SCORES, SAMPLE, WEEKS = "past_scores", "sampled", ("churn_panel", "fact_panel")
TERMS = "churn_terms"

_EVERYBODY = """
SELECT customer_id, bool_or(contracted) AS contracted FROM (
    SELECT customer_id, true AS contracted FROM contracts
    UNION ALL SELECT customer_id, false FROM customers
    UNION ALL SELECT customer_id, false FROM transactions
) WHERE customer_id IS NOT NULL GROUP BY customer_id"""
_SAMPLED = f"""
SELECT customer_id, greatest(many / {MOST_OF_A_KIND}::DOUBLE, 1.0) AS weight FROM (
    SELECT customer_id, count(*) OVER (PARTITION BY contracted) AS many, row_number() OVER (
        PARTITION BY contracted ORDER BY md5(customer_id), customer_id
    ) AS place FROM ({_EVERYBODY})
) WHERE place <= {MOST_OF_A_KIND}"""
"""Who is followed, and for how many alike each stands."""


def models_of(store: Store) -> Learnt | None:
    """Read the models of today and what they were fitted to; None where there are none yet."""
    wanted = [one.name for one in fields(Learnt)]
    if not set(wanted) <= set(store.names()):
        return None
    with Engine(threads=2) as engine:
        for name in wanted:
            store.register(engine, name)
        order = {name: ["customer_id", "day"] for name in WEEKS}
        found = {name: engine.table(name, order_by=order.get(name, [])) for name in wanted}
    learnt = Learnt(**{name: _whole(name, table) for name, table in found.items()})
    return learnt if learnt.churn_model.num_rows else None


def _whole(name: str, table: pa.Table) -> pa.Table:
    """Give a table all its columns: one that came later is empty until the next refresh."""
    schema = arrow_schema(name)
    for field in schema:
        if field.name not in table.column_names:
            table = table.append_column(field, pa.nulls(table.num_rows, field.type))
    return table.select(schema.names)


def sample(engine: Engine) -> int:
    """Choose who is followed, and leave out all that is known of others; give how many there are.

    Needs what was brought in, in the engine.
    """
    for name in {"contracts", "customers", "transactions"} - engine.names():
        engine.register(name, arrow_schema(name).empty_table())
    everyone = int(engine.query(f"SELECT count(*) AS n FROM ({_EVERYBODY})")["n"][0].as_py())
    engine.create(SAMPLE, _SAMPLED)
    ids: list[str] = engine.table(SAMPLE)["customer_id"].to_pylist()
    if len(ids) < everyone:
        narrow(engine, select(discover("know"), *WEEKS), ids)
    return everyone


def score(engine: Engine, store: Store, learnt: Learnt, run: Run) -> list[Basis]:
    """Make the facts of the days of a run, and `past_scores` of those who are followed."""
    given = set()
    if TERMS in store.names():  # the horizon is that of the models
        store.register(engine, TERMS)
        given.add(TERMS)
    execute(select(discover("know"), *WEEKS, "contract_events", given=given), engine, run)
    engine.create(
        "followed_panel", f"SELECT * FROM churn_panel SEMI JOIN {SAMPLE} USING (customer_id)"
    )
    weeks = engine.table("followed_panel", order_by=["customer_id", "day"])
    facts = engine.query(
        "SELECT fact_panel.* FROM fact_panel SEMI JOIN followed_panel USING (customer_id, day)"
    )
    found, basis = past_scores(weeks, facts, learnt, run=run)
    engine.register(SCORES, found)
    return basis
