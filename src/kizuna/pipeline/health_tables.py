"""Tables of health: 0 to 100, high is healthy; learned, and as people weigh it by hand."""

from __future__ import annotations

from dataclasses import replace

from kizuna.pipeline.churn_tables import CUSTOMER, DAY, KIND
from kizuna.pipeline.contracts import Column, Table, optional

GROUPS = ("use", "service", "relation", "money", "sentiment")
_SCORE = Column("score", "VARCHAR", "", "'learned', 'scorecard', or 'renewal': of bound ones")
_HEALTH = "100 × probability of staying; high is healthy"
_MOMENT = (
    Column("health_basis", "VARCHAR", "", "'horizon', or 'renewal': at the end of binding terms"),
    Column("health_days", "INTEGER", "days", "how far ahead it looks"),
    *optional(
        Column("health_low", "DOUBLE", "0 to 100", "low end of its 90 % interval, if of a renewal"),
        Column(
            "health_high", "DOUBLE", "0 to 100", "high end of it; else that of churn, turned round"
        ),
    ),
)


_BAND = Column("health_band", "VARCHAR", "", "critical, watch or healthy")
_POINTS = tuple(
    Column(f"health_{group}", "DOUBLE", "points", f"what {group} gives or takes")
    for group in GROUPS
)
_BANDS = (
    KIND,
    Column("band", "VARCHAR", "", "'critical', 'watch' or 'healthy'"),
    Column("from_health", "DOUBLE", "0 to 100", "lowest health of the band"),
)
_CARDS = (
    Column("version", "INTEGER", "", "number of the version, from 1"),
    Column("card", "VARCHAR", "JSON", "groups, measures and exceptions"),
)
_LOGGED = Column("publication", "BIGINT", "", "number of the publication that told it")
_TOLD_ON = Column("told_on", "DATE", "day", "last day known to that publication")

OWN_HEALTH_TABLES = (
    Table("own_health_bands", ("kind", "band"), "Bands that people of the company set.", _BANDS),
    Table("own_scorecards", ("version",), "Scorecards that people of the company drew up.", _CARDS),
    Table(
        "health_overrides",
        ("override_id",),
        "Health that people set by hand, those in force on the day of the run.",
        (
            Column("override_id", "BIGINT", "", "number of it; the highest of a customer counts"),
            CUSTOMER,
            Column("health", "DOUBLE", "0 to 100", "as it was set; high is healthy"),
            Column("until_on", "DATE", "day", "last day on which it counts"),
        ),
    ),
    Table(
        "health_log",
        ("customer_id", "publication"),
        "Health as each publication told it; a row where it moved by a point or its terms changed.",
        (
            CUSTOMER,
            *(_LOGGED, _TOLD_ON),
            *optional(
                Column("health", "DOUBLE", "0 to 100", f"{_HEALTH}; empty: no longer known"),
                _BAND,
                *_POINTS,
                Column("model", "VARCHAR", "", "learner, baseline, rate or notice"),
                Column("scorecard", "DOUBLE", "0 to 100", "the hand-weighted score"),
                Column("scorecard_version", "INTEGER", "", "version of the scorecard"),
            ),
        ),
    ),
)
"""Of the application: settings, and what publications told; empty where there is none."""

_HISTORY = (
    Table(
        "health_trail",
        ("customer_id", "day"),
        "Health on the ends of past months, by the model of now, from what was known on that day.",
        (
            *(CUSTOMER, DAY),
            Column("health", "DOUBLE", "0 to 100", _HEALTH),
            *(_BAND, *_POINTS),
            Column("churn_probability", "DOUBLE", "share", "of leaving within the horizon", True),
        ),
    ),
    Table(
        "health_moves",
        ("customer_id", "compared"),
        "Health beside an earlier one, and the group of facts that moved it most.",
        (
            CUSTOMER,
            Column(
                "compared",
                "VARCHAR",
                "",
                "'told' (by the publication of the day before) or 'computed' (a month-end, by the "
                "model of now)",
            ),
            Column("before_on", "DATE", "day", "day of the earlier one"),
            Column("before", "DOUBLE", "0 to 100", "the earlier health"),
            Column("before_band", "VARCHAR", "", "its band"),
            Column("health", "DOUBLE", "0 to 100", _HEALTH),
            _BAND,
            Column("change", "DOUBLE", "points", "health less the earlier one; below 0 it fell"),
            Column("moved_group", "VARCHAR", "", "group whose points changed most that way", True),
            Column("moved_points", "DOUBLE", "points", "by how much", True),
        ),
    ),
    Table(
        "health_portfolio",
        ("kind", "band"),
        "Customers by band of health; a band 'unknown' for those who have none yet.",
        (
            Column("kind", "VARCHAR", "", "'contract', 'purchase' or 'unknown'"),
            Column("band", "VARCHAR", "", "critical, watch, healthy or unknown"),
            Column("customers", "BIGINT", "customers", "customers in it"),
            Column("by_hand", "BIGINT", "customers", "of these, set there by hand"),
            *optional(
                Column("health", "DOUBLE", "0 to 100", "mean health"),
                Column("mrr", "BIGINT", "minor", "monthly recurring revenue"),
                Column("value_at_risk", "DOUBLE", "minor", "expected loss of value to come"),
            ),
        ),
    ),
)

