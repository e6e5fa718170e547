"""Tables of health: 0 to 100, high is healthy; learned, and as people weigh it by hand."""

from __future__ import annotations

from dataclasses import replace

from kizuna.pipeline.churn_tables import CUSTOMER, KIND
from kizuna.pipeline.contracts import Column, Table

GROUPS = ("use", "service", "relation", "money", "sentiment")
_SCORE = Column("score", "VARCHAR", "", "'learned' or 'scorecard'")
_HEALTH = "100 × probability of staying; high is healthy"


def _optional(*columns: Column) -> tuple[Column, ...]:
    return tuple(replace(column, nullable=True) for column in columns)


HEALTH_TABLES = (
    Table(
        "health_bands",
        ("kind", "band"),
        "From which health a customer is in which band; editable.",
        (
            KIND,
            Column("band", "VARCHAR", "", "'critical', 'watch' or 'healthy'"),
            Column("from_health", "DOUBLE", "0 to 100", "lowest health of the band"),
        ),
    ),
    Table(
        "scorecards",
        ("version",),
        "The scorecard: groups, weights, measures and exceptions; the newest version counts.",
        (
            Column("version", "INTEGER", "", "number of the version, from 1"),
            Column("card", "VARCHAR", "JSON", "groups, measures and exceptions"),
        ),
    ),
    Table(
        "health_scores",
        ("customer_id",),
        "Health of each customer, 0 to 100, high is healthy: usual + points of the groups.",
        (
            CUSTOMER,
            Column("health", "DOUBLE", "0 to 100", _HEALTH),
            Column("health_band", "VARCHAR", "", "critical, watch or healthy"),
            Column("health_usual", "DOUBLE", "0 to 100", "health of the average customer"),
            *(
                Column(f"health_{group}", "DOUBLE", "points", f"what {group} gives or takes")
                for group in GROUPS
            ),
            Column("health_known", "DOUBLE", "share", "of the groups, those with any data"),
            *_optional(
                Column("scorecard", "DOUBLE", "0 to 100", "the hand-weighted score"),
                Column("scorecard_version", "INTEGER", "", "version of the scorecard"),
            ),
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
