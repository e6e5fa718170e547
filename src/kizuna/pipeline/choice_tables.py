"""Tables of the next best action: what is on offer, whom it moves, who gets what, and its worth."""

from __future__ import annotations

from typing import Final

from kizuna.pipeline.contracts import Column, Table, optional

_EXPERIMENT = Column("experiment_id", "VARCHAR", "", "the action, as an experiment")
_CUSTOMER = Column("customer_id", "VARCHAR", "", "the customer, as named by the source")

OFFERS: Final = Table(
    "offers",
    ("experiment_id",),
    "Actions among which may be chosen now; written by the application.",
    (
        _EXPERIMENT,
        Column("cost", "DOUBLE", "minor", "of doing it to one customer"),
        Column("capacity", "BIGINT", "customers", "how many can have it; empty: no limit", True),
        Column("for_everyone", "BOOLEAN", "", "else for those of offer_customers alone"),
    ),
)

OFFER_CUSTOMERS: Final = Table(
    "offer_customers",
    ("experiment_id", "customer_id"),
    "Who may have an action that is not for everyone; written by the application.",
    (_EXPERIMENT, _CUSTOMER),
)

CHOICE_LIMITS: Final = Table(
    "choice_limits",
    ("salt",),
    "One row: how much may be spent on what is chosen; written by the application.",
    (
        Column("salt", "VARCHAR", "", "what chance draws by"),
        Column("budget", "DOUBLE", "minor", "to spend on all; empty: no limit", True),
        Column("explored", "DOUBLE", "share", "of what is proposed that chance proposes"),
    ),
)

_FACTS = Table(
    "choice_facts",
    ("experiment_id", "unit_id"),
    "What was known of a unit before the day of its eligibility; and of each customer today ('').",
    (
        Column("experiment_id", "VARCHAR", "", "the experiment; '': the customers as they are now"),
        Column("unit_id", "VARCHAR", "", "what was assigned as one; the customer where it is now"),
        *optional(
            Column("predicted", "DOUBLE", "minor", "value foretold on that day"),
            Column("spend_365d", "DOUBLE", "minor", "bought in the 365 days before"),
            Column("orders_365d", "DOUBLE", "purchases", "days with a purchase in these"),
            Column("days_since_purchase", "DOUBLE", "days", "since the last one; empty: none"),
            Column("tenure_days", "DOUBLE", "days", "since the first one"),
            Column("mrr", "DOUBLE", "minor", "recurring revenue of a month"),
            Column("contacts_90d", "DOUBLE", "contacts", "with the service in the 90 days before"),
            Column("at_stake", "DOUBLE", "minor", "value at risk of the customer as she is now"),
            Column("p_alive", "DOUBLE", "share", "probability that she is a customer still"),
        ),
    ),
)
FACTS: Final = tuple(column.name for column in _FACTS.columns[2:-2])
"""What an effect may depend on."""

_MODELS = Table(
    "uplift_models",
    ("experiment_id",),
    "Whom an action moves, learned from those whom chance held out; or why that is not known.",
    (
        _EXPERIMENT,
        Column("state", "VARCHAR", "", "learned, average, few or mismatch"),
        Column("horizon_days", "INTEGER", "days", "days from eligibility on that are counted"),
        Column("treated", "BIGINT", "rows", "units treated whose days are over"),
        Column("control", "BIGINT", "rows", "units held out whose days are over"),
        *optional(
            Column("average", "DOUBLE", "minor", "effect on a unit, before its cost"),
            Column("average_low", "DOUBLE", "minor", "lower end, 90 %"),
            Column("average_high", "DOUBLE", "minor", "upper end"),
            Column("keep", "DOUBLE", "share", "of learned differences that is kept"),
            Column("model", "VARCHAR", "", "the model, as JSON"),
        ),
    ),
)

_NEXT = Table(
    "next_best_actions",
    ("customer_id",),
    "Who is proposed what, the most worth a unit of cost first.",
    (
        _CUSTOMER,
        Column("position", "BIGINT", "", "1 is the first to be done"),
        _EXPERIMENT,
        Column("how", "VARCHAR", "", "learned, average, chance, or rule: nothing is known yet"),
        Column("cost", "DOUBLE", "minor", "of doing it"),
        Column("propensity", "DOUBLE", "share", "chance with which it was to be proposed"),
        *optional(
            Column("effect", "DOUBLE", "minor", "margin that it is expected to make"),
            Column("net", "DOUBLE", "minor", "effect less cost"),
            Column("at_stake", "DOUBLE", "minor", "value at risk, by which the rule orders"),
            Column("why", "VARCHAR", "", "the fact that raises the effect most"),
            Column("why_effect", "DOUBLE", "minor", "by how much"),
            Column("why_more", "VARCHAR", "", "the fact that comes next"),
            Column("why_more_effect", "DOUBLE", "minor", "by how much"),
        ),
    ),
)

_VALUES = Table(
    "choice_values",
    ("experiment_id",),
    "What choosing would have earned of those whom chance had placed, against what is done today.",
    (
        _EXPERIMENT,
        Column("units", "BIGINT", "rows", "units that it is told by"),
        Column("chosen", "DOUBLE", "share", "of them that the choice treats"),
        *(
            Column(f"{name}{end}", "DOUBLE", "minor", f"{meaning}{of_end}")
            for name, meaning in (
                ("over_all", "a unit, more than by treating all"),
                ("over_none", "a unit, more than by treating nobody"),
            )
            for end, of_end in (("", ""), ("_low", "; lower end, 90 %"), ("_high", "; upper end"))
        ),
    ),
)

CHOICE_INPUTS: Final = (OFFERS, OFFER_CUSTOMERS, CHOICE_LIMITS)
CHOICE_TABLES: Final = (*CHOICE_INPUTS, _FACTS, _MODELS, _NEXT, _VALUES)
