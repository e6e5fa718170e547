"""Every table of the pipeline: its grain, columns, types and units. The shared vocabulary.

A step's result is checked against the contract given here, and `docs/tables.md` is written from it
by `make docs`.

Money is a whole number of the currency's minor unit (`minor`: yen, cents) wherever it is a sum,
and a float of the same unit where it is a mean or an estimate. Tables made for people to read
(`major`: yen, dollars) say so. `period` is the day or week that the run counts in.
"""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from kizuna.pipeline import contracts
from kizuna.pipeline.board_tables import BOARD_TABLES
from kizuna.pipeline.choice_tables import CHOICE_TABLES
from kizuna.pipeline.churn_tables import CHURN_TABLES
from kizuna.pipeline.contract_tables import CONTRACT_TABLES
from kizuna.pipeline.contracts import Column, Table, optional
from kizuna.pipeline.effort_tables import EFFORT_TABLES
from kizuna.pipeline.evidence_tables import EVIDENCE_TABLES
from kizuna.pipeline.experience_tables import EXPERIENCE_TABLES
from kizuna.pipeline.experiment_tables import EXPERIMENT_TABLES
from kizuna.pipeline.fact_tables import FACT_TABLES, joined
from kizuna.pipeline.health_tables import HEALTH_TABLES
from kizuna.pipeline.journey_tables import JOURNEY_TABLES
from kizuna.pipeline.model_tables import MODEL_TABLES
from kizuna.pipeline.persona_tables import PERSONA_TABLES
from kizuna.pipeline.received_tables import RECEIVED_TABLES
from kizuna.pipeline.retention_tables import RETENTION_TABLES
from kizuna.pipeline.segment_tables import SEGMENT_TABLES
from kizuna.pipeline.service_tables import SERVICE_TABLES
from kizuna.pipeline.standard_tables import IDENTITY, STANDARD_TABLES
from kizuna.pipeline.survey_tables import SURVEY_TABLES
from kizuna.pipeline.voice_tables import VOICE_TABLES

CUSTOMER = Column("customer_id", "VARCHAR", "", "the customer, as named by the source")
FIRST = Column("first_purchase", "DATE", "day", "day of the first purchase")
LAST = Column("last_purchase", "DATE", "day", "day of the last purchase")
FREQUENCY = Column("frequency", "BIGINT", "purchases", "repeat purchases: purchase days but one")
RECENCY = Column("recency", "DOUBLE", "period", "age at the last purchase; 0 without a repeat")
AGE = Column("age", "DOUBLE", "period", "time from the first purchase to the end of observation")
ORDERS = Column("orders", "BIGINT", "orders", "orders with an amount of 0 or more")
MEAN_SPEND = Column(
    "mean_spend", "DOUBLE", "minor", "mean amount of the repeat purchases; empty without one", True
)
HISTORICAL = Column("historical_value", "BIGINT", "minor", "all orders so far, net of returns")
SEGMENT = Column("rfm_segment", "VARCHAR", "", "name that the map of segments gives to the scores")
COHORT = Column("cohort", "DATE", "month", "first day of the month of the first purchase")
AGE_MONTHS = Column("age_months", "INTEGER", "month", "calendar months since the cohort's month")
CUSTOMERS = Column("customers", "BIGINT", "customers", "customers in the row")
ACTIVE = Column("active", "BIGINT", "customers", "customers with a purchase in the month")
VALUE = Column("value", "BIGINT", "minor", "orders of the month, net of returns")

RFM_SCORES = tuple(
    Column(f"{measure}_score", "INTEGER", "1 to 5", f"{meaning}; 5 is best")
    for measure, meaning in (
        ("recency", "how lately the customer bought"),
        ("frequency", "how often"),
        ("monetary", "how much in all"),
    )
)

