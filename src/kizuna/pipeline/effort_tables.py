"""Tables of what it costs customers to have a problem solved: issues, their effort, its causes."""

from __future__ import annotations

from kizuna.pipeline.contracts import Column, Table, optional

CUSTOMER = Column("customer_id", "VARCHAR", "", "the customer, as named by the source")
ISSUE = Column("issue_id", "VARCHAR", "", "its case, or 'first:' and the contact that began it")
_CHANNEL = Column("channel", "VARCHAR", "", "channel of the first contact")
_SUBJECT = Column("subject", "VARCHAR", "", "what it was about, as first told", True)

DRIVERS = (
    Column("repeats", "BIGINT", "contacts", "contacts from the customer after the first"),
    Column("switches", "BIGINT", "contacts", "of these, on another channel than the one before"),
    Column("transfers", "BIGINT", "times", "times the customer was passed on"),
    Column("said_again", "BIGINT", "contacts", "of these, said again what was known already"),
    Column("long_waits", "BIGINT", "contacts", "contacts with a wait beyond the threshold"),
    Column("self_service", "BIGINT", "0 or 1", "1: looked for help alone the day before"),
)
"""What makes an issue hard, each counted; `kizuna.experience.effort` says what each weighs."""

_STATUS = Column(
    "status",
    "VARCHAR",
    "",
    "open, waiting (for the customer), answered (no outcome told), resolved",
)
_EFFORT = Column("effort", "DOUBLE", "0 to 100, high = hard", "effort of the customer")

_POINTS = tuple(
    Column(f"{driver.name}_points", "DOUBLE", "points", f"added by {driver.name}")
    for driver in DRIVERS
)

