"""Tables of churn: who may leave, who did, what was forecast, what is used, and why."""

from __future__ import annotations

from dataclasses import replace

from kizuna.pipeline.contracts import Column, Table, optional

CUSTOMER = Column("customer_id", "VARCHAR", "", "the customer, as named by the source")
DAY = Column("day", "DATE", "day", "day up to and including which rows are read")
KIND = Column("kind", "VARCHAR", "", "'contract' (a contract runs) or 'purchase' (none does)")
HORIZON = Column("horizon_days", "INTEGER", "days", "how far ahead leaving is looked for")
MODEL = Column("model", "VARCHAR", "", "'learner', 'baseline' or 'rate' (the same for everyone)")
LEFT = Column("has_left", "BOOLEAN", "", "whether the customer left within the horizon")
ENDED = Column("ended_on", "DATE", "day", "first day without a contract", True)
KINDS = ("contract", "purchase")
RENEWAL = "renewal"
"""Forecasts of those whom a contract holds beyond the horizon: of leaving when its term ends."""


_PANEL = (
    Table(
        "churn_terms",
        ("kind",),
        "How far ahead leaving is looked for: of contracts their end, of shops no purchase.",
        (KIND, HORIZON),
    ),
    Table(
        "contract_spells",
        ("customer_id", "started_on"),
        "Stretches of days on each of which at least one contract of the customer ran.",
        (
            CUSTOMER,
            Column("started_on", "DATE", "day", "first day"),
            ENDED,
            Column("notice_on", "DATE", "day", "day on which notice was given; or ended", True),
        ),
    ),
    Table(
        "churn_panel",
        ("customer_id", "day"),
        "Customers who can leave, on each day whose facts are told, and whether they then did.",
        (
            *(CUSTOMER, DAY, KIND, HORIZON),
            Column("tenure_days", "INTEGER", "days", "since the contract or the first purchase"),
            *optional(
                Column("frequency", "BIGINT", "purchases", "repeat purchases: days but one"),
                Column("recency_days", "INTEGER", "days", "from the first to the last purchase"),
                Column("age_days", "INTEGER", "days", "from the first purchase to the last order"),
            ),
            Column("has_notice", "BOOLEAN", "", "whether notice was given: leaving is no forecast"),
            ENDED,
            replace(LEFT, nullable=True, meaning=f"{LEFT.meaning}; empty: not yet known"),
        ),
    ),
)

_BACK_TEST = (
    Table(
        "churn_forecasts",
        ("customer_id", "day", "model"),
        "Forecasts for days that were kept back, made from earlier days alone; and what came.",
        (
            *(CUSTOMER, DAY, KIND, MODEL),
            Column("probability", "DOUBLE", "share", "probability given to leaving"),
            LEFT,
            ENDED,
        ),
    ),
    Table(
        "churn_report",
        ("kind", "model"),
        "How each forecast did on the days kept back; empty where there was too little to test.",
        (
            *(KIND, MODEL, HORIZON),
            Column("used", "BOOLEAN", "", "whether this one is used"),
            Column(
                "reason", "VARCHAR", "", "why that one: better, worse, too_few, no_signal, untested"
            ),
            Column("events", "BIGINT", "customers", "who left on the days learnt from"),
            Column("needed", "BIGINT", "customers", "who must have left before a learner learns"),
            *optional(
                Column("tested_from", "DATE", "day", "first day kept back"),
                Column("tested_until", "DATE", "day", "last day kept back"),
                Column("tested", "BIGINT", "rows", "forecasts tested"),
                Column("tested_events", "BIGINT", "rows", "of these, where the customer left"),
                Column("auc", "DOUBLE", "share", "chance to rank one who left above one who not"),
                Column("auc_error", "DOUBLE", "", "standard error of it"),
                Column("brier", "DOUBLE", "share", "mean squared error"),
                Column("brier_of_rate", "DOUBLE", "share", "that of one rate for everybody"),
                Column("slope", "DOUBLE", "", "of the log-odds; 1 is perfect"),
                Column("intercept", "DOUBLE", "", "of the log-odds; 0 is perfect"),
                Column("ece", "DOUBLE", "share", "mean distance of predicted and observed"),
                Column("off", "DOUBLE", "", "error of the log-odds beyond chance"),
                Column("flagged", "BIGINT", "rows", "highest tenth of forecasts"),
                Column("precision", "DOUBLE", "share", "of the flagged, who left"),
                Column("lead_days", "DOUBLE", "days", "median, from first flag to the leaving"),
            ),
        ),
    ),
    Table(
        "churn_reliability",
        ("kind", "model", "bin"),
        "Forecasts in ten bins, lowest first: what was predicted, and what came of it.",
        (
            *(KIND, MODEL),
            Column("bin", "INTEGER", "", "number of the bin, from 1"),
            Column("rows", "BIGINT", "rows", "forecasts in the bin"),
            Column("predicted", "DOUBLE", "share", "mean probability given"),
            Column("observed", "DOUBLE", "share", "share that left"),
            Column("observed_low", "DOUBLE", "share", "low end of its 90 % interval"),
            Column("observed_high", "DOUBLE", "share", "high end of its 90 % interval"),
        ),
    ),
)

_SCORES = (
    Table(
        "churn_model",
        ("kind",),
        "What is used to forecast, fitted to all days whose outcome is known.",
        (
            *(KIND, MODEL, HORIZON),
            Column("baseline", "VARCHAR", "", "name of the baseline: sbg, bdw, bg_nbd, …", True),
            Column("baseline_parameters", "VARCHAR", "JSON", "its parameters by name", True),
            Column("parameters", "VARCHAR", "JSON", "of what is used"),
            Column("rows", "BIGINT", "rows", "customers on days that it was fitted to"),
            Column("events", "BIGINT", "customers", "of these customers, who left"),
        ),
    ),
    Table(
        "churn_scores",
        ("customer_id",),
        "How likely each customer is to leave; high is bad. No row: not yet known.",
        (
            CUSTOMER,
            Column("churn_probability", "DOUBLE", "share", "of leaving within the horizon"),
            Column("churn_low", "DOUBLE", "share", "low end of the 90 % interval"),
            Column("churn_high", "DOUBLE", "share", "high end of the 90 % interval"),
            Column("churn_horizon_days", "INTEGER", "days", HORIZON.meaning),
            Column("churn_kind", "VARCHAR", "", KIND.meaning),
            Column("churn_model", "VARCHAR", "", f"{MODEL.meaning}, or 'notice' (given already)"),
        ),
    ),
    Table(
        "churn_drivers",
        ("customer_id", "rank"),
        "The facts that move a customer's probability of leaving most, against the usual one.",
        (
            CUSTOMER,
            Column("rank", "INTEGER", "", "1: moves it most"),
            Column("fact", "VARCHAR", "", "name of the fact; 'baseline': the pattern over time"),
            Column("effect", "DOUBLE", "", "added to the log-odds of leaving; above 0 is bad"),
            Column("value", "DOUBLE", "by fact", "the customer's; empty: not known", True),
            Column("usual", "DOUBLE", "by fact", "median of all customers", True),
        ),
    ),
)

CHURN_TABLES = (*_PANEL, *_BACK_TEST, *_SCORES)
