"""Surveys in tables: who was asked, who answered, the score by wave, segment and value."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from tiny_tables import Rows, a_run, made, table

WAVES = {1: date(2026, 1, 10), 2: date(2026, 7, 10)}
FIRST = [10, 9, 9, 9, 7, 3]
SECOND = [10, 6, 5, 4, 8, 2]


def ask(number: int, wave: int, customer: int) -> dict[str, Any]:
    row = {"ask_no": number, "survey_no": 4, "wave_no": wave, "customer_id": f"c{customer}"}
    return row | {"kind": "nps", "asked_on": WAVES[wave], "response_id": f"survey-ask-{number}"}


def response(number: int, wave: int, customer: int, score: int) -> dict[str, Any]:
    when = datetime(2026, WAVES[wave].month, 12, 9)
    row = {"response_id": f"survey-ask-{number}", "customer_id": f"c{customer}"}
    return (
        row
        | {"answered_at": when, "survey": "Half-yearly", "kind": "nps"}
        | {
            "score": float(score),
            "scale_low": 0.0,
            "scale_high": 10.0,
        }
    )


ASKS = [ask(100 * wave + k, wave, k) for wave in WAVES for k in range(10)]
RESPONSES = [
    response(100 * wave + k, wave, k, score)
    for wave, scores in ((1, FIRST), (2, SECOND))
    for k, score in enumerate(scores)
]
VALUED = [
    {"customer_id": f"c{k}", "residual_clv": 1_000.0 - k, "rfm_segment": "champions"}
    for k in range(5)
]


def of(name: str, responses: Rows = RESPONSES, as_of: str = "2026-08-01") -> Rows:
    inputs = {
        "survey_asks": table("survey_asks", ASKS),
        "responses": table("responses", responses),
    }
    run = a_run(as_of)
    valued = table_of_valued()
    return made(name, inputs | {"valued_customers": valued}, run)


def table_of_valued() -> Any:
    import pyarrow as pa

    from kizuna.pipeline.tables import arrow_schema

    schema = arrow_schema("valued_customers")
    blank = {f.name: 0 for f in schema if str(f.type).startswith("int")}
    return pa.Table.from_pylist([blank | row for row in VALUED], schema=schema)


def test_each_wave_has_its_score_its_rate_and_the_change_since() -> None:
    first, second = [row for row in of("survey_scores") if row["cut"] == "all"]
    assert (first["asked"], first["answered"], first["rate"]) == (10, 6, 60.0)
    assert first["score"] == pytest.approx(100 * (4 - 1) / 6)
    assert first["change"] is None
    assert second["score"] == pytest.approx(100 * (1 - 4) / 6)
    assert second["change"] == pytest.approx(second["score"] - first["score"])
    assert second["change_low"] < second["change"] < second["change_high"]


def test_who_did_not_answer_is_seen_by_value_and_segment() -> None:
    found = {(r["cut"], r["part"]): r for r in of("survey_scores") if r["wave_no"] == 1}
    assert [found["value", part]["asked"] for part in ("1", "2", "5")] == [1, 1, 1]
    assert found["value", ""]["answered"] == 1
    assert found["value", ""]["score"] is None, "too few answers"
    assert (found["segment", "champions"]["asked"], found["segment", ""]["asked"]) == (5, 5)


def test_answers_of_the_future_do_not_count() -> None:
    found = [row for row in of("survey_scores", as_of="2026-01-10") if row["cut"] == "all"]
    assert [(row["wave_no"], row["asked"], row["answered"]) for row in found] == [(1, 10, 0)]


def test_an_answer_to_a_survey_that_asked_nobody_changes_nothing() -> None:
    stranger = response(100, 1, 1, 0) | {"response_id": "imported"}
    assert of("survey_scores", [*RESPONSES, stranger]) == of("survey_scores")


def test_choices_are_counted_with_their_intervals() -> None:
    rows = [
        {"ask_no": k, "question_no": 2, "survey_no": 4, "wave_no": 1, "customer_id": f"c{k}"}
        | {"reply": "price" if k < 8 else "service"}
        for k in range(10)
    ]
    price, service = made(
        "survey_choices", {"survey_replies": table("survey_replies", rows)}, a_run()
    )
    assert (price["reply"], price["replies"], price["of_replies"]) == ("price", 8, 10)
    assert price["share"] == 0.8
    assert (price["share_low"], price["share_high"]) == (
        pytest.approx(0.541, abs=1e-3),
        pytest.approx(0.931, abs=1e-3),
    )
    assert service["replies"] == 2
