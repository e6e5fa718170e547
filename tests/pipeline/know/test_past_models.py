"""Models of past days know nothing of what came later; what today's model has seen is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from kizuna.jobs.facts import month_ends
from kizuna.pipeline.know.churn_model import churn_model
from kizuna.pipeline.know.health_bands import health_bands
from kizuna.pipeline.know.past_models import Basis, Learnt, past_scores
from kizuna.pipeline.know.scorecards import scorecards
from kizuna.pipeline.parameters import Run
from tiny_tables import table

LAST, HORIZON, CUSTOMERS = date(2026, 3, 31), 90, 150
RUN = Run(as_of=LAST)
FIRST_WEEK = LAST - timedelta(days=7 * 15)
WEEKS = [FIRST_WEEK + timedelta(days=7 * n) for n in range(16)]
REPORT = {"kind": "contract", "model": "learner", "horizon_days": HORIZON, "used": True}
REPORT |= {"reason": "better", "events": 99, "needed": 30, "off": 0.0}


def panel(days: list[date], *, turned_on: date) -> tuple[pa.Table, pa.Table]:
    """Who does not use it leaves; from a day on, who uses it a lot does instead."""
    rng = np.random.default_rng(3)
    rows: list[dict[str, Any]] = []
    facts: list[dict[str, Any]] = []
    for k in range(CUSTOMERS):
        for day in days:
            idle = int(rng.integers(0, 60))
            leaves = rng.random() < (0.6 if (idle > 40) != (day >= turned_on) else 0.05)
            key = {"customer_id": f"c{k:03}", "day": day}
            known = (LAST - day).days >= HORIZON
            row = key | {"kind": "contract", "horizon_days": HORIZON, "tenure_days": 400}
            left = bool(leaves) if known else None
            rows.append(row | {"has_notice": False, "has_left": left})
            facts.append(key | {"days_since_use": idle})
    return table("churn_panel", rows), table("fact_panel", facts)


@pytest.fixture(scope="module")
def learnt() -> Learnt:
    """What has come out by today: of late the opposite of what had held before."""
    months, facts = panel([*month_ends(date(2024, 3, 1), LAST)], turned_on=date(2025, 6, 1))
    spells = [
        {"customer_id": f"c{k:03}", "started_on": date(2024, 1, 1)}
        | ({"ended_on": date(2025, 1, 1), "notice_on": date(2025, 1, 1)} if k % 3 else {})
        for k in range(CUSTOMERS)
    ]
    given = (months, facts, table("contract_spells", spells), table("clv_model", []))
    report = table("churn_report", [REPORT])
    bands, cards = table("own_health_bands", []), table("own_scorecards", [])
    return Learnt(
        *given,
        report,
        churn_model(*given, report, run=RUN),
        health_bands(bands, run=RUN),
        scorecards(cards, run=RUN),
    )


def told(learnt: Learnt) -> tuple[dict[tuple[str, date], float], list[Basis]]:
    found, basis = past_scores(*panel(WEEKS, turned_on=date(2025, 6, 1)), learnt, run=RUN)
    rows = found.to_pylist()
    return {(row["customer_id"], row["day"]): row["health"] for row in rows}, basis


def come_out_by(learnt: Learnt, day: date) -> Learnt:
    """What had come out by a day: what became of later days is not known yet."""
    rows = learnt.churn_panel.to_pylist()
    known = timedelta(days=HORIZON)
    rows = [r | ({} if r["day"] + known <= day else {"has_left": None}) for r in rows]
    return replace(learnt, churn_panel=table("churn_panel", rows))


def test_what_comes_out_later_changes_nothing_of_what_was_told(learnt: Learnt) -> None:
    cut = WEEKS[8]
    now, basis = told(learnt)
    then, _basis = told(come_out_by(learnt, cut))
    assert basis == [Basis("contract", FIRST_WEEK)]
    before = [key for key in now if key[1] < WEEKS[12]]
    assert max(abs(now[key] - then[key]) for key in before) == 0.0
    assert max(abs(now[key] - then[key]) for key in now) > 1.0  # the last weeks did learn


def test_the_model_of_today_would_have_known_better_and_is_named(learnt: Learnt) -> None:
    few = learnt.churn_panel.slice(0, 60)  # of too few customers to learn from then
    now, basis = told(replace(learnt, churn_panel=few))
    then, _basis = told(learnt)
    assert basis == [Basis("contract", None)]
    first = [key for key in now if key[1] < WEEKS[4]]
    assert max(abs(now[key] - then[key]) for key in first) > 5.0


def test_days_before_the_first_that_can_be_learnt_from_are_told_by_it(learnt: Learnt) -> None:
    rows = [r for r in learnt.churn_panel.to_pylist() if r["day"] > WEEKS[2] - timedelta(HORIZON)]
    found, basis = told(replace(learnt, churn_panel=table("churn_panel", rows)))
    assert basis[0].learnt_by is not None
    assert basis[0].learnt_by > FIRST_WEEK
    assert {day for _customer, day in found} == set(WEEKS)
