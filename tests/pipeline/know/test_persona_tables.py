"""Personas: traits as of two moments; planted kinds are found in a shop; chance is not accepted."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from kizuna.experience.personas import DISSOLVED, Personas, adjusted_rand
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.know.persona_kinds import persona_kinds
from kizuna.pipeline.know.persona_model import differs, of_moment, persona_model
from kizuna.pipeline.run import execute
from kizuna.pipeline.steps import select
from tiny_tables import STEPS, Rows, a_run, made, table, transactions

RUN = a_run("2024-12-31")
OTHERS = ("interactions", "events", "contracts", "contract_changes", "customers")
NOBODY = table("account_traits", [])
TARGETS = ("personas", "persona_profiles")


def a_contact(day: datetime, **said: Any) -> dict[str, Any]:
    known = {"interaction_id": str(day), "customer_id": "a", "channel": "mail", "direction": "in"}
    return {**known, "happened_at": day, **said}


def traits(engine: Any, **given: pa.Table) -> dict[tuple[str, str], dict[str, Any]]:
    inputs = {name: table(name, []) for name in ("interactions", "events")} | given
    rows = made("persona_traits", inputs, RUN, engine=engine)
    return {(row["customer_id"], row["moment"]): row for row in rows}


def test_traits_of_a_moment_read_nothing_later(engine: Any) -> None:
    log = transactions(
        ("a", "2023-07-03", 100),
        ("a", "2024-05-04", 300),
        ("a", "2024-12-01", 500),
        ("a", "2024-12-03", -500),
        ("b", "2024-12-07", 5),
    )
    rows = traits(engine, transactions=log)
    assert {("a", "now"), ("a", "then"), ("a", "since"), ("b", "now"), ("b", "since")} == set(rows)
    then, since = rows["a", "then"], rows["a", "since"]
    assert (then["mean_purchase"], then["gift_season"], then["weekend"]) == (200.0, 0.5, 0.5)
    assert (then["later_value"], then["days_between"], then["sent_back"]) == (500.0, 306.0, 0.0)
    assert (then["purchases"], then["asked_of"], then["asked"], then["visits"]) == (
        2,
        0,
        None,
        None,
    )
    assert (since["purchases"], since["sent_back"], since["days_between"]) == (1, 1.0, None)
    assert rows["a", "now"]["sent_back"] == pytest.approx(1 / 3)


def test_a_question_within_a_week_is_about_a_purchase(engine: Any) -> None:
    contacts = [
        a_contact(datetime(2023, 1, 1), customer_id="z"),
        a_contact(datetime(2024, 3, 8)),
        a_contact(datetime(2024, 3, 9)),
        a_contact(datetime(2024, 6, 2), direction="out"),
    ]
    log = transactions(("a", "2022-02-01", 1), ("a", "2024-03-01", 1), ("a", "2024-06-01", 1))
    row = traits(engine, transactions=log, interactions=table("interactions", contacts))[
        "a", "then"
    ]
    assert (row["purchases"], row["asked_of"], row["asked"]) == (3, 2, 0.5)


def test_nothing_recorded_is_not_nothing_done_and_a_payment_is_no_visit(engine: Any) -> None:
    day = {"happened_at": datetime(2024, 1, 1)}
    events = [
        {"event_id": "1", "customer_id": "z", "name": "x"} | day,
        {"event_id": "2", "customer_id": "a", "name": "Payment Failed"}
        | {"happened_at": datetime(2024, 12, 1)},
    ]
    log = transactions(("a", "2024-01-02", 1))
    row = traits(engine, transactions=log, events=table("events", events))["a", "now"]
    assert (row["visits"], row["asked"]) == (0.0, None)


def shop(different: bool) -> tuple[pa.Table, dict[str, int]]:
    """Draw two kinds: dear gifts in season, and a little every other week."""
    rng, start = np.random.default_rng(4), date(2022, 1, 1)
    orders, kinds = [], {}
    for number in range(300):
        customer, kind = f"c{number:03d}", number % 2 if different else 0
        kinds[customer] = kind
        month_days = [
            date(y, m, int(rng.integers(1, 28))) for y in (2022, 2023, 2024) for m in (5, 12)
        ]
        often = [start + timedelta(days=int(d)) for d in rng.uniform(0, 1090, 60)]
        for day in month_days if kind else often:
            amount = int(np.exp(rng.normal(9.5 if kind else 6.0, 0.4)))
            orders.append((customer, day.isoformat(), amount))
    return transactions_of(orders), kinds


def transactions_of(orders: list[tuple[str, str, int]]) -> pa.Table:
    rows: Rows = [
        {"customer_id": customer, "order_id": str(k), "ordered_on": date.fromisoformat(day)}
        | {"amount": amount, "currency": "USD", "purchased_on": date.fromisoformat(day)}
        for k, (customer, day, amount) in enumerate(orders)
    ]
    return table("transactions", rows)


def found(log: pa.Table) -> Engine:
    engine = Engine(threads=2)
    for name, data in {"transactions": log, **dict.fromkeys(OTHERS)}.items():
        engine.register(name, table(name, []) if data is None else data)
    execute(select(STEPS, *TARGETS), engine, RUN)
    return engine


def model_of_buyers(engine: Engine) -> dict[str, Any]:
    """Give the model of those who buy; there are no accounts."""
    buyers, accounts = engine.table("persona_model").to_pylist()
    assert (accounts["status"], accounts["needed"]) == ("too_few", 100)
    found: dict[str, Any] = buyers
    return found


@pytest.fixture(scope="module")
def planted() -> tuple[Engine, dict[str, int]]:
    log, kinds = shop(different=True)
    return found(log), kinds


def test_planted_personas_are_recovered_and_accepted(
    planted: tuple[Engine, dict[str, int]],
) -> None:
    engine, kinds = planted
    model = model_of_buyers(engine)
    assert (model["status"], model["kinds"]) == ("accepted", 2)
    assert model["stability"] > 0.95
    rows = engine.table("personas").to_pylist()
    own = np.array([int(row["persona"]) - 1 for row in rows])
    truth = np.array([kinds[row["customer_id"]] for row in rows])
    assert adjusted_rand(own, truth) > 0.95
    profiles = {(r["persona"], r["trait"]): r for r in engine.table("persona_profiles").to_pylist()}
    seasons = [profiles[kind, "gift_season"]["mean"] for kind in ("1", "2")]
    assert max(seasons) == 1.0


def known_from(engine: Engine, *named: str, **other: Any) -> Rows:
    """Know the personas of a run as the application does."""
    model = model_of_buyers(engine)
    told = {name: model[name] for name in ("traits", "parameters")} | other
    return [
        {**told, "persona": r["persona"], "basis": r["basis"], "kind": r["kind"]}
        | {"is_named": r["persona"] in named}
        for r in engine.table("persona_kinds").to_pylist()
    ]


def kinds_of(engine: Engine, known: Rows) -> dict[str, dict[str, Any]]:
    """Say which kind of the run is which of those known."""
    tables = [engine.table(name) for name in ("persona_model", "persona_traits")]
    rows = persona_kinds(NOBODY, table("known_personas", known), *tables, run=RUN).to_pylist()
    return {row["persona"]: row for row in rows}


def turned(known: Rows) -> Rows:
    """Exchange the keys of two kinds, as if sizes had changed places."""
    return [{**row, "persona": {"1": "2", "2": "1"}[row["persona"]]} for row in known]


def test_a_persona_keeps_its_key_though_kinds_change_places(
    planted: tuple[Engine, dict[str, int]],
) -> None:
    known = turned(known_from(planted[0], "1"))
    rows = kinds_of(planted[0], known)
    assert {key: (row["status"], row["kind"], row["overlap"]) for key, row in rows.items()} == {
        "1": ("same", 1, 1.0),
        "2": ("same", 0, 1.0),
    }
    by_number = kinds_of(planted[0], [])
    assert [by_number[key]["kind"] for key in ("1", "2")] == [0, 1], "the twin: none is known"


def test_a_named_persona_whose_customers_are_of_no_kind_retires_and_keeps_its_key(
    planted: tuple[Engine, dict[str, int]],
) -> None:
    """The model of the day of the name parted customers by what tells nothing of today's kinds."""
    one, other = known_from(planted[0], "1")
    parted = Personas(
        *(np.array(x) for x in ([0.5, 0.5], [[0.02], [0.3]], [[1.0], [1.0]], [0.0], [1.0], [True]))
    )
    odd = {**one, "traits": "weekend", "parameters": parted.to_json()}
    rows = kinds_of(planted[0], [odd, other])
    assert (rows["1"]["status"], rows["1"]["kind"]) == ("retired", None)
    assert 0 < rows["1"]["overlap"] <= DISSOLVED
    assert rows["1"]["nearest"] in ("2", "3")
    assert (rows["2"]["status"], rows["3"]["status"]) == ("same", "new")
    assert rows["2"]["kind"] != rows["3"]["kind"]


