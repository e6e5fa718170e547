"""Tables of what experience is worth: scores of the past, margin that followed, a point's worth.

What goes with a score (association) and what moving it by chance brought (experiment) stand in rows
of their own and are never one number.
"""

from __future__ import annotations

from typing import Final

from kizuna.pipeline.contracts import Column, Table, optional

_CUSTOMER = Column("customer_id", "VARCHAR", "", "the customer, as named by the source")
_SCORES = optional(
    Column("effort", "DOUBLE", "0 to 100", "mean effort of 90 days; high = hard"),
    Column("health", "DOUBLE", "0 to 100", "health; high = good"),
    Column("nps", "DOUBLE", "0 to 10", "likelihood to recommend; of the last 365 days"),
)
SCORES: Final = tuple(column.name for column in _SCORES)
BETTER: Final = {"effort": -1.0, "health": 1.0, "nps": 1.0}
"""Which way a point is better."""
HORIZONS: Final = (90, 365)

_POINTS = Table(
    "experience_points",
    ("customer_id", "day"),
    "Scores at the ends of past months, what was known then, and the margin that followed.",
    (
        _CUSTOMER,
        Column("day", "DATE", "day", "end of a month; at least 90 days lie after it"),
        *_SCORES,
        Column("after_90d", "DOUBLE", "minor", "margin of the 90 days after"),
        Column("after_365d", "DOUBLE", "minor", "of the 365 days after; empty: not over", True),
        Column("past_90d", "DOUBLE", "minor", "margin of the 90 days until then"),
        Column("past_365d", "DOUBLE", "minor", "margin of the 365 days until then"),
        Column("orders_365d", "DOUBLE", "purchases", "days with a purchase in these"),
        *optional(
            Column("days_since_purchase", "DOUBLE", "days", "since the last one; empty: none"),
            Column("tenure_days", "DOUBLE", "days", "since first bought or contracted"),
            Column("mrr", "DOUBLE", "minor", "recurring revenue of a month"),
        ),
    ),
)

_MOVES = Table(
    "experience_moves",
    ("experiment_id", "unit_id", "horizon_days"),
    "Scores of units of experiments in the days from eligibility on, beside what they brought in.",
    (
        Column("experiment_id", "VARCHAR", "", "the experiment: an action with its holdout"),
        Column("unit_id", "VARCHAR", "", "what was assigned as one: the customer, or the account"),
        Column("horizon_days", "INTEGER", "days", "days from eligibility on"),
        Column("arm", "VARCHAR", "", "'control', or the arm of the treated"),
        Column("stratum", "VARCHAR", "", "version and stratum: within it shares are the same"),
        *_SCORES,
        Column("outcome", "DOUBLE", "minor", "margin of these days"),
        Column("predicted", "DOUBLE", "minor", "value foretold at eligibility; 0 where unknown"),
        Column("past", "DOUBLE", "minor", "margin of as many days before"),
    ),
)

_SCORE = Column("score", "VARCHAR", "", "effort, health or nps")
_WORTH = Table(
    "experience_worth",
    ("score", "evidence", "experiment_id", "horizon_days"),
    "What a point better goes with (association), or brought where an action moved it.",
    (
        _SCORE,
        Column("evidence", "VARCHAR", "", "'association' or 'experiment'"),
        Column("experiment_id", "VARCHAR", "", "the experiment; '' of an association"),
        Column("horizon_days", "INTEGER", "days", "days whose margin is counted"),
        Column("state", "VARCHAR", "", "known, few, still (not moved clearly) or uneven"),
        Column("customers", "BIGINT", "customers", "customers, or units of both arms"),
        Column("points", "BIGINT", "rows", "ends of months, or units of both arms"),
        *optional(
            Column("per_point", "DOUBLE", "minor", "margin of a customer in these days"),
            Column("per_point_low", "DOUBLE", "minor", "lower end, 90 % at least"),
            Column("per_point_high", "DOUBLE", "minor", "upper end"),
            Column("per_year", "DOUBLE", "minor", "per_point × 365 ÷ horizon_days"),
            Column("per_year_low", "DOUBLE", "minor", "lower end"),
            Column("per_year_high", "DOUBLE", "minor", "upper end"),
            Column("unadjusted", "DOUBLE", "minor", "per_point with nothing else looked at"),
            Column("treated", "BIGINT", "rows", "units treated whose score is known"),
            Column("control", "BIGINT", "rows", "units held out whose score is known"),
            Column("moved", "DOUBLE", "", "points better by the action"),
            Column("moved_low", "DOUBLE", "", "lower end, 90 %"),
            Column("moved_high", "DOUBLE", "", "upper end"),
            Column("earned", "DOUBLE", "minor", "margin of these units that the action made"),
        ),
    ),
)

_BINS = Table(
    "experience_bins",
    ("score", "horizon_days", "bin"),
    "Margin by score, what else was known held alike: the picture of an association.",
    (
        _SCORE,
        Column("horizon_days", "INTEGER", "days", "days whose margin is counted"),
        Column("bin", "INTEGER", "", "from the lowest scores on; about as many rows in each"),
        Column("points", "BIGINT", "rows", "ends of months"),
        Column("mean_score", "DOUBLE", "", "mean score"),
        Column("margin", "DOUBLE", "minor", "mean margin, were all else as in the mean"),
        Column("margin_low", "DOUBLE", "minor", "lower end, 90 %"),
        Column("margin_high", "DOUBLE", "minor", "upper end"),
    ),
)

EXPERIENCE_TABLES: Final = (_POINTS, _MOVES, _WORTH, _BINS)
