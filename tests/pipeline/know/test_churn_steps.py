"""Who can leave and who did; forecasts made from earlier days alone; what scores and health say."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.health_tables import GROUPS
from kizuna.pipeline.know.churn_data import Facts, Panel, fact_names
from kizuna.pipeline.run import execute, execute_for, select
from kizuna.pipeline.steps import replaced, table_step
from kizuna.pipeline.tables import arrow_schema
from tiny_tables import STEPS, Rows, a_run, made, table, transactions

TODAY = date(2024, 12, 31)
HORIZONS = pa.Table.from_pylist(
    [{"kind": "contract", "horizon_days": 90}, {"kind": "purchase", "horizon_days": 180}],
    schema=arrow_schema("churn_terms"),
)


def contract(number: str, customer: str, start: str, end: str | None = None, **more: Any) -> Any:
    days = {"started_on": date.fromisoformat(start), "ended_on": end and date.fromisoformat(end)}
    plain = {"contract_id": number, "customer_id": customer, "currency": "USD"}
    return plain | days | {"amount": 1000, "billing_months": 1} | more


def spells(engine: Any, *contracts: Any) -> list[tuple[Any, ...]]:
    inputs = {"contracts": table("contracts", list(contracts)), "transactions": transactions()}
    rows = made("contract_spells", inputs, a_run(), engine=engine)
    return [
        (r["customer_id"], f"{r['started_on']}", str(r["ended_on"]), str(r["notice_on"]))
        for r in rows
    ]


def panel(engine: Any, orders: pa.Table, contracts: list[Any], *days: str) -> Rows:
    inputs = {
        "transactions": orders,
        "contracts": table("contracts", contracts),
        "churn_terms": HORIZONS,
    }
    run = a_run(fact_days=tuple(date.fromisoformat(day) for day in days))
    return made("churn_panel", inputs, run, engine=engine)


def test_a_stretch_ends_when_no_contract_runs_any_more(engine: Any) -> None:
    assert spells(
        engine,
        contract("1", "a", "2024-01-01", "2024-03-31", cancelled_on=date(2024, 2, 1)),
        contract("2", "a", "2024-02-15", "2024-05-31"),
        contract("3", "a", "2024-06-01", "2024-06-30", cancelled_on=date(2024, 6, 10)),
        contract("4", "a", "2024-09-01"),
        contract("5", "b", "2024-01-01"),
    ) == [
        ("a", "2024-01-01", "2024-07-01", "2024-06-10"),
        ("a", "2024-09-01", "None", "None"),
        ("b", "2024-01-01", "None", "None"),
    ]


def test_leaving_is_known_once_the_horizon_is_over(engine: Any) -> None:
    contracts = [
        contract("1", "a", "2024-01-01", "2024-06-14", cancelled_on=date(2024, 5, 20)),
        contract("2", "b", "2024-01-01"),
    ]
    days = ("2024-02-29", "2024-03-31", "2024-05-31", "2024-10-31", "2024-12-31")
    rows = panel(engine, transactions(), contracts, *days)
    told = [(r["customer_id"], str(r["day"])[5:7], r["has_notice"], r["has_left"]) for r in rows]
    assert told == [
        ("a", "02", False, False),
        ("a", "03", False, True),
        ("a", "05", True, True),
        *(("b", month, False, False) for month in ("02", "03", "05")),
        ("b", "10", False, None),
        ("b", "12", False, None),
    ]


def test_who_buys_without_a_contract_leaves_by_not_buying(engine: Any) -> None:
    orders = transactions(
        ("a", "2024-01-10", 5),
        ("a", "2024-02-10", 5),
        ("a", "2024-08-01", 5),
        ("z", "2024-12-31", 5),
    )
    rows = [
        r for r in panel(engine, orders, [], "2024-01-31", "2024-02-29") if r["customer_id"] == "a"
    ]
    told = [(r["frequency"], r["recency_days"], r["age_days"], r["has_left"]) for r in rows]
    assert told == [(0, 0, 21, False), (1, 31, 50, False)]
    late = panel(engine, orders, [], "2024-02-01", "2024-12-31")
    assert [(r["customer_id"], r["has_left"]) for r in late] == [
        ("a", False),
        ("a", None),
        ("z", None),
    ]


def test_a_customer_with_a_contract_is_no_buyer_at_the_same_time() -> None:
    orders = transactions(("a", "2024-01-10", 5), ("b", "2024-01-10", 5))
    rows = panel(
        None, orders, [contract("1", "a", "2024-02-01", "2024-04-30")], "2024-03-31", "2024-12-31"
    )
    assert [(r["customer_id"], r["kind"]) for r in rows] == [
        ("a", "contract"),
        ("a", "purchase"),
        ("b", "purchase"),
        ("b", "purchase"),
    ]


def test_a_purchase_beyond_what_is_observed_is_not_known_of() -> None:
    orders = transactions(("a", "2024-01-10", 5), ("a", "2025-02-01", 5))
    [row] = panel(None, orders, [], "2024-12-31")
    assert (row["frequency"], row["has_left"]) == (0, None)


def test_no_outcome_learnt_from_reaches_into_the_days_kept_back() -> None:
    days = [TODAY - timedelta(days=30 * k) for k in range(14)]
    rows = [
        {"customer_id": "a", "day": day, "kind": "contract", "horizon_days": 90, "tenure_days": 9}
        | {"has_notice": False, "has_left": False}
        for day in days
    ]
    earlier, later = Panel.of(table("churn_panel", rows), "contract").split()
    assert len(earlier)
    assert len(later) == 4
    assert earlier.day.max() + 90 <= later.day.min()


def test_a_fact_that_began_to_be_recorded_since_is_not_learnt_from() -> None:
    days = [date(2024, 6, 30), date(2024, 12, 31)]
    names = [f"c{k}" for k in range(10)]
    panel = [
        {"customer_id": who, "day": day, "kind": "contract", "horizon_days": 90, "tenure_days": 9}
        | {"has_notice": False, "has_left": False if day == days[0] else None}
        for who in names
        for day in days
    ]
    facts = [
        {"customer_id": who, "day": day, "mrr": 100, "nps": 9.0}
        | {"active_days_28d": 3 if k == 0 or day == days[1] else None}
        for k, who in enumerate(names)
        for day in days
    ]
    churn_panel, fact_panel = table("churn_panel", panel), table("fact_panel", facts)
    whole = Panel.of(churn_panel, "contract")
    learnt, told = whole.take(whole.day < whole.day.max()), whole.take(whole.day == whole.day.max())
    found = Facts.of(churn_panel, fact_panel).learnable(learnt, told)
    known = {name for name, column in zip(fact_names(), found.T, strict=True) if column[0] > 0}
    assert known == {"mrr", "nps"}
    assert np.isfinite(Facts.of(churn_panel, fact_panel).matrix(learnt)).sum() == 21


LEAVER = 0.25


def company(customers: int = 400, seed: int = 4) -> dict[str, pa.Table]:
    """Contracts that end more often while a customer's payments fail; nothing else matters."""
    rng = np.random.default_rng(seed)
    contracts, events = [], []
    for k in range(customers):
        start = date(2022, 6, 1) + timedelta(days=int(rng.integers(0, 850)))
        troubled, day, end = rng.random() < LEAVER, start, None
        while (day := day + timedelta(days=30)) < TODAY:
            if troubled:
                events.append(
                    {"event_id": f"{k}-{day}", "customer_id": f"c{k:04}", "name": "Payment Failed"}
                    | {"happened_at": np.datetime64(day, "us").astype(object)}
                )
            if rng.random() < (0.12 if troubled else 0.012):
                end = f"{day}"
                break
        contracts.append(contract(f"{k}", f"c{k:04}", f"{start}", end))
    return {
        "contracts": table("contracts", contracts),
        "events": table("events", events),
        "transactions": transactions(),
        "clv_model": arrow_schema("clv_model").empty_table(),
    }