SCORES = optional(
    Column("p_alive", "DOUBLE", "share", "probability of being a customer still"),
    Column("expected_purchases", "DOUBLE", "purchases", "expected over the horizon"),
    Column("expected_purchases_low", "DOUBLE", "purchases", "low end of the 90 % interval"),
    Column("expected_purchases_high", "DOUBLE", "purchases", "high end of the 90 % interval"),
    Column("expected_spend", "DOUBLE", "minor", "expected amount of a future purchase"),
    Column("residual_clv", "DOUBLE", "minor", "discounted margin over the horizon, past excluded"),
    Column("residual_clv_low", "DOUBLE", "minor", "low end of the 90 % interval"),
    Column("residual_clv_high", "DOUBLE", "minor", "high end of the 90 % interval"),
)

AT_RISK = Column(
    "value_at_risk", "DOUBLE", "minor", "expected loss: value to come × probability of having left"
)


def _in_major(column: Column) -> Column:
    if column.unit != "minor":
        return column
    return replace(column, type="DOUBLE", unit="major")


_CAPTURE = (
    Table(
        "run",
        (),
        "The values of this run, so that SQL can read them.",
        (
            Column("as_of", "DATE", "day", "last day observed"),
            Column("until", "DATE", "day", "last day of the future to compare with (back-test)"),
            Column("days_per_period", "INTEGER", "days", "1 or 7"),
            Column("minor_units", "INTEGER", "minor", "minor units in one unit of the currency"),
            Column("margin", "DOUBLE", "share", "margin earned on an amount"),
            Column("horizon_days", "INTEGER", "days", "how far estimates look ahead"),
            Column("currency", "VARCHAR", "ISO 4217", "currency of the run"),
            Column("timezone", "VARCHAR", "IANA", "zone in which days are cut"),
            Column("panel_customers", "INTEGER", "", "customers whose past facts are told; 0: all"),
        ),
    ),
    Table(
        "transactions",
        ("customer_id", "order_id", "ordered_on"),
        "Orders and returns, cleaned; a return is a row with a negative amount.",
        (
            CUSTOMER,
            Column("order_id", "VARCHAR", "", "the order, as named by the source or by its line"),
            Column("ordered_at", "TIMESTAMP", "UTC", "instant, where the source has one", True),
            Column("ordered_on", "DATE", "day", "day in the organisation's time zone"),
            Column("amount", "BIGINT", "minor", "amount of the order; negative for a return"),
            Column("currency", "VARCHAR", "ISO 4217", "one currency in all rows"),
            Column("purchased_on", "DATE", "day", "ordered_on; of a return, its purchase's", True),
        ),
    ),
    Table(
        "identity_map",
        ("raw_customer_id",),
        "To whom a customer key belongs that is not a customer of its own.",
        (
            Column("raw_customer_id", "VARCHAR", "", "the key that rows came with"),
            Column("customer_id", "VARCHAR", "", "the customer that it belongs to"),
        ),
    ),
)

