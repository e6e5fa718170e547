"""Kinds of accounts: what is told of use, planted kinds are found, terms alone are no proof."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest

from kizuna.experience.personas import adjusted_rand
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.know.persona_model import persona_model
from kizuna.pipeline.run import execute
from kizuna.pipeline.steps import select
from tiny_tables import STEPS, Rows, a_run, made, table

LAST, THEN = date(2026, 3, 31), date(2025, 9, 30)
RUN = a_run("2026-03-31")
NAMES = [f"Feature {number}" for number in range(12)]


@dataclass(frozen=True)
class Kind:
    """What accounts of a kind are like: shares of days, of features, of seats, of weeks."""

    seats: int
    price: int
    active: float
    features: float
    taken: float
    asks: float
    stays: float
    deep: float


KINDS = (
    Kind(5, 900, active=0.12, features=0.25, taken=0.45, asks=0.02, stays=0.75, deep=0.2),
    Kind(30, 1800, active=0.7, features=0.9, taken=0.85, asks=0.04, stays=0.98, deep=2.0),
    Kind(15, 1500, active=0.45, features=0.5, taken=0.6, asks=0.35, stays=0.9, deep=0.8),
)


def company(seed: int, many: int = 240, kinds: tuple[Kind, ...] = KINDS) -> dict[str, Any]:
    """Draw accounts of a software company, and what they did in two quarters; kinds are true."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(len(kinds), many)
    found: dict[str, Any] = {"kind": {f"a{n:03d}": int(k) for n, k in enumerate(kind)}}
    contracts: Rows = []
    use: Rows = [a_day("zz", THEN - timedelta(days=400), 0, 0)]
    contacts: Rows = [a_contact("zz", THEN - timedelta(days=400))]
    for n, of in enumerate(kind):
        contracts.append(_contract(f"a{n:03d}", kinds[of], rng))
        ended = contracts[-1].get("ended_on")
        for last in (THEN, LAST):
            if ended is None or ended > last:
                use += _used(f"a{n:03d}", kinds[of], contracts[-1]["seats"], last, rng)
                weeks = np.flatnonzero(rng.random(26) < kinds[of].asks)
                contacts += [
                    a_contact(f"a{n:03d}", last - timedelta(days=7 * int(w))) for w in weeks
                ]
    tables = {"contracts": contracts, "use_days": use, "interactions": contacts}
    return found | {name: table(name, rows) for name, rows in tables.items()}


def _contract(customer: str, kind: Kind, rng: np.random.Generator) -> dict[str, Any]:
    seats = max(2, int(kind.seats * rng.lognormal(0, 0.35)))
    amount = int(seats * kind.price * rng.lognormal(0, 0.1))
    began = THEN - timedelta(days=int(rng.integers(60, 900)))
    terms = {"contract_id": customer, "customer_id": customer, "started_on": began}
    terms |= {"amount": amount, "currency": "USD", "billing_months": 1, "seats": seats}
    if rng.random() > kind.stays:
        terms["ended_on"] = THEN + timedelta(days=int(rng.integers(5, 170)))
    return terms


def _used(customer: str, kind: Kind, seats: int, last: date, rng: np.random.Generator) -> Rows:
    features = np.flatnonzero(rng.random(len(NAMES)) < kind.features)
    people = max(1, int(rng.binomial(seats, kind.taken)))
    days = np.flatnonzero(rng.random(91) < kind.active * rng.uniform(0.6, 1.3))
    if not len(days) or not len(features):
        return []
    rows = [
        a_day(customer, last - timedelta(int(days[p % len(days)])), 0, p) for p in range(people)
    ]
    for day in days.tolist():
        person = int(rng.integers(people))
        chosen = rng.choice(features, 1 + rng.poisson(kind.deep))
        rows += [a_day(customer, last - timedelta(day), f, person) for f in set(chosen.tolist())]
    return rows


def a_day(customer: str, day: date, feature: int, person: int) -> dict[str, Any]:
    told = {"name": NAMES[feature], "person": str(person), "events": 1}
    return {"customer_id": customer, "day": day} | told


def a_contact(customer: str, day: date) -> dict[str, Any]:
    told = {"interaction_id": f"{customer} {day}", "channel": "mail", "direction": "in"}
    return told | {"customer_id": customer, "happened_at": datetime.combine(day, time(12))}


def found(drawn: dict[str, Any]) -> Engine:
    """Have the product look for personas of these accounts."""
    engine = Engine(threads=2)
    for name in ("contracts", "use_days", "interactions"):
        engine.register(name, drawn[name])
    for name in ("contract_changes", "transactions", "events"):
        engine.register(name, table(name, []))
    execute(select(STEPS, "personas", "persona_profiles", given=["use_days"]), engine, RUN)
    return engine