MONTHS = tuple(
    date(2023, 1, 31 if m == 0 else 28) if m < 2 else date(2023 + m // 12, m % 12 + 1, 28)
    for m in range(24)
)
RUN = a_run(fact_days=(*MONTHS[8:-1], TODAY))
TARGETS = (
    "churn_scores",
    "churn_drivers",
    "churn_reliability",
    "health_scores",
    "health_report",
    "health_by_band",
    "health_moves",
)


def computed(inputs: dict[str, pa.Table]) -> Engine:
    engine = Engine(threads=2)
    for name, data in inputs.items():
        engine.register(name, data)
    execute(select(STEPS, *TARGETS, given=inputs), engine, RUN)
    return engine


@pytest.fixture(scope="module")
def known() -> Engine:
    return computed(company())


def bound_company() -> dict[str, pa.Table]:
    """Beside the company, contracts of a year: whose payments fail, seldom renew."""
    inputs, rng = company(400), np.random.default_rng(2)
    contracts, events = [], []
    for k in range(240):
        start, who = date(2022 + k % 2, k % 12 + 1, 2), f"y{k:03}"
        months = [start + timedelta(days=30 * m) for m in range(24) if k % 3 == 0]
        events += [
            {"event_id": f"{who}-{day}", "customer_id": who, "name": "Payment Failed"}
            | {"happened_at": np.datetime64(day, "us").astype(object)}
            for day in months
        ]
        end, gone = start.replace(year=start.year + 1) - timedelta(days=1), None
        if end < TODAY and rng.random() < (0.7 if k % 3 == 0 else 0.05):
            gone = f"{end}"
        told = {"cancelled_on": end - timedelta(days=35)} if gone else {}
        yearly = {"term_months": 12, "auto_renew": True, "notice_days": 30}
        contracts.append(contract(who, who, f"{start}", gone, **yearly | told))
    for name, found in (("contracts", contracts), ("events", events)):
        inputs[name] = pa.concat_tables([inputs[name], table(name, found)])
    return inputs


def names_of(found: Rows) -> set[str]:
    return {row["customer_id"] for row in found}


def test_who_is_bound_is_not_said_to_leave_and_health_speaks_of_the_renewal() -> None:
    engine = computed(bound_company())
    churn = {r["customer_id"]: r for r in rows(engine, "churn_scores")}
    found = [r for r in rows(engine, "health_scores") if r["health_basis"] == "renewal"]
    assert len(found) > 40
    assert {r["customer_id"][0] for r in found} == {"y"}
    for row in found:
        held = churn[row["customer_id"]]
        assert held["churn_probability"] < 0.03
        assert row["health_low"] < row["health"] < row["health_high"]
        assert row["health_days"] >= 90
        points = sum(row[f"health_{group}"] for group in GROUPS)
        assert row["health_usual"] + points == pytest.approx(row["health"])
    health = {int(r["customer_id"][1:]): r["health"] for r in found}
    troubled = [value for k, value in health.items() if k % 3 == 0]
    calm = [value for k, value in health.items() if k % 3]
    assert max(troubled) < min(calm)
    assert np.mean(calm) > 85
    [tested] = [r for r in rows(engine, "health_report") if r["score"] == "renewal"]
    assert tested["auc"] > 0.8
    assert {r["health_basis"] for r in rows(engine, "health_scores")} == {"horizon", "renewal"}
    told = {r["fact"] for r in rows(engine, "churn_drivers") if r["customer_id"] in names_of(found)}
    assert "failed_payments_90d" in told
    assert "days_bound" not in told


def rows(engine: Engine, name: str) -> Rows:
    found: Rows = engine.table(
        name, order_by=["customer_id"] if "scores" in name else []
    ).to_pylist()
    return found


def test_a_learner_that_sees_the_cause_is_used_and_says_how_good_it_is(known: Engine) -> None:
    report = {row["model"]: row for row in rows(known, "churn_report")}
    learner = report["learner"]
    assert learner["used"]
    assert learner["reason"] == "better"
    assert learner["auc"] > report["baseline"]["auc"] + 0.05
    assert learner["lead_days"] > 0
    assert learner["precision"] > 2 * learner["tested_events"] / learner["tested"]


def test_scores_are_probabilities_in_their_intervals(known: Engine) -> None:
    for row in rows(known, "churn_scores"):
        assert 0 <= row["churn_low"] <= row["churn_probability"] <= row["churn_high"] <= 1
        assert (row["churn_kind"], row["churn_horizon_days"]) == ("contract", 90)


def test_the_cause_is_named_first(known: Engine) -> None:
    worst = max(rows(known, "churn_scores"), key=lambda row: row["churn_probability"])[
        "customer_id"
    ]
    drivers = [r for r in rows(known, "churn_drivers") if r["customer_id"] == worst]
    assert min(drivers, key=lambda r: r["rank"])["fact"] == "failed_payments_90d"
    assert min(drivers, key=lambda r: r["rank"])["effect"] > 0


def test_health_is_the_probability_of_staying_and_its_points_add_up(known: Engine) -> None:
    left = {r["customer_id"]: r["churn_probability"] for r in rows(known, "churn_scores")}
    for row in rows(known, "health_scores"):
        assert row["health"] == pytest.approx(100 * (1 - left[row["customer_id"]]))
        assert (row["health_basis"], row["health_days"], row["health_low"]) == ("horizon", 90, None)
        points = sum(row[f"health_{group}"] for group in GROUPS)
        assert row["health_usual"] + points == pytest.approx(row["health"])


def test_fewer_leave_of_the_healthy(known: Engine) -> None:
    rate = {r["band"]: r["rate"] for r in rows(known, "health_by_band") if r["score"] == "learned"}
    assert rate["healthy"] < min(r for band, r in rate.items() if band != "healthy")
    report = {r["score"]: r for r in rows(known, "health_report")}
    assert report["learned"]["brier"] < report["learned"]["brier_of_rate"]
    assert "scorecard" in report


def test_some_customers_alone_score_as_among_all(known: Engine) -> None:
    few = ["c0003", "c0010"]
    steps = select(STEPS, *TARGETS, given=company(1))
    fresh = execute_for(few, steps, known, RUN)
    for name in ("churn_scores", "health_scores"):
        whole = [row for row in rows(known, name) if row["customer_id"] in few]
        for mine, its in zip(fresh[name].to_pylist(), whole, strict=True):
            assert mine == pytest.approx(its)


def test_who_has_given_notice_is_not_forecast() -> None:
    inputs = company(40)
    last = table(
        "contracts", [contract("n", "gone", "2024-01-01", "2025-01-31", cancelled_on=TODAY)]
    )
    inputs["contracts"] = pa.concat_tables([inputs["contracts"], last])
    engine = computed(inputs)
    found = {r["customer_id"]: r for r in rows(engine, "churn_scores")}
    assert (found["gone"]["churn_probability"], found["gone"]["churn_model"]) == (1.0, "notice")
    health = {r["customer_id"]: r for r in rows(engine, "health_scores")}
    assert health["gone"]["health"] == 0.0


def test_past_days_are_scored_by_the_model_of_now_and_points_add_up(known: Engine) -> None:
    past = known.table("health_trail").to_pylist()
    assert {row["day"] for row in past} == set(RUN.fact_days) - {TODAY}
    usual = rows(known, "health_scores")[0]["health_usual"]
    for row in past:
        points = sum(row[f"health_{group}"] for group in GROUPS)
        assert usual + points == pytest.approx(row["health"], abs=1e-6)
    moved = known.table("health_moves").to_pylist()
    assert {row["compared"] for row in moved} == {"computed"}
    assert all(row["before_on"] == MONTHS[22] for row in moved if row["change"])


def test_with_few_customers_the_report_says_what_is_missing() -> None:
    [row] = made("churn_report", company(40), RUN)
    assert (row["model"], row["reason"], row["used"]) == ("baseline", "untested", True)
    assert row["events"] < row["needed"]
    assert row["auc"] is None


def test_without_anybody_every_table_is_empty() -> None:
    none = {"transactions": transactions(), "clv_model": arrow_schema("clv_model").empty_table()}
    for name in ("health_scores", "health_by_band", "churn_drivers", "churn_reliability"):
        assert made(name, none, RUN) == []


def test_bands_and_scorecard_can_be_ones_own() -> None:
    own = pa.Table.from_pylist(
        [
            {"kind": "contract", "band": b, "from_health": f}
            for b, f in (("critical", 0.0), ("watch", 99.0), ("healthy", 99.9))
        ],
        schema=arrow_schema("health_bands"),
    )
    steps = replaced(STEPS, table_step("health_bands", own))
    found = made("health_scores", company(40), RUN, steps=steps)
    assert {row["health_band"] for row in found} <= {"critical", "watch"}
