"""Tables of the back-test: what a model said of a time that it had not seen, beside what came."""

from __future__ import annotations

from kizuna.pipeline.contracts import Column, Table

CUSTOMERS = Column("customers", "BIGINT", "customers", "customers in the row")

EVIDENCE_TABLES = (
    Table(
        "calibration",
        ("decile",),
        "Predicted against actual on the holdout, by tenths of the prediction; customer means.",
        (
            Column("decile", "INTEGER", "1 to 10", "1 holds the lowest predictions"),
            CUSTOMERS,
            Column("predicted_purchases", "DOUBLE", "purchases", "mean prediction"),
            Column("actual_purchases", "DOUBLE", "purchases", "mean of what happened"),
            Column("predicted_spend", "DOUBLE", "major", "mean prediction", True),
            Column("actual_spend", "DOUBLE", "major", "mean of what happened", True),
        ),
    ),
    Table(
        "tracking",
        ("week_start",),
        "Repeat purchases week by week, actual and predicted.",
        (
            Column("week_start", "DATE", "week", "first day of the week"),
            Column("actual_purchases", "DOUBLE", "purchases", "in the week"),
            Column("predicted_purchases", "DOUBLE", "purchases", "in the week"),
            Column("cumulative_actual", "DOUBLE", "purchases", "up to the week's end"),
            Column("cumulative_predicted", "DOUBLE", "purchases", "up to the week's end"),
            Column("phase", "VARCHAR", "", "'calibration' or 'holdout'"),
        ),
    ),
    Table(
        "frequency_calibration",
        ("frequency",),
        "How many customers made how many repeat purchases: actual against the model's.",
        (
            Column("frequency", "VARCHAR", "", "number of repeat purchases; the last is 'n+'"),
            CUSTOMERS,
            Column("predicted", "DOUBLE", "", "as the model has it"),
            Column("actual", "DOUBLE", "", "as it was"),
        ),
    ),
)
