"""Weights of effort: from answers where there are enough, documented ones where not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from kizuna.experience.effort import DRIVERS
from tiny_tables import a_run, made, table

type Row = dict[str, Any]
START = datetime(2026, 1, 1)
SCALES = {"ces": (1, 7), "ces1": (1, 5)}


def issues(n: int, seed: int = 1) -> tuple[pa.Table, np.ndarray]:
    """Issues of as many customers, and how hard each truly was."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(0.6, (n, len(DRIVERS)))
    odds = -1.5 + counts @ np.array([1.4, 0.2, 1.0, 0.3, 0.9, 0.1])
    hard = rng.random(n) < 1 / (1 + np.exp(-odds))
    usual = {"channel": "mail", "started_at": START, "last_at": START, "status": "resolved"}
    usual |= {"contacts": 1, "contacts_in": 1, "reopenings": 0, "never_closed": False}
    rows = [
        usual
        | {"customer_id": f"c{k}", "issue_id": f"K{k}"}
        | dict(zip(DRIVERS, counts[k].tolist(), strict=True))
        for k in range(n)
    ]
    return table("issues", rows), hard


def answer(k: int, hard: bool, **other: Any) -> Row:
    row = {"response_id": f"R{k}", "customer_id": f"c{k}", "kind": "ces", "case_id": f"K{k}"}
    row |= {"answered_at": START + timedelta(hours=1), "score": 2.0 if hard else 6.0}
    return row | {"scale_low": 1.0, "scale_high": 7.0} | other


def report(n: int, **changes: Any) -> Row:
    known, hard = issues(n)
    rows = [answer(k, bool(hard[k]), **changes) for k in range(n)]
    given = {"issues": known, "responses": table("responses", rows)}
    (row,) = made("effort_report", given, a_run("2026-03-31"))
    return row


def test_with_enough_answers_the_weights_are_fitted_and_held_out_figures_told() -> None:
    found = report(400)
    assert (found["source"], found["reason"], found["answers"]) == ("answers", "", 400)
    assert found["auc_low"] < found["auc"] < found["auc_high"]
    assert found["auc"] > 0.7
    assert 0.8 < found["slope"] < 1.3
    assert found["calibration_error"] < 0.08


def test_with_few_answers_it_is_an_index_and_says_how_many_it_needs() -> None:
    found = report(60)
    assert (found["source"], found["reason"], found["needed"]) == ("index", "few", 100)


def test_a_scale_entered_upside_down_is_named_and_never_fitted() -> None:
    known, hard = issues(400)
    rows = [answer(k, not hard[k]) for k in range(400)]
    (found,) = made(
        "effort_report",
        {"issues": known, "responses": table("responses", rows)},
        a_run("2026-03-31"),
    )
    assert (found["source"], found["upside_down"]) == ("index", True)


def test_what_cannot_be_used_is_counted() -> None:
    known, _ = issues(3)
    rows = [
        answer(0, True),
        answer(1, True, case_id="nobody's"),
        answer(2, True, scale_low=7.0, scale_high=1.0),
    ]
    (found,) = made(
        "effort_report",
        {"issues": known, "responses": table("responses", rows)},
        a_run("2026-03-31"),
    )
    assert (found["answers"], found["unmatched"], found["bad_scale"]) == (1, 1, 1)


@pytest.mark.parametrize(("kind", "score"), [("ces", 2.0), ("ces1", 4.0)])
def test_the_two_questions_have_opposite_directions(kind: str, score: float) -> None:
    low, high = SCALES[kind]
    found = report(3, kind=kind, score=score, scale_low=float(low), scale_high=float(high))
    assert found["hard_answers"] == 3


def test_an_answer_without_a_case_is_about_the_latest_contact_of_a_week() -> None:
    assert report(5, case_id=None)["answers"] == 5
    assert report(5, case_id=None, answered_at=START + timedelta(days=8))["unmatched"] == 5