HEALTH_TABLES = (
    *OWN_HEALTH_TABLES,
    *_HISTORY,
    Table(
        "health_bands",
        ("kind", "band"),
        "From which health a customer is in which band; editable.",
        _BANDS,
    ),
    Table(
        "scorecards",
        ("version",),
        "The scorecard: groups, weights, measures and exceptions; the newest version counts.",
        _CARDS,
    ),
    Table(
        "health_scores",
        ("customer_id",),
        "Health of each customer, 0 to 100, high is healthy: usual + points of the groups.",
        (
            CUSTOMER,
            Column("health", "DOUBLE", "0 to 100", _HEALTH),
            _BAND,
            *_MOMENT,
            Column("health_usual", "DOUBLE", "0 to 100", "health of the average customer"),
            *_POINTS,
            Column("health_known", "DOUBLE", "share", "of the groups, those with any data"),
            *optional(
                Column("scorecard", "DOUBLE", "0 to 100", "the hand-weighted score"),
                Column("scorecard_version", "INTEGER", "", "version of the scorecard"),
            ),
        ),
    ),
    Table(
        "effective_health",
        ("customer_id",),
        "The health that counts: as a person set it, while that is in force, or else as learned.",
        (
            CUSTOMER,
            Column("health", "DOUBLE", "0 to 100", "set by hand, or else learned"),
            replace(_BAND, meaning="critical, watch or healthy, of the health that counts"),
            *optional(
                Column("health_learned", "DOUBLE", "0 to 100", _HEALTH),
                Column("health_learned_band", "VARCHAR", "", "critical, watch or healthy"),
            ),
            Column("health_by_hand", "BOOLEAN", "", "whether a person has set it"),
            Column("health_by_hand_until", "DATE", "day", "last day on which that counts", True),
        ),
    ),
    Table(
        "health_by_band",
        ("kind", "score", "band"),
        "Back-test: of the customers in each band on the days kept back, how many left.",
        (
            *(KIND, _SCORE),
            Column("band", "VARCHAR", "", "critical, watch or healthy"),
            Column("customers", "BIGINT", "rows", "customers on days in the band"),
            Column("lost", "BIGINT", "rows", "of these, who then left"),
            Column("rate", "DOUBLE", "share", "lost ÷ customers"),
            Column("rate_low", "DOUBLE", "share", "low end of the 90 % interval"),
            Column("rate_high", "DOUBLE", "share", "high end of the 90 % interval"),
        ),
    ),
    Table(
        "health_report",
        ("kind", "score"),
        "Back-test of health beside that of the scorecard, on the same customers and days.",
        (
            *(KIND, _SCORE),
            Column("tested", "BIGINT", "rows", "customers on days tested"),
            Column("lost", "BIGINT", "rows", "of these, who then left"),
            Column("auc", "DOUBLE", "share", "chance to rank one who stayed above one who left"),
            Column("brier", "DOUBLE", "share", "mean squared error of 1 − score ÷ 100"),
            Column("brier_of_rate", "DOUBLE", "share", "that of one rate for everybody"),
            Column("slope", "DOUBLE", "", "of the log-odds; 1 is perfect"),
            Column("ece", "DOUBLE", "share", "mean distance of predicted and observed"),
        ),
    ),
)
