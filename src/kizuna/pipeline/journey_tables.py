"""Tables of the journey: designed touchpoints, who was there, how it went by stage and persona."""

from __future__ import annotations

from kizuna.pipeline.contracts import Column, Table, optional

_CUSTOMER = Column("customer_id", "VARCHAR", "", "the customer, as named by the source")
_TOUCHPOINT = Column("touchpoint", "VARCHAR", "", "key of the touchpoint")
_SOURCE = Column("source", "VARCHAR", "", "event, contact, order, contract or answer")
_STAGE = Column("stage", "VARCHAR", "", "stage of today; 'none', or 'all' together")
_PERSONA = Column("persona", "VARCHAR", "", "persona of today; 'none', or 'all' together")
_DESIGN = (
    _TOUCHPOINT,
    Column("place", "BIGINT", "", "its place on the way, 1 is the first"),
    Column("label_en", "VARCHAR", "", "its name in English"),
    Column("label_ja", "VARCHAR", "", "its name in Japanese"),
    _SOURCE,
    Column("names", "VARCHAR", "", "what is counted of the source, between |; '*' is anything"),
    Column("stages", "VARCHAR", "", "stages that it is designed for, between |"),
)
_MEASURES = (
    Column("looked_at", "BIGINT", "days", "days with a touch, 30 days ago or longer"),
    Column("dropped", "BIGINT", "days", "of these, days that no touch followed for 30 days"),
    Column("issues", "BIGINT", "issues", "issues in it, or begun up to 7 days after it"),
    *optional(Column("effort", "DOUBLE", "0 to 100, high = hard", "mean effort of these issues")),
    Column("csat_answers", "BIGINT", "answers", "satisfaction told up to 14 days after it"),
    *optional(Column("satisfaction", "DOUBLE", "0 to 100, high = good", "mean of these answers")),
    Column("nps_answers", "BIGINT", "answers", "recommendation told up to 14 days after it"),
    *optional(Column("recommendation", "DOUBLE", "0 to 10, high = good", "mean of these answers")),
)

OWN_TOUCHPOINTS = Table(
    "own_touchpoints",
    ("touchpoint",),
    "Touchpoints as people of the company designed them. Written by the application.",
    _DESIGN,
)

JOURNEY_TABLES = (
    OWN_TOUCHPOINTS,
    Table(
        "journey_touchpoints",
        ("touchpoint",),
        "The designed journey: the company's own, or else a preset for shops or for software.",
        (*_DESIGN, Column("preset", "VARCHAR", "", "'shop' or 'saas'; empty: the company's own")),
    ),
    Table(
        "journey_names",
        ("touchpoint", "name"),
        "What is counted at which touchpoint.",
        (_TOUCHPOINT, _SOURCE, Column("name", "VARCHAR", "", "in small letters; '*' is anything")),
    ),
    Table(
        "journey_days",
        ("customer_id", "touchpoint", "day"),
        "Days on which a customer was at a touchpoint, up to the last day.",
        (
            _CUSTOMER,
            _TOUCHPOINT,
            Column("day", "DATE", "day", "day in the organisation's time zone"),
            Column("touches", "BIGINT", "rows", "how often on that day"),
        ),
    ),
    Table(
        "journey_customers",
        ("customer_id", "touchpoint"),
        "A customer at a touchpoint over the last 365 days, and how it went.",
        (
            _CUSTOMER,
            _TOUCHPOINT,
            Column("touches", "BIGINT", "rows", "how often"),
            Column("last_on", "DATE", "day", "day of the last touch"),
            *_MEASURES,
        ),
    ),
    Table(
        "journey_members",
        ("customer_id",),
        "Stage, persona and worth of each customer on the last day.",
        (
            _CUSTOMER,
            _STAGE,
            _PERSONA,
            Column("value", "DOUBLE", "minor", "value to come; empty where not known", True),
            Column("mrr", "BIGINT", "minor", "recurring revenue a month; empty without one", True),
        ),
    ),
    Table(
        "journey_cells",
        ("touchpoint", "stage", "persona"),
        "The map: each touchpoint for customers of each stage and persona, over 365 days.",
        (
            *(_TOUCHPOINT, _STAGE, _PERSONA),
            Column("planned", "BOOLEAN", "", "whether it is designed for the stage"),
            Column("recorded", "BOOLEAN", "", "whether anything of the kind was ever recorded"),
            Column("members", "BIGINT", "customers", "customers of the stage and persona"),
            Column("customers", "BIGINT", "customers", "of these, who were at the touchpoint"),
            Column("touches", "BIGINT", "rows", "how often"),
            *_MEASURES,
            *optional(
                Column("drop_off", "DOUBLE", "share", "dropped ÷ looked at"),
                Column("drop_off_low", "DOUBLE", "share", "low end of the 90 % interval (Wilson)"),
                Column("drop_off_high", "DOUBLE", "share", "high end of the 90 % interval"),
                Column("drop_off_usual", "DOUBLE", "share", "the same of all stages together"),
                Column("value", "DOUBLE", "minor", "value to come of who were there"),
                Column("mrr", "BIGINT", "minor", "recurring revenue of who were there"),
            ),
        ),
    ),
)