def test_who_has_a_name_is_matched_before_who_has_none(
    planted: tuple[Engine, dict[str, int]],
) -> None:
    one, other = known_from(planted[0], "1")
    rows = kinds_of(planted[0], [{**one, "persona": "9", "is_named": False}, one, other])
    assert (rows["1"]["status"], rows["9"]["status"]) == ("same", "retired")
    bare = {name: one[name] for name in ("basis", "is_named")} | {"persona": "7"}
    rows = kinds_of(planted[0], [bare])
    assert {"8", "9"} == {key for key, row in rows.items() if row["kind"] is not None}


def test_kinds_of_whom_the_half_year_since_tells_nothing_are_a_description(
    planted: tuple[Engine, dict[str, int]],
) -> None:
    """Each did and bought since what somebody else did."""
    rows = planted[0].table("persona_traits").sort_by("customer_id")
    then, since = (of_moment(rows, moment) for moment in ("then", "since"))
    order = np.random.default_rng(3)
    for table_, name in ((then, "later_value"), (since, "customer_id")):
        at = table_.schema.get_field_index(name)
        mixed = table_[name].take(order.permutation(table_.num_rows))
        changed = table_.set_column(at, table_.schema.field(at), mixed)
        then, since = (changed, since) if name == "later_value" else (then, changed)
    [row] = persona_model(NOBODY, pa.concat_tables([then, since]), run=RUN).to_pylist()[:1]
    assert (row["status"], row["kinds"]) == ("description", 2)
    assert row["stability"] > 0.95
    assert row["kept"] == pytest.approx(row["kept_by_chance"], abs=0.1)


