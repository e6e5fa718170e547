"""Health as it is published: the portfolio with its back-test, lists, and one customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from kizuna.pipeline.tables import arrow_schema
from kizuna.web.capture.identities.queries import whose
from kizuna.web.know.customers.engines import own_engine
from kizuna.web.know.customers.queries import Customer
from kizuna.web.know.health.forms import Asked
from kizuna.web.know.health.models import Override
from kizuna.web.know.health.standing import Standing, override_of, overrides_of, overrides_on
from kizuna.web.know.health.standing import rating_of as rating_of_customer
from kizuna.web.know.health.words import band_of, learned
from kizuna.web.know.profiles.queries import profile, with_owner
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.know.publications.services import store
from kizuna.web.ui.leafing import Leafing

type Row = dict[str, Any]

NEEDED = ("effective_health", "health_moves", "health_portfolio", "churn_report", "customer_facts")
A_PAGE = 50
FELL_SHOWN = 15
OWNERS_SHOWN = 50
FAR = 5.0
"""Points from which a move counts."""

MOVES = f"""
SELECT
    compared,
    min(before_on) AS first_on,
    max(before_on) AS last_on,
    count(*) AS customers,
    count(*) FILTER (WHERE change <= -{FAR}) AS fell,
    count(*) FILTER (WHERE change >= {FAR}) AS rose,
    count(*) FILTER (WHERE health_band <> before_band AND change < 0) AS band_down,
    count(*) FILTER (WHERE health_band <> before_band AND change > 0) AS band_up
FROM health_moves GROUP BY compared"""
FELL = f"""
SELECT m.*, f.name, f.value_at_risk, f.churn_kind, f.days_since_purchase, f.usual_gap_days,
    d.fact, d.value, d.usual
FROM health_moves AS m
INNER JOIN customer_facts AS f ON f.customer_id = m.customer_id
LEFT JOIN (
    SELECT customer_id, arg_min(fact, rank) AS fact, arg_min(value, rank) AS value,
        arg_min(usual, rank) AS usual
    FROM churn_drivers WHERE effect > 0 GROUP BY customer_id
) AS d ON d.customer_id = m.customer_id
WHERE m.compared = $1 AND m.change <= -{FAR}
ORDER BY m.change, m.customer_id LIMIT {FELL_SHOWN}"""
BY_OWNER = f"""
SELECT
    coalesce(owners.owner, nullif(f.owner_email, '')) AS owner,
    count(*) AS customers,
    count(*) FILTER (WHERE f.health_band = 'critical') AS critical,
    count(*) FILTER (WHERE f.health_band = 'watch') AS watch,
    count(*) FILTER (WHERE f.health_band = 'healthy') AS healthy,
    count(*) FILTER (WHERE f.health_band IS NULL) AS unknown,
    avg(f.health) AS health,
    sum(f.value_at_risk) AS value_at_risk
FROM customer_facts AS f
LEFT JOIN owners ON owners.customer_id = f.customer_id
WHERE coalesce(owners.owner, nullif(f.owner_email, '')) IS NOT NULL
GROUP BY ALL ORDER BY critical DESC, customers DESC, owner LIMIT {OWNERS_SHOWN}"""
LISTED = f"""
SELECT f.customer_id, f.name, f.churn_kind, f.health_learned AS health,
    f.health_learned_band AS health_band, f.health_basis, f.health_known, f.mrr,
    f.value_at_risk, f.scorecard, coalesce(owners.owner, f.owner_email) AS owner
FROM customer_facts AS f
LEFT JOIN owners ON owners.customer_id = f.customer_id
WHERE ($1 = '' OR coalesce(f.health_band, 'unknown') = $1)
    AND ($2 = '' OR coalesce(f.churn_kind, 'unknown') = $2)
    AND ($3 = '' OR coalesce(owners.owner, f.owner_email) = $3)
    AND ($6 = '' OR f.customer_id IN (
        SELECT customer_id FROM health_moves WHERE compared = $7 AND CASE $6
            WHEN 'fell' THEN change <= -{FAR} WHEN 'rose' THEN change >= {FAR}
            WHEN 'down' THEN health_band <> before_band AND change < 0
            ELSE health_band <> before_band AND change > 0 END
    ))
ORDER BY f.health NULLS LAST, f.customer_id LIMIT $4 OFFSET $5"""
FACTS = "SELECT * FROM customer_facts WHERE customer_id = $1"
DRIVERS = "SELECT * FROM churn_drivers WHERE customer_id = $1 ORDER BY rank"
TRAIL = "SELECT day, health FROM health_trail WHERE customer_id = $1 ORDER BY day"
TOLD = """
SELECT told_on AS day, arg_max(health, publication) AS health,
    arg_max(model, publication) AS model, arg_max(scorecard_version, publication) AS version
