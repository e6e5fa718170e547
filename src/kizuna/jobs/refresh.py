"""The refresh job: `transactions` of a store in; every table of Know and the summary out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pyarrow as pa

from kizuna.jobs import facts, measurement, received, resolution, revenue, stream
from kizuna.jobs.business_days import Calendar
from kizuna.jobs.cuts import DAYS
from kizuna.jobs.options import ValueOptions
from kizuna.jobs.studies import CHOICE
from kizuna.jobs.valuation import Part, Progress, run_of, valued
from kizuna.pipeline.capture.amounts import NO_CURRENCY
from kizuna.pipeline.capture.orders import OrdersRead
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.fact_tables import OPTIONAL
from kizuna.pipeline.run import Run, StepTrace, discover, execute, execute_together, select
from kizuna.pipeline.standard_tables import STANDARD
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema

SOURCE = "transactions"
FORECASTS = "forecast_log"
NOT_PUBLISHED = frozenset({"future_purchases", "customer_values"})
"""What only back-tests need, and what is a file of another command."""
OPTIONS = ValueOptions(orders=())
PLAIN = Calendar()
LAST_DAY = date(9999, 12, 31)

SEEN = f"""
SELECT count(*) AS n, min(ordered_on) AS first_day, max(ordered_on) AS last_day,
    min(currency) AS currency, count(DISTINCT currency) AS currencies
FROM {SOURCE}"""


@dataclass(frozen=True, slots=True, eq=False)
class RefreshResult:
    """What a refresh wrote.

    Attributes
    ----------
    versions : table → its version in the store; together they are one state of knowledge.
    read : table → version of what was read.
    steps : what each step did.
    material : the summary with its sentences not yet said in a language.

    """

    versions: Mapping[str, int]
    read: Mapping[str, int]
    steps: tuple[StepTrace, ...]
    material: Mapping[str, Any]


def refresh(
    store: Store,
    options: ValueOptions = OPTIONS,
    *,
    calendar: Calendar = PLAIN,
    today: date = LAST_DAY,
    on_progress: Progress = lambda stage, share: None,
) -> RefreshResult:
    """Value the customers of the store's `transactions`; write every table of Know to it.

    Nothing that stood before is lost: each table gets a new version, and the result names them.
    Recurring revenue is told up to the last day that anything is known of, but not beyond `today`.
    Contracts are enough: without any order the tables of purchases are empty.

    Raises
    ------
    InputError
        When there are neither orders nor contracts, or the orders' currencies are mixed.

    """
    on_progress("read", 0.02)
    with suppress(InputError):  # an import is running: the orders come with the next refresh
        stream.book(store, timezone=options.timezone)
    with Engine() as engine:
        read = registered(engine, store)
        revenue.know_by_contract(engine)
        if SOURCE not in read or not engine.count(SOURCE):
            return _of_contracts(engine, store, options, read, calendar, today)
        orders = _orders(engine, options)
        run = run_of(options, orders)
        found = valued(
            engine,
            options,
            orders,
            targets=value_targets(),
            store=store,
            log=store.read(FORECASTS) if FORECASTS in store.names() else None,
            more=lambda: _later(engine, store, run, options, calendar, today),
            on_progress=on_progress,
        )
        kept = (_kept(store, name, table) for name, table in found.tables.items())
        steps = (*found.steps, *kept)
        versions = {step.step: step.version for step in steps if step.version is not None}
        return RefreshResult(versions, read, steps, found.findings.material())


def targets() -> tuple[str, ...]:
    """Name the tables that a refresh makes besides those of recurring revenue."""
    return (*value_targets(), *facts.targets(), *measurement.targets())


def value_targets() -> tuple[str, ...]:
    """Name the tables that a refresh makes of orders."""
    return tuple(sorted(facts.VALUE - NOT_PUBLISHED))


def _later(
    engine: Engine, store: Store, run: Run, options: ValueOptions, calendar: Calendar, today: date
) -> tuple[Part, ...]:
    """Give the tables of recurring revenue, empty without contracts, of facts and of actions."""
    last = options.as_of or max(run.as_of, revenue.last_known_day(engine, today) or run.as_of)
    return (
        revenue.part(engine, replace(run, as_of=last), calendar),
        facts.part(engine, run, today=today, as_of=options.as_of),
        measurement.part(engine, store, run),
    )


def _of_contracts(
    engine: Engine,
    store: Store,
    options: ValueOptions,
    read: dict[str, int],
    calendar: Calendar,
    today: date,
) -> RefreshResult:
    """Publish what contracts tell; all that is made of orders is empty."""
    if not revenue.has_contracts(engine):
        raise InputError("There are no orders yet; import some first.")
    as_of = options.as_of or revenue.last_known_day(engine, today) or today
    run = revenue.run_of(engine, options, as_of)
    for name in (SOURCE, CHOICE):
        engine.register(name, arrow_schema(name).empty_table())
    days = execute(select(discover("know"), *DAYS), engine, run, store=store).steps
    own = select(discover("know"), *value_targets(), given=DAYS), run
    parts = (own, *_later(engine, store, run, options, calendar, today))
    steps = days + execute_together(parts, engine, store=store).steps
    versions = {step.step: step.version for step in steps if step.version is not None}
    return RefreshResult(versions, read, steps, revenue.summary_of(engine, run))


def registered(engine: Engine, store: Store) -> dict[str, int]:
    """Make readable what was brought in; give the versions. What was not brought is empty."""
    there = {SOURCE, *STANDARD, *OPTIONAL}.intersection(received.names(store))
    whose = resolution.register_map(engine, store)
    read: dict[str, int] = {}
    for name in sorted(there):
        read |= received.register(engine, store, name)
    return read if whose is None else read | {resolution.MAP: whose}


def _kept(store: Store, name: str, table: pa.Table) -> StepTrace:
    """Write a table that the back-test drew up; the seconds are those of writing it."""
    start = time.perf_counter()
    version = store.write(name, table)
    return StepTrace(name, table.num_rows, time.perf_counter() - start, (), version)


def _orders(engine: Engine, options: ValueOptions) -> OrdersRead:
    """Say of the table what reading files says of them."""
    until = [] if options.as_of is None else [options.as_of]
    where = " WHERE ordered_on <= ?" if until else ""
    seen = engine.query(SEEN + where, until).to_pylist()[0]
    if seen["first_day"] is None:
        raise InputError("There are no orders yet; import some first.")
    if seen["currencies"] > 1:
        raise InputError("The orders are in more than one currency; import those of one only.")
    return OrdersRead(
        rows_read=seen["n"],
        rows_accepted=seen["n"],
        rejected={},
        columns={},
        currency=seen["currency"] or NO_CURRENCY,
        timezone=options.timezone,
        first_day=seen["first_day"],
        last_day=seen["last_day"],
        files=(),
        notes=(),
    )
