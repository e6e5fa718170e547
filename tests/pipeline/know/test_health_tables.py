"""Health over time: beside what was told before, beside month-ends by the model of now, by band."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kizuna.experience.health import BANDS
from kizuna.pipeline.health_tables import GROUPS
from tiny_tables import a_run, column, made, table

NONE = {f"health_{group}": 0.0 for group in GROUPS}
RUN = a_run("2024-12-31")


def scored(customer: str, health: float, **points: float) -> dict[str, Any]:
    plain = {"health_usual": 60.0, "health_known": 1.0, "health_band": "watch"}
    return {"customer_id": customer, "health": health} | plain | NONE | points


def told(customer: str, number: int, day: str, health: float | None) -> dict[str, Any]:
    band = None if health is None else "watch"
    row = {"customer_id": customer, "publication": number, "told_on": date.fromisoformat(day)}
    return row | NONE | {"health": health, "health_band": band, "model": "learner"}


def trail(customer: str, day: str, health: float, **points: float) -> dict[str, Any]:
    row = {"customer_id": customer, "day": date.fromisoformat(day), "health": health}
    return row | {"health_band": "watch"} | NONE | points


def moves(engine: Any, scores: Any, log: Any, past: Any) -> list[tuple[Any, ...]]:
    inputs = {
        "health_scores": table("health_scores", scores),
        "health_log": table("health_log", log),
        "health_trail": table("health_trail", past),
    }
    rows = made("health_moves", inputs, RUN, engine=engine)
    names = ("customer_id", "compared", "before", "change", "moved_group", "moved_points")
    return [tuple(row[name] for name in names) for row in rows]


def test_health_is_compared_with_what_a_publication_of_an_earlier_day_told(engine: Any) -> None:
    log = [
        told("a", 1, "2024-12-01", 90.0),
        told("a", 2, "2024-12-30", 80.0),
        told("a", 3, "2024-12-31", 70.0),
        told("gone", 1, "2024-12-01", 70.0),
        told("gone", 2, "2024-12-30", None),
    ]
    scores = [scored("a", 60.0), scored("gone", 50.0), scored("new", 40.0)]
    assert moves(engine, scores, log, []) == [("a", "told", 80.0, -20.0, None, None)]


def test_the_group_is_the_one_that_moved_most_that_way(engine: Any) -> None:
    past = [
        trail("a", "2024-10-31", 99.0),
        trail("a", "2024-11-30", 80.0, health_use=15.0, health_service=5.0),
        trail("a", "2024-12-20", 10.0),
        trail("up", "2024-11-30", 50.0, health_money=-10.0),
    ]
    scores = [scored("a", 62.0, health_use=-5.0, health_service=7.0), scored("up", 60.0)]
    assert moves(engine, scores, [], past) == [
        ("a", "computed", 80.0, -18.0, "use", -20.0),
        ("up", "computed", 50.0, 10.0, "money", 10.0),
    ]


@pytest.mark.parametrize("name", ["health_moves", "health_trail"])
def test_without_scores_nothing_has_moved(name: str) -> None:
    empty = {
        n: table(n, [])
        for n in ("health_scores", "churn_panel", "fact_panel", "churn_model", "clv_model")
    }
    assert made(name, empty, RUN) == []


def test_who_has_no_health_yet_is_counted_apart(engine: Any) -> None:
    rows = [
        {"customer_id": "a", "churn_kind": "contract", "health": 80.0, "health_band": "healthy"},
        {"customer_id": "b", "churn_kind": "contract", "health": 90.0, "health_band": "healthy"},
        {"customer_id": "c"},
    ]
    usual = {"kind": "business", "orders": 0, "mrr": 10}
    facts = {"customer_facts": table("customer_facts", [usual | row for row in rows])}
    found = made("health_portfolio", facts, RUN, engine=engine)
    told = [(r["kind"], r["band"], r["customers"], r["health"], r["mrr"]) for r in found]
    assert sorted(told, key=str) == [
        ("contract", "healthy", 2, 85.0, 20),
        ("unknown", "unknown", 1, None, 10),
    ]


def test_own_bands_stand_for_their_kind_and_the_usual_ones_for_the_other() -> None:
    starts = (0.0, 60.0, 90.0)
    own = [
        {"kind": "contract", "band": band, "from_health": start}
        for band, start in zip(BANDS, starts, strict=True)
    ]
    rows = made("health_bands", {"own_health_bands": table("own_health_bands", own)}, RUN)
    assert sorted(column(rows, "from_health")) == [0.0, 0.0, 25.0, 50.0, 60.0, 90.0]


def test_own_scorecards_take_the_place_of_the_usual_one() -> None:
    own = table("own_scorecards", [{"version": 2, "card": "{}"}])
    assert column(made("scorecards", {"own_scorecards": own}, RUN), "version") == [2]
    assert column(made("scorecards", {}, RUN), "version") == [1]


def test_what_a_person_has_set_counts_and_what_was_learned_stays_beside_it(engine: Any) -> None:
    until = date(2025, 1, 31)
    inputs = {
        "health_scores": table("health_scores", [scored("a", 60.0), scored("b", 60.0)]),
        "churn_scores": table("churn_scores", [{"customer_id": "a", "churn_kind": "purchase"}]),
        "health_overrides": table(
            "health_overrides",
            [
                {"override_id": 1, "customer_id": "a", "health": 90.0, "until_on": until},
                {"override_id": 2, "customer_id": "a", "health": 10.0, "until_on": until},
                {"override_id": 3, "customer_id": "unscored", "health": 99.0, "until_on": until},
            ],
        ),
        "own_health_bands": table("own_health_bands", []),
    }
    rows = made("effective_health", inputs, RUN, engine=engine)
    assert [tuple(row.values()) for row in rows] == [
        ("a", 10.0, "critical", 60.0, "watch", True, until),
        ("b", 60.0, "watch", 60.0, "watch", False, None),
        ("unscored", 99.0, "healthy", None, None, True, until),
    ]