def agreement(engine: Engine, true: dict[str, int]) -> float:
    rows = engine.table("personas").to_pylist()
    pairs = [(int(row["persona"].removeprefix("A")), true[row["customer_id"]]) for row in rows]
    return adjusted_rand(*(np.array(side) for side in zip(*pairs, strict=True)))


@pytest.fixture(scope="module")
def planted() -> tuple[Engine, dict[str, int]]:
    drawn = company(1)
    return found(drawn), drawn["kind"]


def row_of(engine: Engine) -> dict[str, Any]:
    rows = {row["basis"]: row for row in engine.table("persona_model").to_pylist()}
    assert rows["purchases"]["status"] == "too_few"
    return rows["use"]


def test_planted_kinds_of_accounts_are_recovered_and_accepted(
    planted: tuple[Engine, dict[str, int]],
) -> None:
    engine, true = planted
    model = row_of(engine)
    assert (model["status"], model["kinds"]) == ("accepted", 3)
    assert agreement(engine, true) > 0.9
    profiles = engine.table("persona_profiles").to_pylist()
    assert {row["persona"] for row in profiles} == {"A1", "A2", "A3"}
    kept = {row["persona"]: row["mean"] for row in profiles if row["trait"] == "revenue_kept"}
    assert min(kept.values()) < 0.85 < 0.9 < max(kept.values())


def test_terms_are_told_of_the_day_that_kinds_are_found_on_and_not_since(
    planted: tuple[Engine, dict[str, int]],
) -> None:
    rows = planted[0].table("account_traits").to_pylist()
    since = [row for row in rows if row["moment"] == "since"]
    assert since
    assert all(row["seats"] is row["seat_price"] is row["tenure"] is None for row in since)
    assert all(row["revenue_kept"] is None for row in rows if row["moment"] != "then")


def test_accounts_that_differ_by_their_terms_alone_get_no_persona(
    planted: tuple[Engine, dict[str, int]],
) -> None:
    """Each does since what somebody else did, and keeps as much revenue as anybody."""
    engine = planted[0]
    rows = engine.table("account_traits").sort_by("customer_id").to_pylist()
    order = np.random.default_rng(2).permutation(sum(r["moment"] == "since" for r in rows))
    since = [row for row in rows if row["moment"] == "since"]
    for row, other in zip(since, [since[at]["customer_id"] for at in order], strict=True):
        row["customer_id"] = other
    for row in rows:
        row["revenue_kept"] = 1.0 if row["moment"] == "then" else None
    mixed = table("account_traits", rows)
    models = persona_model(mixed, engine.table("persona_traits"), run=RUN).to_pylist()
    assert {row["basis"]: row["status"] for row in models}["use"] == "description"


def test_accounts_alike_are_of_one_kind() -> None:
    engine = found(company(3, kinds=KINDS[2:]))
    assert row_of(engine)["status"] != "accepted"
    assert engine.table("personas").num_rows == 0


def test_what_is_told_of_an_account(engine: Any) -> None:
    contract = {"contract_id": "1", "customer_id": "a", "amount": 1200, "currency": "USD"}
    contract |= {"billing_months": 1, "seats": 4, "started_on": date(2025, 1, 1)}
    bare = {**contract, "contract_id": "2", "customer_id": "b", "seats": None}
    gone = {**contract, "contract_id": "3", "customer_id": "c", "ended_on": date(2025, 12, 31)}
    use = [a_day("a", date(2026, 3, 31) - timedelta(days=n), n % 2, n % 2) for n in range(0, 91, 7)]
    use += [a_day("a", date(2025, 1, 5), 2, 0), a_day("z", date(2026, 3, 1), 5, 0)]
    given = {name: table(name, []) for name in ("contract_changes", "events")}
    given |= {
        "contracts": table("contracts", [contract, bare, gone]),
        "use_days": table("use_days", use),
    }
    given["interactions"] = table("interactions", [a_contact("a", date(2026, 3, 30))])
    rows = made("account_traits", given, RUN, engine=engine)
    told = {(row["customer_id"], row["moment"]): row for row in rows}
    assert {("a", "then"), ("a", "since"), ("a", "now"), ("c", "then")} == set(told)
    now = told["a", "now"]
    assert (now["days_used"], now["days_seen"], now["names_known"]) == (13, 91, 3)
    assert (now["breadth"], now["depth"], now["seats_taken"]) == (pytest.approx(2 / 3), 1.0, 0.5)
    assert (now["asking"], now["seats"], now["seat_price"]) == (None, 4.0, 300.0)
    assert (told["a", "then"]["revenue_kept"], told["c", "then"]["revenue_kept"]) == (1.0, 0.0)
    assert told["a", "then"]["active_days"] == 0.0
