"""Issues, their effort, its causes, and what the service knows of a customer on any day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from tiny_tables import a_run, made, table

type Row = dict[str, Any]

USUAL: Row = {"channel": "mail", "direction": "in", "subject": "Bill"}
AS_OF = "2026-03-31"


def contacts(*rows: Row) -> pa.Table:
    """Contacts with an id each, in the order given."""
    told = [
        {"interaction_id": f"I{k:02}", "customer_id": "a"} | USUAL | row
        for k, row in enumerate(rows)
    ]
    return table("interactions", told)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}")


def inputs(*rows: Row, **more: pa.Table) -> dict[str, pa.Table]:
    return {"interactions": contacts(*rows)} | {
        name: more.get(name, table(name, []))
        for name in ("events", "responses", "own_service_calendars", "own_service_targets")
    }


def issues(*rows: Row, engine: Any = None, as_of: str = AS_OF, **more: pa.Table) -> list[Row]:
    return made("issues", inputs(*rows, **more), a_run(as_of), engine=engine)


def test_contacts_of_one_case_are_one_issue_however_far_apart(engine: Any) -> None:
    rows = [{"case_id": "K1", "happened_at": at(day)} for day in ("01-01", "02-01", "03-01")]
    (issue,) = issues(*rows, engine=engine)
    assert (issue["issue_id"], issue["contacts_in"], issue["repeats"]) == ("K1", 3, 2)


def test_without_a_case_a_subject_within_seven_days_is_one_issue(engine: Any) -> None:
    days = ("01-01T10:00", "01-08T10:00", "01-16T10:00")
    found = issues(*({"happened_at": at(day)} for day in days), engine=engine)
    assert [(row["issue_id"], row["contacts"]) for row in found] == [
        ("first:I00", 2),
        ("first:I02", 1),
    ]


def test_another_subject_or_customer_is_another_issue() -> None:
    rows = [{}, {"subject": "Delivery"}, {"customer_id": "b"}]
    assert len(issues(*(row | {"happened_at": at("01-01")} for row in rows))) == 3


def test_each_driver_is_counted(engine: Any) -> None:
    rows: list[Row] = [
        {"channel": "phone", "wait_seconds": 301.0, "minutes": 5.0, "text": "Billed twice"},
        {"direction": "out", "transfers": 2},
        {"channel": "mail", "text": " billed TWICE "},
        {"channel": "mail", "text": "Hello?"},
        {"direction": "out", "outcome": "Resolved"},
    ]
    days = ("01-01T10:00", "01-01T11:00", "01-02T10:00", "01-03T10:00", "01-04T10:01")
    timed = (
        row | {"case_id": "K", "happened_at": at(t)} for row, t in zip(rows, days, strict=True)
    )
    events = table(
        "events",
        [
            {"event_id": "1", "customer_id": "a", "name": "FAQ Viewed"}
            | {"happened_at": at("01-01T09:30")}
        ],
    )
    (issue,) = issues(*timed, engine=engine, events=events)
    names = ("repeats", "switches", "transfers", "said_again", "long_waits", "self_service")
    assert [issue[name] for name in names] == [2, 1, 2, 1, 2, 1]
    assert issue["answered_at"] == at("01-01T10:05:01")
    assert (issue["status"], issue["resolved_at"]) == ("resolved", at("01-04T10:01"))


def test_a_word_after_the_solution_opens_the_issue_again_but_a_mail_of_ours_does_not() -> None:
    rows: list[Row] = [{}, {"direction": "out", "outcome": "closed"}, {"direction": "out"}, {}]
    timed = [
        row | {"case_id": "K", "happened_at": at(f"01-0{k + 1}")} for k, row in enumerate(rows)
    ]
    (resolved,) = issues(*timed[:3])
    assert (resolved["status"], resolved["resolved_at"]) == ("resolved", at("01-02"))
    (again,) = issues(*timed)
    assert (again["status"], again["resolved_at"], again["reopenings"]) == ("open", None, 1)


def test_a_case_that_nobody_closed_is_named(engine: Any) -> None:
    (quiet,) = issues(
        {"happened_at": at("01-01"), "outcome": "open"}, as_of="2026-04-02", engine=engine
    )
    (fresh,) = issues({"happened_at": at("01-01"), "outcome": "open"}, as_of="2026-04-01")
    assert (quiet["never_closed"], fresh["never_closed"]) == (True, False)


HARD: list[Row] = [
    {"case_id": "K", "channel": c, "happened_at": at(f"03-0{k + 1}"), "text": "Where is it?"}
    for k, c in enumerate(("phone", "mail", "line"))
]


def test_effort_is_high_where_it_was_hard_and_its_points_add_up(engine: Any) -> None:
    tables = inputs(*HARD, {"customer_id": "b", "happened_at": at("03-05")})
    hard, easy = made("effort_scores", tables, a_run(AS_OF), engine=engine)
    assert hard["effort"] > 80 > 20 > easy["effort"]
    assert (hard["cause"], easy["cause"], hard["hard"], easy["hard"]) == (
        "repeats",
        None,
        True,
        False,
    )
    points = sum(value for name, value in hard.items() if name.endswith("_points"))
    assert points == pytest.approx(hard["effort"] - easy["effort"])


def test_causes_count_the_issues_of_each() -> None:
    tables = inputs(*HARD, {"customer_id": "b", "happened_at": at("03-05"), "subject": None})
    found = made("effort_causes", tables, a_run(AS_OF))
    by_name = {(row["kind"], row["name"]): row for row in found}
    assert by_name["all", ""]["issues"] == 2
    assert by_name["driver", "repeats"]["issues"] == 1
    assert by_name["subject", ""]["hard_issues"] == 0
    assert by_name["subject", "Bill"]["customers"] == 1


def facts(tables: dict[str, pa.Table], *days: str, engine: Any = None) -> list[Row]:
    moments = [{"customer_id": c, "day": date.fromisoformat(d)} for c in "ab" for d in days]
    given = tables | {"fact_moments": table("fact_moments", moments)}
    run = a_run(AS_OF, fact_days=tuple(date.fromisoformat(day) for day in days))
    return made("service_facts", given, run, engine=engine)


def test_facts_of_the_service_are_told_of_a_day(engine: Any) -> None:
    rows: list[Row] = [
        *HARD,
        {"case_id": "K", "direction": "out", "happened_at": at("03-03T12:00"), "outcome": "solved"},
    ]
    early, late = facts(inputs(*rows), "2026-03-02", "2026-03-31", engine=engine)
    assert (early["cases_open"], early["contacts_90d"]) == (1, 2)
    assert early["resolution_hours_90d"] is None
    assert (late["cases_open"], late["contacts_90d"], late["cases_90d"]) == (0, 3, 1)
    assert late["resolution_hours_90d"] == 60.0
    assert late["effort_90d"] > early["effort_90d"]
    assert late["newest_service_on"] == date(2026, 3, 3)


def test_who_never_was_in_touch_has_no_row_and_who_once_was_has_zeros() -> None:
    (row,) = facts(inputs({"happened_at": at("01-01")}), "2026-03-31", "2026-01-01")[1:]
    assert (row["day"], row["cases_90d"], row["contacts_90d"]) == (date(2026, 3, 31), 1, 1)
    (old,) = facts(inputs({"happened_at": datetime(2025, 1, 1)}), "2026-03-31")
    assert (old["customer_id"], old["cases_90d"], old["effort_90d"]) == ("a", 0, None)


def test_facts_of_a_past_day_are_those_that_were_known_then(engine: Any) -> None:
    outcomes = (None, "waiting", "resolved", None, None, "open")
    rows: list[Row] = [
        {
            "case_id": f"K{k % 4}" if k % 3 else None,
            "customer_id": "ab"[k % 2],
            "direction": ("in", "out", "in")[k % 3],
            "channel": ("mail", "phone", "line", "chat")[k % 4],
            "outcome": outcomes[k % 6],
            "text": f"words {k % 3}",
            "transfers": k % 2,
            "happened_at": at("01-01T05:00") + timedelta(days=k, hours=7 * k),
        }
        for k in range(40)
    ]
    day = "2026-02-01"
    told = contacts(*rows).to_pylist()
    known = inputs() | {
        "interactions": table("interactions", [r for r in told if r["happened_at"] < at("02-02")])
    }
    whole, then = facts(inputs(*rows), day, engine=engine), facts(known, day)
    assert len(whole) == 2
    # means may differ in their last bit: nobody orders the rows that they are of
    assert whole == [{name: pytest.approx(v) for name, v in row.items()} for row in then]
