"""The journey: who was where, what followed, how hard and how good it was, what is unknown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest

from kizuna.pipeline.know.journey_touchpoints import SOURCES, names_of, preset
from kizuna.pipeline.know.lifecycle_stages import stages
from tiny_tables import Rows, a_run, made, table, transactions

RUN = a_run("2024-12-31")
OWN: Rows = [
    {"touchpoint": "look", "place": 1, "source": "event", "names": "Viewed| Seen "},
    {"touchpoint": "first", "place": 2, "source": "order", "names": "first"},
    {"touchpoint": "ask", "place": 3, "source": "contact", "names": "*|mail"},
    {"touchpoint": "help", "place": 4, "source": "event", "names": "help"},
]
DESIGN = table(
    "own_touchpoints", [r | {"label_en": "L", "label_ja": "名", "stages": "new"} for r in OWN]
)


def event(number: int, customer: str, name: str, *day: int) -> dict[str, Any]:
    return {"event_id": str(number), "customer_id": customer, "name": name} | {
        "happened_at": datetime(*day)  # type: ignore[arg-type]
    }


def given() -> dict[str, pa.Table]:
    events = [
        event(1, "a", "Viewed", 2024, 6, 1, 9),
        event(2, "a", "seen", 2024, 6, 1, 10),
        event(3, "a", "viewed", 2024, 9, 1),
        event(4, "b", "viewed", 2024, 12, 20),
        event(5, "b", "viewed", 2025, 1, 1),
        event(6, "b", "viewed", 2023, 5, 1),
    ]
    contacts = [
        {"interaction_id": "i1", "customer_id": "a", "happened_at": datetime(2024, 6, 5)}
        | {"channel": "Mail", "direction": "in", "subject": "late"},
        {"interaction_id": "i2", "customer_id": "a", "happened_at": datetime(2024, 6, 6)}
        | {"channel": "mail", "direction": "out", "subject": "late"},
    ]
    said = {"customer_id": "a", "kind": "csat", "scale_low": 1.0, "scale_high": 5.0}
    answers = [
        said | {"response_id": "1", "answered_at": datetime(2024, 6, 10), "score": 2.0},
        said | {"response_id": "2", "answered_at": datetime(2024, 6, 20), "score": 5.0},
    ]
    members = [
        {"customer_id": "a", "stage": "new", "persona": "none", "value": 100.0},
        {"customer_id": "b", "stage": "steady", "persona": "none"},
        {"customer_id": "c", "stage": "none", "persona": "none"},
    ]
    return {
        "own_touchpoints": DESIGN,
        "events": table("events", events),
        "interactions": table("interactions", contacts),
        "responses": table("responses", answers),
        "contracts": table("contracts", []),
        "contract_changes": table("contract_changes", []),
        "transactions": transactions(("b", "2024-03-01", 5), ("b", "2024-12-01", 5)),
        "journey_members": table("journey_members", members),
        "personas": table("personas", []),
    }


def test_the_map(engine: Any) -> None:
    """All of one run: most of the time goes into what it rests on."""
    rows = made("journey_cells", given(), RUN, engine=engine)
    cells = {(r["touchpoint"], r["stage"]): r for r in rows}
    _days_of_the_year_up_to_the_last_are_counted(cells["look", "all"])
    _what_nothing_followed_within_thirty_days_is_dropped(cells["look", "new"])
    _issues_and_answers_soon_after_belong_to_it(cells["look", "new"], cells["ask", "new"])
    _nobody_came_is_not_nothing_recorded(cells["look", "none"], cells["help", "all"])
    assert (cells["look", "new"]["planned"], cells["look", "steady"]["planned"]) == (True, False)
    assert {r["persona"] for r in rows} == {"all"}
    assert (cells["first", "all"]["customers"], cells["first", "all"]["touches"]) == (1, 1)


def _days_of_the_year_up_to_the_last_are_counted(cell: dict[str, Any]) -> None:
    assert (cell["members"], cell["customers"], cell["touches"]) == (3, 2, 4)
    assert cell["value"] == 100.0


def _what_nothing_followed_within_thirty_days_is_dropped(cell: dict[str, Any]) -> None:
    # 1 June is followed by the contact of 5 June, 1 September by nothing
    assert (cell["looked_at"], cell["dropped"], cell["drop_off"]) == (2, 1, 0.5)
    assert cell["drop_off_low"] < 0.5 < cell["drop_off_high"]
    assert cell["drop_off_usual"] == pytest.approx(0.5)


def _issues_and_answers_soon_after_belong_to_it(look: dict[str, Any], ask: dict[str, Any]) -> None:
    assert (look["issues"], ask["issues"]) == (1, 1)
    assert look["effort"] == ask["effort"]
    assert (look["csat_answers"], look["satisfaction"]) == (1, 25.0)
    assert look["recommendation"] is None


def _nobody_came_is_not_nothing_recorded(nobody: dict[str, Any], unknown: dict[str, Any]) -> None:
    assert (nobody["recorded"], nobody["customers"], nobody["drop_off"]) == (True, 0, None)
    assert (unknown["recorded"], unknown["customers"]) == (False, 0)


@pytest.mark.parametrize("name", ["shop", "saas"])
def test_a_preset_is_in_order_and_names_stages_that_are(name: str) -> None:
    rows, known = preset(name), {stage.name for stage in stages()}
    assert [row["place"] for row in rows] == list(range(1, len(rows) + 1))
    assert len({row["touchpoint"] for row in rows}) == len(rows)
    assert {row["source"] for row in rows} <= set(SOURCES)
    assert {stage for row in rows for stage in row["stages"].split("|")} <= known


def test_without_own_touchpoints_there_is_a_preset_of_the_right_kind() -> None:
    empty = table("own_touchpoints", [])
    days = [{"customer_id": "a", "day": date(2024, 1, 1), "orders": 1, "amount": 1}]
    for rows, expected in (([], "saas"), (days, "shop")):
        tables = {"own_touchpoints": empty, "purchase_days": table("purchase_days", rows)}
        assert {r["preset"] for r in made("journey_touchpoints", tables, RUN)} == {expected}


def test_anything_stands_alone() -> None:
    assert names_of("mail|*") == ("*",)
    assert names_of(" A |a||B") == ("a", "b")