_PURCHASES = (
    Table(
        "purchase_days",
        ("customer_id", "day"),
        "Days on which a customer bought: orders of one day are one purchase.",
        (
            *(CUSTOMER, Column("day", "DATE", "day", "day of purchase"), ORDERS),
            Column("amount", "BIGINT", "minor", "amount of the day's orders"),
            Column("number", "INTEGER", "purchases", "which of the customer's: the first is 1"),
            Column("first_on", "DATE", "day", "day of the customer's first purchase"),
            Column("next_on", "DATE", "day", "day of the next one; empty: none followed", True),
        ),
    ),
    Table(
        "returns",
        ("customer_id", "day"),
        "Days on which a customer gave something back.",
        (
            CUSTOMER,
            Column("day", "DATE", "day", "day of the return"),
            Column("purchased_on", "DATE", "day", "its purchase's; empty if not in the log", True),
            Column("amount", "BIGINT", "minor", "what the returns took off; negative"),
        ),
    ),
    Table(
        "order_history",
        ("customer_id",),
        "What of a customer's purchases the models need, before returns.",
        (
            *(CUSTOMER, FIRST, LAST),
            Column("purchase_days", "BIGINT", "purchases", "days with a purchase"),
            ORDERS,
            Column("first_amount", "BIGINT", "minor", "amount of the first purchase day"),
            Column("amount", "BIGINT", "minor", "amount of all purchase days"),
        ),
    ),
    Table(
        "purchases",
        ("customer_id",),
        "How often and how recently a customer bought, up to and including the last day observed.",
        (CUSTOMER, FIRST, LAST, FREQUENCY, RECENCY, AGE, ORDERS),
    ),
    Table(
        "spend",
        ("customer_id",),
        "How much a customer spends: repeat purchases apart from the first, as the models want it.",
        (
            CUSTOMER,
            Column("orders", "BIGINT", "purchases", "repeat purchases behind the mean"),
            MEAN_SPEND,
            Column("total", "BIGINT", "minor", "amount of the repeat purchases"),
            HISTORICAL,
        ),
    ),
    Table(
        "purchases_by_day",
        ("day",),
        "Purchases of each day on which there were any, up to the end of the future compared with.",
        (
            Column("day", "DATE", "day", "day of purchase"),
            Column("purchases", "BIGINT", "purchases", "customers who bought that day"),
            Column("first_purchases", "BIGINT", "purchases", "of these, first ever"),
            Column("amount", "BIGINT", "minor", "amount of the day's purchases"),
        ),
    ),
    Table(
        "future_purchases",
        ("customer_id",),
        "What the customers of `purchases` did after the last day observed; for the back-test.",
        (
            CUSTOMER,
            Column("purchases", "BIGINT", "purchases", "purchase days in the future"),
            Column("amount", "BIGINT", "minor", "amount of these purchases"),
        ),
    ),
)

_COHORTS = (
    Table(
        "cohort_months",
        ("cohort", "age_months"),
        "Each cohort in each calendar month in which it ordered or returned anything.",
        (COHORT, AGE_MONTHS, ACTIVE, VALUE),
    ),
    Table(
        "cohorts",
        ("cohort",),
        "Customers by the month of their first purchase.",
        (
            COHORT,
            Column("complete_months", "INTEGER", "month", "months wholly observed, its own first"),
            CUSTOMERS,
            Column("repeat_customers", "BIGINT", "customers", "of these, bought on another day"),
            Column("purchases", "BIGINT", "purchases", "purchase days so far, first ones included"),
            HISTORICAL,
        ),
    ),
    Table(
        "cohort_ages",
        ("cohort", "age_months"),
        "Each cohort in each complete month, those without an order included.",
        (COHORT, AGE_MONTHS, CUSTOMERS, ACTIVE, VALUE),
    ),
    Table(
        "retention",
        ("cohort", "age_months"),
        "Who of a cohort bought, by months since the first purchase; complete months only.",
        (
            *(COHORT, AGE_MONTHS, CUSTOMERS, ACTIVE),
            Column("rate", "DOUBLE", "share", "active ÷ customers"),
        ),
    ),
    Table(
        "ltv_by_cohort",
        ("cohort", "age_months"),
        "Value per customer so far, by months since the first purchase; complete months only.",
        (
            *(COHORT, AGE_MONTHS, CUSTOMERS),
            Column("cumulative_value_per_customer", "DOUBLE", "major", "orders net of returns"),
        ),
    ),
    Table(
        "ltv_factors",
        ("factor",),
        "The plain formula: the product of the factors is the lifetime value of a new customer.",
        (
            Column("factor", "VARCHAR", "", "name of the factor"),
            Column("value", "DOUBLE", "by factor", "empty where the log cannot tell", True),
            Column("rows", "BIGINT", "rows", "purchases or customers that it came from"),
            Column("definition", "VARCHAR", "", "key of the definition shown to people"),
        ),
    ),
)

