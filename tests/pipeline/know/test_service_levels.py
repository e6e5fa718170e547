"""Service levels of issues: presets, own promises by channel, pauses, what is not promised."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pyarrow as pa

from tiny_tables import a_run, made, table

type Row = dict[str, Any]

AS_OF = "2026-01-31"
OFFICE = {"calendar": "tokyo", "zone": "Asia/Tokyo", "closed": json.dumps(["2026-01-12"])} | {
    "week": json.dumps([[[540, 720], [780, 1080]]] * 5 + [[], []])
}
PROMISE = {"policy": "phone", "position": 1, "channel": "phone", "calendar": "tokyo"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}")


def levels(
    *rows: Row, calendars: list[Row] | None = None, targets: list[Row] | None = None
) -> list[Row]:
    usual = {"customer_id": "a", "channel": "mail", "direction": "in", "case_id": "K"}
    told = [usual | {"interaction_id": f"I{k}"} | row for k, row in enumerate(rows)]
    given: dict[str, pa.Table] = {
        "interactions": table("interactions", told),
        "events": table("events", []),
        "own_service_calendars": table("own_service_calendars", calendars or []),
        "own_service_targets": table("own_service_targets", targets or []),
    }
    return made("service_levels", given, a_run(AS_OF, timezone="Asia/Tokyo"))


ASKED: Row = {"happened_at": at("01-09T08:00")}  # a Friday, 17:00 in Tokyo
ANSWERED: Row = {"direction": "out", "happened_at": at("01-13T00:30"), "outcome": "resolved"}


def test_without_own_promises_presets_are_counted_in_office_hours() -> None:
    first, resolution = levels(ASKED, ANSWERED)
    assert (first["policy"], first["state"], first["used_minutes"]) == ("usual", "missed", 630.0)
    assert (resolution["target"], resolution["state"]) == ("resolution", "met")


def test_an_own_calendar_knows_lunch_and_holidays() -> None:
    promise = PROMISE | {"channel": None, "first_response_minutes": 60}
    (first,) = levels(ASKED, ANSWERED, calendars=[OFFICE], targets=[promise])
    assert first["due_at"] == at("01-09T09:00")
    assert (first["state"], first["used_minutes"]) == ("missed", 90.0)


def test_the_first_promise_whose_channel_fits_counts_and_others_are_not_promised_anything() -> None:
    promise = PROMISE | {"first_response_minutes": 60}
    assert levels(ASKED, calendars=[OFFICE], targets=[promise]) == []
    assert len(levels(ASKED | {"channel": "phone"}, calendars=[OFFICE], targets=[promise])) == 1


def test_while_the_customer_is_awaited_the_solution_is_paused() -> None:
    waiting = {"direction": "out", "happened_at": at("01-09T08:30"), "outcome": "waiting"}
    first, resolution = levels(ASKED, waiting)
    assert (first["state"], resolution["state"], resolution["due_at"]) == ("met", "paused", None)
    assert resolution["used_minutes"] == 30.0


def test_who_did_not_ask_is_promised_no_answer() -> None:
    found = levels({"direction": "out", "happened_at": at("01-09T08:00")})
    assert [row["target"] for row in found] == ["resolution"]


def test_what_falls_due_on_the_last_day_is_still_running() -> None:
    (first,) = levels(
        ASKED | {"happened_at": at("01-30T07:00")},
        calendars=[OFFICE | {"week": json.dumps([[[540, 1080]]] * 7)}],
        targets=[PROMISE | {"channel": None, "first_response_minutes": 600}],
    )
    assert (first["due_at"], first["state"]) == (at("01-31T08:00"), "running")


def test_a_month_counts_its_states() -> None:
    given = {
        "service_levels": table(
            "service_levels",
            [
                {"customer_id": c, "issue_id": "K", "target": "resolution", "policy": "p"}
                | {"calendar": "c", "from_at": at("01-05"), "promised_minutes": 60}
                | {"used_minutes": used, "state": state, "done_at": done}
                for c, used, state, done in (
                    ("a", 30.0, "met", at("01-05")),
                    ("b", 90.0, "missed", at("01-05")),
                    ("c", 1.0, "running", None),
                )
            ],
        )
    }
    (row,) = made("service_report", given, a_run(AS_OF))
    assert [row[s] for s in ("met", "missed", "running", "paused")] == [1, 1, 1, 0]
    assert (row["share_met"], row["median_minutes"]) == (0.5, 60.0)
