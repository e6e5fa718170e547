"""Rows of what customers live through: promises kept or missed, what they said, who complained."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kizuna.web.know.rows.kind import Column, Kind

STATES = {
    "met": _("Met"),
    "missed": _("Missed"),
    "running": _("In hand"),
    "paused": _("Paused"),
}
TARGETS = {"first_response": _("First answer"), "resolution": _("Solution")}
VOICE = ("voice:themes", _("Voice of the customer"))

LEVELS = Kind(
    "levels",
    _("Issues beside what was promised"),
    _(
        "Issues whose clock began in the month: the open hours promised and used, and what became "
        "of the promise."
    ),
    ("service_levels",),
    """
SELECT *, used_minutes / 60 AS used, promised_minutes / 60.0 AS promised
FROM service_levels
WHERE date_trunc('month', from_at AT TIME ZONE 'UTC' AT TIME ZONE {zone}) = {month}
    AND ({policy} IS NULL OR policy = {policy}) AND ({target} IS NULL OR target = {target})
    AND CASE {state}
        WHEN 'judged' THEN state IN ('met', 'missed')
        WHEN 'done' THEN done_at IS NOT NULL
        ELSE {state} IS NULL OR state = {state}
    END""",
    (
        Column("issue_id", _("Issue"), "issue"),
        Column("customer_id", _("Customer"), "customer"),
        Column("target", _("Target"), "word"),
        Column("from_at", _("Since"), "moment"),
        Column("due_at", _("Due"), "moment"),
        Column("done_at", _("Done at"), "moment"),
        Column("promised", _("Open hours promised"), "hours"),
        Column("used", _("Open hours used"), "hours"),
        Column("state", _("State"), "word"),
    ),
    "-from_at",
    "customer_id, issue_id, target",
    ("effort:service", _("Service levels")),
    needs=("month",),
    may=("policy", "target", "state"),
    tabs=("state", {"": _("All")} | STATES),
    words=STATES | TARGETS,
)

COMMENTS = Kind(
    "comments",
    _("What customers said"),
    _("Comments beside survey answers and contacts from customers, over 365 days."),
    ("comments", "comment_themes"),
    """
SELECT customer_id, comment_id, said_on, channel, text FROM comments
WHERE recent AND ({theme} IS NULL AND {mood} IS NULL OR EXISTS (
    SELECT 1 FROM comment_themes AS told
    WHERE told.customer_id = comments.customer_id AND told.comment_id = comments.comment_id
        AND told.recent
        AND CASE
            WHEN {theme} IS NULL THEN TRUE
            WHEN {theme} = '*' THEN told.theme <> 'other'
            ELSE told.theme = {theme}
        END
        AND ({mood} IS NULL OR told.mood IN ('bad', 'wish'))
))""",
    (
        Column("customer_id", _("Customer"), "customer"),
        Column("said_on", _("Day"), "day"),
        Column("channel", _("Channel"), "contact_channel"),
        Column("text", _("What was said")),
    ),
    "-said_on",
    "customer_id, comment_id",
    VOICE,
    may=("theme", "mood"),
)

COMPLAINERS = Kind(
    "complainers",
    _("Customers who complained of something"),
    _("Customers with a complaint or a wish about the theme, over 365 days, and their value."),
    ("comment_themes", "comment_values"),
    """
SELECT DISTINCT told.customer_id, known.value, known.mrr
FROM comment_themes AS told
LEFT JOIN comment_values AS known ON told.customer_id = known.customer_id
WHERE told.recent AND told.mood IN ('bad', 'wish') AND told.theme = {theme}""",
    (
        Column("customer_id", _("Customer"), "customer"),
        Column("value", _("Value to come"), "money", summed=True),
        Column("mrr", _("MRR"), "money", summed=True),
    ),
    "-value",
    "customer_id",
    VOICE,
    needs=("theme",),
)

KINDS = (LEVELS, COMMENTS, COMPLAINERS)
