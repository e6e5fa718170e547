"""Renewals: the days of the ladder, by when to speak, the forecast, and who foretold well."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kizuna.jobs import renewals
from kizuna.jobs.renewals import Foretold, Word, book, forecast, on_ladder, record, say_by
from kizuna.pipeline.business_days import between
from kizuna.pipeline.store import Store
from tiny_tables import table

CLOSED = {
    day
    for k in range(-400, 400)
    if (day := date(2026, 5, 1) + timedelta(days=k)).weekday() >= 5
    or (day.month, day.day) in {(4, 29), (5, 4), (5, 5), (5, 6), (12, 29), (12, 30), (12, 31)}
}
DEADLINE = date(2026, 6, 30)


def asked(said_on: date | None, seen_on: date = date(2026, 1, 5)) -> date | None:
    return say_by(DEADLINE, (60, 30, 10), said_on=said_on, seen_on=seen_on, closed=CLOSED)


def test_rungs_are_counted_back_in_business_days_over_the_golden_week() -> None:
    assert on_ladder(date(2026, 5, 8), 3, CLOSED) == date(2026, 4, 30)
    assert on_ladder(date(2026, 5, 5), 0, CLOSED) == date(2026, 5, 1)


@given(st.integers(0, 120), st.dates(date(2026, 3, 1), date(2026, 12, 28)))
def test_between_a_rung_and_its_deadline_lie_as_many_business_days(
    count: int, deadline: date
) -> None:
    last = on_ladder(deadline, 0, CLOSED)
    rung = on_ladder(last, count, CLOSED)
    assert rung not in CLOSED
    assert between(rung, last, CLOSED) == count


def test_a_word_counts_until_the_next_check_point() -> None:
    days = [on_ladder(DEADLINE, count, CLOSED) for count in (60, 30, 10)]
    assert asked(None) == days[0]
    assert asked(days[0] - timedelta(days=3)) == days[1]
    assert asked(days[0] + timedelta(days=1)) == days[2]  # late for the first, in time for the next
    assert asked(days[2]) is None


def test_what_is_seen_late_is_asked_once_with_grace() -> None:
    seen = date(2026, 5, 27)  # after the second check-point
    assert asked(None, seen) == date(2026, 5, 29)
    assert asked(date(2026, 5, 28), seen) == on_ladder(DEADLINE, 10, CLOSED)


def test_nothing_is_asked_after_the_deadline() -> None:
    assert asked(None, DEADLINE) == DEADLINE
    assert asked(None, DEADLINE + timedelta(days=1)) is None


@given(st.dates(date(2026, 1, 1), DEADLINE), st.dates(date(2026, 1, 1), DEADLINE))
def test_speaking_never_brings_the_next_date_forward(said: date, seen: date) -> None:
    before, then = asked(None, seen), asked(said, seen)
    assert then is None or before is None or then >= before


def test_the_forecast_sums_only_what_was_said_and_says_how_much_that_is() -> None:
    may, june = date(2026, 5, 1), date(2026, 6, 1)
    words = [
        Word(may, 100, 0.95, 0.5, False),
        Word(may, 200, 0.4, None, False),
        Word(june, 50, None, 0.9, True),
    ]
    first, second = forecast(words)
    assert (first.due, first.committed, first.expected, first.said) == (300, 0, 50.0, 100)
    assert (first.model_committed, first.model_expected) == (100, pytest.approx(175.0))
    assert (second.committed, second.expected, second.model_said) == (50, 45.0, 0)


def foretold(n: int, person: float, renewed: bool, model: float | None = 0.5) -> list[Foretold]:
    return [Foretold(person, model, renewed)] * n


def test_nothing_is_told_of_few() -> None:
    found = record(foretold(19, 1.0, True))
    assert (found.hits, found.brier, found.needed) == (None, None, 1)


def test_hits_errors_and_boldness_stand_beside_the_datas() -> None:
    found = record(foretold(15, 0.9, True, 0.8) + foretold(5, 0.9, False, 0.4))
    assert (found.hits, found.model_hits) == (0.75, 1.0)
    assert found.brier == pytest.approx((15 * 0.01 + 5 * 0.81) / 20)
    assert (found.said, found.came) == (pytest.approx(0.9), 0.75)
    assert found.hits_low is not None
    assert found.hits_high is not None
    assert found.hits_low < 0.75 < found.hits_high


def test_where_the_data_was_silent_once_it_is_not_compared() -> None:
    found = record(foretold(20, 0.9, True) + foretold(1, 0.9, True, None))
    assert found.model_hits is None


AS_OF = date(2026, 5, 31)
TERMS: list[dict[str, Any]] = [
    {"contract_id": "noticed", "customer_id": "a", "ends_on": date(2026, 8, 1)},
    {"contract_id": "soon", "customer_id": "b", "ends_on": date(2026, 7, 1)},
    {"contract_id": "later", "customer_id": "b", "ends_on": date(2026, 11, 1)},
    {"contract_id": "far", "customer_id": "b", "ends_on": date(2028, 1, 1)},
    {"contract_id": "endless", "customer_id": "b", "ends_on": None},
    {"contract_id": "other", "customer_id": "c", "ends_on": date(2026, 8, 1), "currency": "USD"},
]
SCORES = [
    {"customer_id": "a", "churn_model": "notice", "churn_probability": 1.0},
    {"customer_id": "b", "churn_model": "learner", "churn_probability": 0.2},
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> renewals.Book:
    store = Store(tmp_path_factory.mktemp("store"))
    usual = {"currency": "JPY", "mrr": 100, "renews": True, "notice_by": None}
    rows = {
        "contract_terms": [usual | row for row in TERMS],
        "churn_scores": [
            {"churn_kind": "contract", "churn_horizon_days": 90} | row for row in SCORES
        ],
        "contract_survival": [
            {"currency": "JPY", "made_on": on, "term_months": term, "months_ahead": ahead,
             "due": due, "kept": kept}
            for on, term, ahead, due, kept in (
                (AS_OF, 12, 0, 30, 24), (AS_OF, 6, 0, 10, 6), (AS_OF, 12, 1, 9, 0),
                (AS_OF, 0, 0, 99, 0), (date(2026, 4, 30), 12, 0, 50, 0),
            )
        ],
        "contract_renewals": [
            {"contract_id": "old", "due_on": date(2026, 5, 1), "outcome": "lost"},
            {"contract_id": "old", "due_on": date(2024, 5, 1), "outcome": "renewed"},
        ],
    }  # fmt: skip
    files = {}
    for name, some in rows.items():
        version = store.write(name, table(name, some))
        files[name] = store.files(name, version)
    return book(files, as_of=AS_OF, ahead=200, since=date(2026, 1, 1))


def test_the_datas_word_is_notice_then_the_model_then_the_rate_then_nothing(
    found: renewals.Book,
) -> None:
    said = {row["contract_id"]: (row["source"], row["likelihood"]) for row in found.due}
    assert said == {
        "noticed": ("notice", 0.0),
        "soon": ("model", pytest.approx(0.8)),
        "later": ("rate", pytest.approx(0.75)),
        "other": ("", None),
    }


def test_what_runs_and_what_ended_lately_is_told(found: renewals.Book) -> None:
    assert found.running["far"] == date(2028, 1, 1)
    assert found.ended == {("old", date(2026, 5, 1)): "lost"}