FROM health_log WHERE customer_id = $1 GROUP BY told_on ORDER BY told_on"""
MOVED = "SELECT * FROM health_moves WHERE customer_id = $1 ORDER BY compared"


@dataclass(frozen=True, slots=True)
class Tests:
    """How health did on a later period: by band, in sum, and in bins; and what is used, and why."""

    report: Sequence[Row]
    by_band: Sequence[Row]
    churn: Sequence[Row]
    reliability: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Portfolio:
    """All customers by band and owner, who moved, and the back-test beside."""

    state: Published
    compared: str
    bands: Sequence[Row]
    moves: Mapping[str, Row]
    fell: Sequence[Row]
    owners: Sequence[Row]
    overrides: Mapping[str, Override]
    limits: Sequence[Row]
    tests: Tests


@dataclass(frozen=True, slots=True)
class Listed(Leafing):
    """Customers of a band, the least healthy first, page by page."""

    state: Published
    asked: Asked
    rows: Sequence[Row]
    overrides: Mapping[str, Override]
    number: int
    has_next: bool


@dataclass(frozen=True, slots=True)
class OfCustomer:
    """Health of one customer: computed, set by hand, and rated; what moves it, and its history."""

    row: Row
    drivers: Sequence[Row]
    trail: Sequence[Row]
    told: Sequence[Row]
    moves: Sequence[Row]
    limits: Sequence[Row]
    override: Override | None
    overrides: Sequence[Override]
    rating: Standing


def portfolio(asked: Asked) -> Portfolio | None:
    """Give the portfolio; None where nothing is published that tells of health."""
    state = _state()
    if state is None:
        return None
    moves = {row["compared"]: row for row in _rows(state, MOVES)}
    compared = asked.compared if asked.compared in moves else next(iter(sorted(moves)), "")
    fell = _rows(state, FELL, [compared])
    return Portfolio(
        state,
        compared,
        state.table("health_portfolio").to_pylist(),
        moves,
        fell,
        _rows(state, BY_OWNER, owners=_owners()),
        overrides_on([row["customer_id"] for row in fell]),
        limits(state),
        tests(state),
    )


def listed(asked: Asked) -> Listed | None:
    """Give customers of a band, a kind, or an owner."""
    state = _state()
    if state is None:
        return None
    wanted = [asked.band, asked.kind, asked.owner, A_PAGE + 1, (asked.page - 1) * A_PAGE]
    wanted += [asked.moved, asked.compared]
    found = _rows(state, LISTED, wanted, owners=_owners())
    shown = found[:A_PAGE]
    overrides = overrides_on([row["customer_id"] for row in shown])
    return Listed(state, asked, shown, overrides, asked.page, len(found) > A_PAGE)


def of_customer(customer: Customer) -> OfCustomer:
    """Give all that is known of a customer's health; an empty row where there is none yet."""
    customer_id, state = customer.fact.customer_id, customer.state
    facts = _rows(state, FACTS, [customer_id])
    return OfCustomer(
        facts[0] if facts else {},
        _rows(state, DRIVERS, [customer_id]),
        _rows(state, TRAIL, [customer_id]),
        _told(customer_id),
        _rows(state, MOVED, [customer_id]),
        limits(state),
        override_of(customer_id),
        overrides_of(customer_id),
        rating_of(customer),
    )


def effective(found: OfCustomer) -> tuple[float | None, str | None]:
    """Give the health that counts now, and its band: as it is set by hand, or else as learned."""
    if found.override is None:
        return learned(found.row)
    band = band_of(found.override.health, found.row.get("churn_kind"), found.limits)
    return float(found.override.health), None if band == "unknown" else band


def rating_of(customer: Customer) -> Standing:
    """Give the rating of a customer, and whether it holds."""
    customer_id = customer.fact.customer_id
    return rating_of_customer(customer_id, profile(customer_id), customer.fact.owner_email)


def limits(state: Published) -> list[Row]:
    """Give where the bands begin that figures were told by."""
    if not state.has("health_bands"):
        return []
    found: list[Row] = state.table("health_bands").sort_by("from_health").to_pylist()
    return found


def tests(state: Published) -> Tests:
    """Give the back-test of what is published."""
    names = ("health_report", "health_by_band", "churn_report", "churn_reliability")
    return Tests(*(state.table(n).to_pylist() if state.has(n) else [] for n in names))


def files(state: Published, *names: str) -> dict[str, tuple[str, ...]]:
    """List the files of tables that were published."""
    return {name: state.files(name) for name in names if state.has(name)}


def _owners() -> pa.Table:
    """Name whom people gave customers to, as both are after merges."""
    kept = with_owner().annotate(whose=whose()).order_by("-customer_id")
    rows = kept.values_list("customer_id", "whose", "owner__name")
    found = {w: name for _key, w, name in sorted(rows, key=lambda row: row[0] == row[1])}
    return pa.table(
        {
            "customer_id": pa.array(found.keys(), pa.string()),
            "owner": pa.array(found.values(), pa.string()),
        }
    )


def _told(customer_id: str) -> list[Row]:
    """Give what publications told, up to the newest; it is kept apart from what is published."""
    tables = store()
    found = tables.files("health_log") if "health_log" in tables.names() else ()
    if not found:
        return []
    with own_engine() as engine:
        engine.register_parquet("health_log", found)
        rows: list[Row] = engine.query(TOLD, [customer_id]).to_pylist()
        return rows


def _state() -> Published | None:
    state = published()
    return state if state is not None and all(state.has(name) for name in NEEDED) else None


def _rows(
    state: Published, sql: str, asked: Sequence[object] = (), owners: pa.Table | None = None
) -> list[Row]:
    """Read rows of published tables by their files; a table without any is empty."""
    names = ("customer_facts", "churn_drivers", "health_moves", "health_trail")
    with own_engine() as engine:
        if owners is not None:
            engine.register("owners", owners)
        for name in (n for n in names if n in sql):
            found = state.files(name) if state.has(name) else ()
            if found:
                engine.register_parquet(name, found)
            else:
                engine.register(name, arrow_schema(name).empty_table())
        rows: list[Row] = engine.query(sql, list(asked)).to_pylist()
        return rows