EFFORT_TABLES = (
    Table(
        "contact_outcomes",
        ("outcome",),
        "What outcomes of contacts mean; editable.",
        (
            Column("outcome", "VARCHAR", "", "outcome, in small letters"),
            Column("status", "VARCHAR", "", "open, waiting or resolved"),
        ),
    ),
    Table(
        "self_service_events",
        ("name",),
        "Events by which a customer looks for help alone; editable.",
        (Column("name", "VARCHAR", "", "the event, in small letters"),),
    ),
    Table(
        "issue_contacts",
        ("customer_id", "interaction_id"),
        "Each contact and the issue it belongs to: its case, or else the same customer and "
        "subject with no more than seven days between contacts. A row tells of nothing later.",
        (
            CUSTOMER,
            Column("interaction_id", "VARCHAR", "", "the contact, as named by the source"),
            ISSUE,
            Column("place", "BIGINT", "", "its place within the issue, from 1"),
            Column("happened_at", "TIMESTAMP", "UTC", "when it happened"),
            Column("day", "DATE", "day", "day of it "),
            Column("channel", "VARCHAR", "", "channel of the contact"),
            Column("direction", "VARCHAR", "", "'in' or 'out'; where the source is silent, 'in'"),
            _SUBJECT,
            *optional(
                Column("wait_seconds", "DOUBLE", "seconds", "how long the customer waited"),
                Column("minutes", "DOUBLE", "minutes", "how long it took"),
                Column("outcome", "VARCHAR", "", "what came of it, as told"),
            ),
            *DRIVERS,
            _STATUS,
            Column("reopened", "BIGINT", "0 or 1", "1: from the customer, after it was resolved"),
            Column("answered_at", "TIMESTAMP", "UTC", "moment of an answer, if it was one", True),
        ),
    ),
    Table(
        "issue_days",
        ("customer_id", "issue_id", "day"),
        "Each issue at the end of each day with a contact, as it was known then.",
        (
            CUSTOMER,
            ISSUE,
            Column("day", "DATE", "day", "day of the contacts "),
            Column("next_on", "DATE", "day", "next day with a contact; empty: none yet", True),
            Column("contacts", "BIGINT", "contacts", "contacts so far, both ways"),
            Column("contacts_in", "BIGINT", "contacts", "of these, from the customer"),
            *DRIVERS,
            Column("reopenings", "BIGINT", "times", "contacts after it was resolved"),
            _STATUS,
            Column("started_at", "TIMESTAMP", "UTC", "first contact"),
            Column("last_at", "TIMESTAMP", "UTC", "latest contact"),
            *optional(
                Column("asked_at", "TIMESTAMP", "UTC", "first contact from the customer"),
                Column("answered_at", "TIMESTAMP", "UTC", "first answer to it"),
                Column("resolved_at", "TIMESTAMP", "UTC", "last resolved, if it still is"),
            ),
        ),
    ),
    Table(
        "issues",
        ("customer_id", "issue_id"),
        "What customers needed, each with all contacts that it took.",
        (
            *(CUSTOMER, ISSUE, _CHANNEL, _SUBJECT),
            Column("started_at", "TIMESTAMP", "UTC", "first contact"),
            Column("last_at", "TIMESTAMP", "UTC", "latest contact"),
            *optional(
                Column("asked_at", "TIMESTAMP", "UTC", "first contact from the customer"),
                Column("answered_at", "TIMESTAMP", "UTC", "first answer to it"),
                Column("resolved_at", "TIMESTAMP", "UTC", "last resolved, if it still is"),
            ),
            Column("contacts", "BIGINT", "contacts", "contacts, both ways"),
            Column("contacts_in", "BIGINT", "contacts", "of these, from the customer"),
            *DRIVERS,
            Column("reopenings", "BIGINT", "times", "contacts after it was resolved"),
            _STATUS,
            Column("never_closed", "BOOLEAN", "", "open or waiting, and silent for 90 days"),
        ),
    ),
    Table(
        "effort_model",
        ("driver",),
        "What each driver weighs in effort: fitted to CES answers, or documented.",
        (
            Column("driver", "VARCHAR", "", "driver, or 'start': an issue without any"),
            Column("weight", "DOUBLE", "log-odds", "weight of one more of it"),
            Column("documented", "DOUBLE", "log-odds", "weight where answers are too few"),
            Column("most", "DOUBLE", "", "further ones count no more"),
        ),
    ),
    Table(
        "effort_report",
        (),
        "How the weights came about, and how they did on answers that they had not seen.",
        (
            Column("source", "VARCHAR", "", "'answers' or 'index'"),
            Column("reason", "VARCHAR", "", "why the index: few, worse, or empty"),
            Column("answers", "BIGINT", "rows", "CES answers about an issue"),
            Column("hard_answers", "BIGINT", "rows", "of these, in the harder half of the scale"),
            Column("needed", "BIGINT", "rows", "answers that fitting takes"),
            Column("needed_hard", "BIGINT", "rows", "hard and easy answers that it takes of each"),
            Column("unmatched", "BIGINT", "rows", "CES answers about no known issue"),
            Column("bad_scale", "BIGINT", "rows", "CES answers without a usable scale"),
            Column("upside_down", "BOOLEAN", "", "answers say hard where behaviour says easy"),
            *optional(
                Column("auc", "DOUBLE", "share", "of the fitted weights, held out"),
                Column("auc_low", "DOUBLE", "share", "lower end of its 90 % interval"),
                Column("auc_high", "DOUBLE", "share", "upper end of its 90 % interval"),
                Column("index_auc", "DOUBLE", "share", "of the documented weights"),
                Column("slope", "DOUBLE", "", "calibration slope, held out; 1 is best"),
                Column("calibration_error", "DOUBLE", "share", "expected calibration error"),
            ),
        ),
    ),
    Table(
        "effort_days",
        ("customer_id", "issue_id", "day"),
        "Effort of each issue at the end of each day with a contact, as it was known then.",
        (
            *(CUSTOMER, ISSUE, Column("day", "DATE", "day", "day of the contacts "), _EFFORT),
            *_POINTS,
        ),
    ),
    Table(
        "effort_scores",
        ("customer_id", "issue_id"),
        "Effort of each issue, high = hard, and how many points each driver adds.",
        (
            *(CUSTOMER, ISSUE, _EFFORT),
            Column("hard", "BOOLEAN", "", "effort of 50 or more"),
            Column("recent", "BOOLEAN", "", "whether a contact was in the last 365 days"),
            Column("cause", "VARCHAR", "", "driver that adds most points; empty: none", True),
            *_POINTS,
        ),
    ),
    Table(
        "effort_causes",
        ("kind", "name"),
        "Where effort comes from: issues by driver, by subject and by channel, of the last year.",
        (
            Column("kind", "VARCHAR", "", "all, driver, subject or channel"),
            Column("name", "VARCHAR", "", "which one; '' where none was told"),
            Column("issues", "BIGINT", "rows", "issues that have it"),
            Column("customers", "BIGINT", "customers", "customers behind them"),
            Column(
                "hard_issues", "BIGINT", "rows", "of these issues, with an effort of 50 or more"
            ),
            Column("effort", "DOUBLE", "0 to 100, high = hard", "mean of these issues"),
            Column(
                "points", "DOUBLE", "points", "that the driver adds to an issue that has it", True
            ),
            Column("never_closed", "BIGINT", "rows", "of these, open and silent for 90 days"),
        ),
    ),
)