def test_kinds_that_tell_behaviour_alone_are_accepted_too(
    planted: tuple[Engine, dict[str, int]],
) -> None:
    rows = planted[0].table("persona_traits")
    at = rows.schema.get_field_index("later_value")
    alike = rows.set_column(at, rows.schema.field(at), pa.array([1.0] * rows.num_rows))
    [row] = persona_model(NOBODY, alike, run=RUN).to_pylist()[:1]
    assert (row["status"], row["p_value"]) == ("accepted", 1.0)
    assert row["kept"] > 0.9 > row["kept_by_chance"]


def test_customers_alike_get_no_persona() -> None:
    engine = found(shop(different=False)[0])
    assert model_of_buyers(engine)["status"] != "accepted"
    assert engine.table("personas").num_rows == 0


def test_too_few_customers_say_how_many_are_missing() -> None:
    engine = found(transactions(("a", "2022-01-01", 1), ("b", "2022-01-01", 2)))
    model = model_of_buyers(engine)
    assert (model["status"], model["customers"], model["needed"]) == ("too_few", 2, 198)
    assert engine.table("persona_profiles").num_rows == 0


def test_kinds_that_buy_alike_do_not_differ() -> None:
    kinds = np.arange(100) % 2
    assert differs(kinds, np.ones(100)) == (1.0, 0.0)
    p_value, effect = differs(kinds, kinds * 5.0)
    assert p_value < 0.001
    assert effect > 0.9
