"""Tables between the purchases of customers and their value: what models see, say and score."""

from __future__ import annotations

from kizuna.pipeline.contracts import Column, Table

_CUSTOMER = Column("customer_id", "VARCHAR", "", "the customer, as named by the source")
_PATTERN = (
    Column("frequency", "BIGINT", "purchases", "repeat purchases: purchase days but one"),
    Column("recency", "DOUBLE", "period", "age at the last purchase; 0 without a repeat"),
    Column("age", "DOUBLE", "period", "time from the first purchase to the end of observation"),
)
_MEAN_SPEND = Column("mean_spend", "DOUBLE", "minor", "mean amount of the repeat purchases")
_CUSTOMERS = Column("customers", "BIGINT", "customers", "customers who share the pattern")

MODEL_TABLES = (
    Table(
        "clv_inputs",
        ("customer_id",),
        "What the models of lifetime value are scored on.",
        (
            _CUSTOMER,
            *_PATTERN,
            Column("mean_spend", "DOUBLE", "minor", "of repeat purchases; empty without one", True),
        ),
    ),
    Table(
        "purchase_patterns",
        ("frequency", "recency", "age"),
        "Customers who share frequency, recency and age: what a purchase model is fitted to.",
        (*_PATTERN, _CUSTOMERS),
    ),
    Table(
        "spend_patterns",
        ("orders", "mean_spend"),
        "Customers who share the number and the mean of repeat purchases: for the spend model.",
        (
            Column("orders", "BIGINT", "purchases", "repeat purchases behind the mean"),
            _MEAN_SPEND,
            _CUSTOMERS,
        ),
    ),
    Table(
        "cohort_days",
        ("first_purchase", "day"),
        "Who of the customers of one first day bought on which day; future compared with included.",
        (
            Column("first_purchase", "DATE", "day", "day of the first purchase"),
            Column("day", "DATE", "day", "day of purchase; the first day holds all of them"),
            Column("purchases", "BIGINT", "purchases", "customers who bought that day"),
        ),
    ),
    Table(
        "clv_choice",
        ("model",),
        "The purchase model that the back-test chose; no row where there is too little data.",
        (
            Column("model", "VARCHAR", "", "bg_nbd, mbg_nbd or pareto_nbd"),
            Column("paced", "BOOLEAN", "", "whether its clock runs faster while customers are new"),
        ),
    ),
    Table(
        "clv_model",
        ("role",),
        "The models fitted to all the history of the run.",
        (
            Column("role", "VARCHAR", "", "'purchases' (as used), 'calendar', 'spend'"),
            Column("name", "VARCHAR", "", "name of the model"),
            Column("parameters", "VARCHAR", "JSON", "parameters by name; money in major units"),
            Column("covariance", "VARCHAR", "JSON", "of the parameters, in their order"),
            Column("log_likelihood", "DOUBLE", "", "at the maximum"),
            Column("customers", "BIGINT", "customers", "customers fitted to"),
            Column("converged", "BOOLEAN", "", "whether the search ended at a maximum"),
            Column("at_bound", "VARCHAR", "", "parameters that ran into their bound"),
            Column(
                "pace_lift", "DOUBLE", "share", "extra pace of a new customer; 0: calendar time"
            ),
            Column("pace_fade", "DOUBLE", "period", "age at which that lift has fallen to 37 %"),
        ),
    ),
    Table(
        "clv_rivals",
        ("name",),
        "The purchase models that are not in use: how far they disagree is part of a range.",
        (
            Column("name", "VARCHAR", "", "name of the model"),
            Column("parameters", "VARCHAR", "JSON", "parameters by name; time in periods"),
            Column("log_likelihood", "DOUBLE", "", "at the maximum"),
            Column("customers", "BIGINT", "customers", "customers fitted to"),
        ),
    ),
    Table(
        "what_if",
        ("draw", "loss"),
        "What customers bring if they leave faster or more slowly; what scenarios are made of.",
        (
            Column(
                "draw", "INTEGER", "", "0: the estimate; 1 to 64: parameters as likely; then rivals"
            ),
            Column("loss", "DOUBLE", "ratio", "rate of leaving, as a multiple of that of now"),
            Column("equity", "DOUBLE", "ratio", "customer equity, as a multiple of that of now"),
            Column(
                "purchases", "DOUBLE", "ratio", "purchases in the horizon, as a multiple of now"
            ),
            Column("kept", "DOUBLE", "ratio", "purchases a month in a year's time ÷ those of now"),
            Column("new_purchases", "DOUBLE", "purchases", "repeats of a new customer, discounted"),
            Column("order_value", "DOUBLE", "minor", "mean repeat order of a new customer"),
            Column("first_order", "DOUBLE", "minor", "mean first order, net of returns"),
        ),
    ),
    Table(
        "what_if_months",
        ("draw", "loss", "month"),
        "Repeat purchases of a new customer until the end of each month, if customers leave so.",
        (
            Column(
                "draw", "INTEGER", "", "0: the estimate; 1 to 64: parameters as likely; then rivals"
            ),
            Column("loss", "DOUBLE", "ratio", "rate of leaving, as a multiple of that of now"),
            Column("month", "INTEGER", "months", "months since the first order"),
            Column("purchases", "DOUBLE", "purchases", "repeat purchases expected until then"),
        ),
    ),
)