_CUSTOMERS = (
    Table(
        "rfm_cutoffs",
        ("measure",),
        "Points that part customers into fifths, from worst to best.",
        (
            Column("measure", "VARCHAR", "", "recency (days since), frequency, monetary (minor)"),
            *(
                Column(f"cut_{p}", "DOUBLE", "by measure", f"what the worst {p} % reach", True)
                for p in (20, 40, 60, 80)
            ),
        ),
    ),
    Table(
        "rfm_segments",
        ("recency_low", "frequency_low", "monetary_low"),
        "The map from scores to names: boxes of scores, both ends included; editable.",
        (
            Column("segment", "VARCHAR", "", "name of the segment"),
            *(
                Column(f"{measure}_{end}", "INTEGER", "1 to 5", f"{end}est {measure} score")
                for measure in ("recency", "frequency", "monetary")
                for end in ("low", "high")
            ),
        ),
    ),
    Table(
        "rfm",
        ("customer_id",),
        "Recency, frequency and monetary scores over all observed; equal values score equal.",
        (CUSTOMER, *RFM_SCORES, SEGMENT),
    ),
    Table(
        "clv_scores",
        ("customer_id",),
        "What the chosen models expect of each customer; empty where the data cannot tell.",
        (CUSTOMER, *SCORES),
    ),
    Table(
        "valued_customers",
        ("customer_id",),
        "Who a customer is, known by purchases or by name, and what she is worth.",
        (
            CUSTOMER,
            *IDENTITY,
            *optional(FIRST, LAST, COHORT, FREQUENCY, RECENCY, AGE, ORDERS, MEAN_SPEND),
            *optional(HISTORICAL, *RFM_SCORES, SEGMENT, *SCORES, AT_RISK),
        ),
    ),
    Table(
        "customer_values",
        ("customer_id",),
        "The customers file that `kizuna value` writes; money in units that people read.",
        tuple(
            _in_major(column)
            for column in (
                *(CUSTOMER, FIRST, LAST, FREQUENCY, RECENCY, AGE, MEAN_SPEND, HISTORICAL),
                *(c for c in SCORES if c.name != "expected_spend"),
                SEGMENT,
            )
        ),
    ),
)

_REPORT = (
    Table(
        "segments",
        ("rfm_segment",),
        "Each named segment: how many, what they brought, what they are expected to bring.",
        (
            SEGMENT,
            CUSTOMERS,
            Column("share", "DOUBLE", "share", "of all customers"),
            Column("historical_value", "DOUBLE", "major", "orders so far, net of returns"),
            *optional(
                Column("residual_clv", "DOUBLE", "major", "sum over the segment"),
                Column("mean_residual_clv", "DOUBLE", "major", "mean of a customer"),
                Column("mean_p_alive", "DOUBLE", "share", "mean probability of being a customer"),
            ),
        ),
    ),
    Table(
        "concentration",
        ("kind", "share_of_customers"),
        "Who carries the value: customers from the most valuable down; at most 101 points a kind.",
        (
            Column("kind", "VARCHAR", "", "'historical' or 'residual'"),
            Column("share_of_customers", "DOUBLE", "share", "of all customers, best first"),
            Column("share_of_value", "DOUBLE", "", "of all value; over 1 where some is negative"),
        ),
    ),
)

TABLES: dict[str, Table] = {
    table.name: table
    for group in (
        _CAPTURE,
        STANDARD_TABLES,
        RECEIVED_TABLES,
        _PURCHASES,
        _COHORTS,
        MODEL_TABLES,
        _CUSTOMERS,
        _REPORT,
        EVIDENCE_TABLES,
        BOARD_TABLES,
        CONTRACT_TABLES,
        RETENTION_TABLES,
        FACT_TABLES,
        CHURN_TABLES,
        HEALTH_TABLES,
        EFFORT_TABLES,
        SERVICE_TABLES,
        VOICE_TABLES,
        PERSONA_TABLES,
        JOURNEY_TABLES,
        SEGMENT_TABLES,
        EXPERIMENT_TABLES,
        CHOICE_TABLES,
        EXPERIENCE_TABLES,
        SURVEY_TABLES,
    )
    for table in group
}
TABLES |= {table.name: table for table in joined(TABLES)}


def check(table_name: str, data: pa.Table | pa.Schema) -> None:
    """Raise `ContractError` unless the data (or its schema alone) is as the contract says."""
    contracts.check(TABLES[table_name], data)


def arrow_schema(table_name: str) -> pa.Schema:
    """Give the Arrow schema of a table."""
    return contracts.arrow_schema(TABLES[table_name])
