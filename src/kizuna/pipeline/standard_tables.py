"""Tables that a company brings beside its orders: who the customers are, and what touched them.

Each is optional: a step may read any of them, and finds it empty where nothing was brought.
"""

from __future__ import annotations

from kizuna.pipeline.contracts import Column, Table, optional

_CUSTOMER = Column("customer_id", "VARCHAR", "", "the customer, as named by the source")
_CURRENCY = Column("currency", "VARCHAR", "ISO 4217", "currency of the amount")
_CUSTOM = Column("custom", "VARCHAR", "JSON", "other columns of the source that were kept", True)
_CASE = Column("case_id", "VARCHAR", "", "the case or ticket that it belongs to", True)

IDENTITY = optional(
    Column("name", "VARCHAR", "", "name of the person or company"),
    Column("name_kana", "VARCHAR", "", "reading of the name, in katakana"),
    Column("kind", "VARCHAR", "", "'person' or 'company'"),
    Column("email", "VARCHAR", "", "mail address, in small letters"),
    Column("phone", "VARCHAR", "E.164", "telephone number, with its country"),
    Column("region", "VARCHAR", "", "prefecture, state or region"),
    Column("channel", "VARCHAR", "", "channel that the customer was won by"),
    Column("acquired_on", "DATE", "day", "day on which the customer was won"),
    Column("parent_id", "VARCHAR", "", "customer that this one belongs to"),
    Column("owner_email", "VARCHAR", "", "mail address of who looks after the customer"),
)
"""What `customer_facts` takes over from `customers`."""

_PLACE = optional(
    Column("country", "VARCHAR", "ISO 3166", "country"),
    Column("city", "VARCHAR", "", "city, and what follows it in the address"),
)

_CUSTOMERS = Table(
    "customers",
    ("customer_id",),
    "Who the customers are, as the company's own records have it.",
    (_CUSTOMER, *IDENTITY[:5], _PLACE[0], IDENTITY[5], _PLACE[1], *IDENTITY[6:], _CUSTOM),
)

_CONTRACTS = Table(
    "contracts",
    ("contract_id",),
    "Subscriptions and other contracts that run until somebody ends them.",
    (
        Column("contract_id", "VARCHAR", "", "the contract, as named by the source"),
        _CUSTOMER,
        Column("product", "VARCHAR", "", "product or plan", True),
        Column("started_on", "DATE", "day", "first day of the contract"),
        *optional(
            Column("ended_on", "DATE", "day", "last day; empty while it runs"),
            Column("term_months", "INTEGER", "month", "months that it is bound for"),
            Column("auto_renew", "BOOLEAN", "", "whether it goes on unless somebody ends it"),
            Column("notice_days", "INTEGER", "days", "days before the end to give notice"),
            Column("seats", "INTEGER", "", "places or units paid for"),
        ),
        Column("amount", "BIGINT", "minor", "amount of one billing period"),
        Column("billing_months", "INTEGER", "month", "months of a period: 1, 12, …; 0: once"),
        _CURRENCY,
        *optional(
            Column("cancelled_on", "DATE", "day", "day on which notice was given"),
            Column("cancel_reason", "VARCHAR", "", "reason given for ending it"),
        ),
        _CUSTOM,
    ),
)

_CONTRACT_CHANGES = Table(
    "contract_changes",
    ("change_id",),
    "Changes of what a contract costs or holds; what a change leaves empty stays as it was.",
    (
        Column("change_id", "VARCHAR", "", "the change, as named by the source or by its content"),
        Column("contract_id", "VARCHAR", "", "the contract, as named by the source"),
        Column("changed_on", "DATE", "day", "first day on which it holds"),
        *optional(
            Column("amount", "BIGINT", "minor", "amount of one billing period"),
            Column("billing_months", "INTEGER", "month", "months of a billing period: 1, 12, …"),
            Column("seats", "INTEGER", "", "places or units paid for"),
        ),
        _CURRENCY,
    ),
)

_EVENTS = Table(
    "events",
    ("event_id",),
    "What customers did on a site, in an app or with a product.",
    (
        Column("event_id", "VARCHAR", "", "the event, as named by the source or by its content"),
        _CUSTOMER,
        Column("name", "VARCHAR", "", "what happened, such as 'signed in'"),
        Column("happened_at", "TIMESTAMP", "UTC", "when it happened"),
        Column("source", "VARCHAR", "", "where it was recorded", True),
        Column("properties", "VARCHAR", "JSON", "what else is known of it", True),
    ),
)

_INTERACTIONS = Table(
    "interactions",
    ("interaction_id",),
    "Contacts between customers and the company, on any channel.",
    (
        Column("interaction_id", "VARCHAR", "", "the contact, as named by the source"),
        _CUSTOMER,
        Column("happened_at", "TIMESTAMP", "UTC", "when it happened"),
        Column(
            "channel",
            "VARCHAR",
            "",
            "mail, phone, chat, line, visit, social, in_person, paper, or as given",
        ),
        Column("direction", "VARCHAR", "", "'in' from the customer, 'out' to the customer", True),
        _CASE,
        *optional(
            Column("agent", "VARCHAR", "", "who of the company took part"),
            Column("subject", "VARCHAR", "", "what it was about"),
            Column("text", "VARCHAR", "", "what was said or written"),
            Column("wait_seconds", "DOUBLE", "seconds", "how long the customer waited"),
            Column("minutes", "DOUBLE", "minutes", "how long it took"),
            Column("transfers", "INTEGER", "", "times the customer was passed on"),
            Column("outcome", "VARCHAR", "", "what came of it"),
        ),
        _CUSTOM,
    ),
)

_RESPONSES = Table(
    "responses",
    ("response_id",),
    "Answers of customers to surveys.",
    (
        Column("response_id", "VARCHAR", "", "the answer, as named by the source"),
        _CUSTOMER,
        Column("answered_at", "TIMESTAMP", "UTC", "when it was given"),
        Column("survey", "VARCHAR", "", "name of the survey", True),
        Column("kind", "VARCHAR", "", "nps, csat, ces (agreement), ces1 (effort) or custom"),
        *optional(
            Column("score", "DOUBLE", "", "number given"),
            Column("scale_low", "DOUBLE", "", "lowest number of the scale"),
            Column("scale_high", "DOUBLE", "", "highest number of the scale"),
            Column("comment", "VARCHAR", "", "what was written beside it"),
        ),
        _CASE,
        _CUSTOM,
    ),
)

_COSTS = Table(
    "costs",
    ("cost_id",),
    "What was spent to win customers, to serve them, or on a programme for them.",
    (
        Column("cost_id", "VARCHAR", "", "the cost, as named by the source or by its content"),
        Column("kind", "VARCHAR", "", "'acquisition', 'service' or 'programme'"),
        Column("channel", "VARCHAR", "", "channel that it was spent on", True),
        Column("from_on", "DATE", "day", "first day that it is for"),
        Column("until_on", "DATE", "day", "last day that it is for"),
        Column("amount", "BIGINT", "minor", "amount spent"),
        _CURRENCY,
        Column("customer_id", "VARCHAR", "", "customer that it was spent on, if one", True),
        Column("note", "VARCHAR", "", "remark", True),
    ),
)

STANDARD_TABLES = (
    _CUSTOMERS,
    _CONTRACTS,
    _CONTRACT_CHANGES,
    _EVENTS,
    _INTERACTIONS,
    _RESPONSES,
    _COSTS,
)
STANDARD = frozenset(table.name for table in STANDARD_TABLES)
"""Names of the tables that may be missing: they are then empty."""
