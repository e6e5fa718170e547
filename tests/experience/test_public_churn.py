"""Churn on public data: telco as well as the best published; ravenstack has nothing to find."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_sets import data_file, requires_data
from kizuna.experience.calibration import calibration, precision_at
from kizuna.experience.churn import Cases, forecasts, judge
from kizuna.experience.hazard import Hazard, folds

pytestmark = requires_data
NUMBERS = ("tenure", "MonthlyCharges", "TotalCharges", "SeniorCitizen")
HORIZON = 90


def telco() -> tuple[list[str], np.ndarray, np.ndarray]:
    """Facts of 7,043 customers, categories as yes and no, and who left."""
    table = pq.read_table(data_file("telco/telco_customer_churn.parquet"))
    columns = {}
    for name in set(table.column_names) - {"customerID", "Churn"}:
        values = table[name].to_pylist()
        if name in NUMBERS:
            columns[name] = [float(v) if str(v).strip() else np.nan for v in values]
        else:
            kinds = sorted(set(values))[1:]
            columns |= {f"{name}={k}": [float(v == k) for v in values] for k in kinds}
    names = sorted(columns)
    left = np.array([v == "Yes" for v in table["Churn"].to_pylist()])
    return names, np.array([columns[n] for n in names]).T, left


def test_telco_is_ranked_as_well_as_published_and_calibrated() -> None:
    names, facts, left = telco()
    fold, p = folds(np.arange(len(left))), np.zeros(len(left))
    penalty = Hazard.fit(names, facts[fold != 0], left[fold != 0]).penalty
    for k in range(5):
        seen = fold != k
        fit = Hazard.fit(names, facts[seen], left[seen], penalty=penalty)
        p[~seen] = fit.probability(facts[~seen])
    score = calibration(p, left)
    assert score.auc >= 0.845
    assert 0.9 < score.slope < 1.1
    assert score.ece <= 0.02
    assert precision_at(p, left, 500) > 0.75


def days(table: pa.Table, name: str) -> np.ndarray:
    found: np.ndarray = table[name].to_numpy().astype("datetime64[D]").astype(float)
    return found


def ravenstack() -> tuple[Cases, np.ndarray]:
    """Accounts at month ends of 2023 and 2024: use, tickets, seats; and who churned within 90 d."""
    tables = {
        name: pq.read_table(data_file(f"ravenstack/{name}.parquet"))
        for name in ("accounts", "subscriptions", "feature_usage", "support_tickets")
    }
    tables["churn_events"] = pq.read_table(data_file("ravenstack/churn_events.parquet"))
    accounts = tables["accounts"]["account_id"].to_pylist()
    where = {a: k for k, a in enumerate(accounts)}
    ids = (tables["subscriptions"][c].to_pylist() for c in ("subscription_id", "account_id"))
    account_of = dict(zip(*ids, strict=True))
    use_of = [where[account_of[s]] for s in tables["feature_usage"]["subscription_id"].to_pylist()]
    used_on = days(tables["feature_usage"], "usage_date")
    ticket_of = [where[a] for a in tables["support_tickets"]["account_id"].to_pylist()]
    asked_on = days(tables["support_tickets"], "submitted_at")
    end_of = [where[a] for a in tables["churn_events"]["account_id"].to_pylist()]
    ended_on = days(tables["churn_events"], "churn_date")
    start = days(tables["accounts"], "signup_date")
    seats = tables["accounts"]["seats"].to_numpy().astype(float)
    marks = np.arange(np.datetime64("2023-04"), np.datetime64("2024-11")).astype("datetime64[D]")
    rows = []
    for day in marks.astype(float):
        lately = np.bincount(
            np.array(use_of)[(used_on <= day) & (used_on > day - 28)], minlength=500
        )
        asked = np.bincount(
            np.array(ticket_of)[(asked_on <= day) & (asked_on > day - 90)], minlength=500
        )
        soon = (ended_on > day) & (ended_on <= day + HORIZON)
        left = np.bincount(np.array(end_of)[soon], minlength=500) > 0
        there = start <= day
        rows.append(
            np.column_stack(
                [np.arange(500), np.full(500, day), lately, asked, seats, day - start, left]
            )[there]
        )
    table = np.vstack(rows)
    rate = np.full(len(table), table[:, 6].mean())
    cases = Cases(
        ("use_28d", "tickets_90d", "seats"),
        table[:, 2:5],
        rate,
        table[:, 0].astype(int),
        table[:, 6] > 0,
    )
    return cases, table[:, 1]


def test_ravenstack_is_said_to_have_no_signal() -> None:
    cases, day = ravenstack()
    edge = float(np.datetime64("2024-08-01").astype("datetime64[D]").astype(float))
    earlier, later = cases.take(day <= edge - HORIZON), cases.take(day >= edge)
    verdict = judge(forecasts(earlier, later), later.left, earlier.events)
    assert (verdict.used, verdict.reason) == ("rate", "no_signal")
    assert not any(score.has_signal for score in verdict.scores.values())
    assert abs(verdict.scores["learner"].auc - 0.5) < 0.06


def test_the_public_file_is_the_one_that_the_figures_are_of() -> None:
    _names, facts, left = telco()
    assert (len(left), int(left.sum())) == (7_043, 1_869)
    assert pc.sum(pa.array(np.isnan(facts).ravel())).as_py() == 11
