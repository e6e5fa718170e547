"""Tables of service levels: calendars of open hours, targets, whether they were met, facts."""

from __future__ import annotations

from kizuna.pipeline.contracts import Column, Table
from kizuna.pipeline.effort_tables import CUSTOMER, ISSUE

_CALENDAR = (
    Column("calendar", "VARCHAR", "", "name of the calendar"),
    Column("zone", "VARCHAR", "IANA", "time zone of its hours"),
    Column("week", "VARCHAR", "JSON", "seven lists, from Monday, of [opens, closes] in minutes"),
    Column("closed", "VARCHAR", "JSON", "closed days"),
)
_TARGETS = (
    Column("policy", "VARCHAR", "", "name of the promise"),
    Column("position", "BIGINT", "", "the first whose channel fits counts"),
    Column("channel", "VARCHAR", "", "channel that it is about; empty: any", True),
    Column("calendar", "VARCHAR", "", "calendar in whose hours it is counted"),
    Column("first_response_minutes", "BIGINT", "minutes", "to the first answer", True),
    Column("resolution_minutes", "BIGINT", "minutes", "to the resolution", True),
)
_TARGET = Column("target", "VARCHAR", "", "first_response or resolution")

OWN_TABLES = (
    Table(
        "own_service_calendars",
        ("calendar",),
        "Calendars that people of the company drew up.",
        _CALENDAR,
    ),
    Table(
        "own_service_targets",
        ("policy",),
        "Promises that people of the company set.",
        _TARGETS,
    ),
)
"""Settings from the pages; where there are none, presets stand in."""

SERVICE_TABLES = (
    *OWN_TABLES,
    Table(
        "service_calendars",
        ("calendar",),
        "Calendars in whose hours service levels are counted.",
        (*_CALENDAR, Column("preset", "BOOLEAN", "", "nobody has set one")),
    ),
    Table(
        "service_targets",
        ("policy",),
        "How soon customers are promised an answer and a solution.",
        (*_TARGETS, Column("preset", "BOOLEAN", "", "nobody has set one")),
    ),
    Table(
        "issue_pauses",
        ("customer_id", "interaction_id"),
        "Times in which an issue waited for its customer: the clock of a promise stands still.",
        (
            CUSTOMER,
            Column("interaction_id", "VARCHAR", "", "contact after which the customer was awaited"),
            ISSUE,
            Column("from_at", "TIMESTAMP", "UTC", "since when"),
            Column("until_at", "TIMESTAMP", "UTC", "up to the next word; empty: still", True),
        ),
    ),
    Table(
        "service_levels",
        ("customer_id", "issue_id", "target"),
        "Each issue beside what was promised for it, in open hours.",
        (
            CUSTOMER,
            ISSUE,
            _TARGET,
            Column("policy", "VARCHAR", "", "the promise"),
            Column("calendar", "VARCHAR", "", "calendar in whose hours it is counted"),
            Column("from_at", "TIMESTAMP", "UTC", "when the clock began"),
            Column("promised_minutes", "BIGINT", "minutes", "open minutes promised"),
            Column("due_at", "TIMESTAMP", "UTC", "deadline; empty while the clock is paused", True),
            Column("done_at", "TIMESTAMP", "UTC", "when it was done", True),
            Column("used_minutes", "DOUBLE", "minutes", "open minutes used so far"),
            Column("state", "VARCHAR", "", "met, missed, running or paused, as the last day began"),
        ),
    ),
    Table(
        "service_report",
        ("month", "policy", "target"),
        "Service levels by the month in which the clock began.",
        (
            Column("month", "DATE", "month", "first day of the month"),
            Column("policy", "VARCHAR", "", "the promise"),
            _TARGET,
            Column("issues", "BIGINT", "rows", "issues that it was made for"),
            *(
                Column(state, "BIGINT", "rows", f"of these, {state}")
                for state in ("met", "missed", "running", "paused")
            ),
            Column("share_met", "DOUBLE", "share", "met ÷ (met + missed)", True),
            Column("median_minutes", "DOUBLE", "minutes", "open minutes of those done", True),
        ),
    ),
    Table(
        "service_facts",
        ("customer_id", "day"),
        "What the service knows of a customer at the end of a day, from the first contact on.",
        (
            CUSTOMER,
            Column("day", "DATE", "day", "the day that is told of"),
            Column(
                "cases_open", "BIGINT", "rows", "issues open or waiting, silent for 90 days: no"
            ),
            Column("cases_90d", "BIGINT", "rows", "issues with a contact in the last 90 days"),
            Column("contacts_90d", "BIGINT", "contacts", "contacts from the customer in 90 days"),
            Column(
                "first_response_hours_90d",
                "DOUBLE",
                "hours",
                "mean, by the clock on the wall",
                True,
            ),
            Column(
                "resolution_hours_90d", "DOUBLE", "hours", "mean, by the clock on the wall", True
            ),
            Column("reopened_90d", "BIGINT", "times", "contacts after a resolution in 90 days"),
            Column("effort_90d", "DOUBLE", "0 to 100, high = hard", "mean of these issues", True),
            Column("hard_issues_90d", "BIGINT", "rows", "of these, with an effort of 50 or more"),
            Column("service_minutes_365d", "DOUBLE", "minutes", "minutes of contacts", True),
            Column("newest_service_on", "DATE", "day", "day of the newest contact read"),
        ),
    ),
)
