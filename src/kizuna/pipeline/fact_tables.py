"""Tables of facts: what is known of a customer on a day, topic by topic, and all of it joined.

A topic is a table `<topic>_facts` with the grain (customer_id, day); `fact_panel` joins every topic
that there is, and `customer_facts` its last day with who the customer is, what she is worth and
what was concluded of her. Neither is written by hand: a new topic needs its contract and its step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from kizuna.pipeline.contracts import Column, Table, optional

CUSTOMER = Column("customer_id", "VARCHAR", "", "the customer, as named by the source")
DAY = Column("day", "DATE", "day", "day up to and including which rows are read")
GRAIN = ("customer_id", "day")

OPTIONAL = frozenset(
    {
        *("contacts", "comment_labels", "service_gaps", "service_rates"),
        *("own_service_calendars", "own_service_targets"),
        *("own_touchpoints", "own_voice_themes", "own_stages", "known_personas"),
        *("own_health_bands", "own_scorecards", "health_overrides", "health_log"),
        "revenue_log",
        *("experiments", "assignments", "actions"),
        *("offers", "offer_customers", "choice_limits"),
        *("survey_asks", "survey_replies"),
    }
)
"""Tables that the application writes; they are empty where it has not."""
TOLD = frozenset({"run", "fact_days"})
"""Tables that the run itself is told in."""
RESULTS = (
    *("churn_scores", "effective_health", "health_scores", "personas", "lifecycle_stages"),
    "cost_to_serve",
)
"""What is concluded of each customer; joined to `customer_facts` where it is made."""


def topics(tables: Mapping[str, Table]) -> list[Table]:
    """Give the tables of topics, in the order of their names."""
    found = (tables[name] for name in sorted(tables) if name.endswith("_facts"))
    return [table for table in found if table.grain == GRAIN]


def results(tables: Mapping[str, Table]) -> list[Table]:
    """Give the tables of what was concluded, those that are made."""
    found = (tables[name] for name in RESULTS if name in tables)
    return [table for table in found if table.grain == ("customer_id",)]


def facts_of(tables: Iterable[Table], taken: Iterable[str] = ()) -> tuple[tuple[str, Column], ...]:
    """Give the facts of tables, each with the name of its table; any may be empty: no data.

    A name that stands in two of them is a fact of the first.
    """
    known, found = {*GRAIN, *taken}, []
    for table in tables:
        fresh = [column for column in table.columns if column.name not in known]
        known.update(column.name for column in fresh)
        found += [(table.name, column) for column in optional(*fresh)]
    return tuple(found)


def joined(tables: Mapping[str, Table]) -> tuple[Table, Table]:
    """Give the contracts of the tables that join the others."""
    panel = Table(
        "fact_panel",
        GRAIN,
        "Every topic of facts joined; empty is 'no data', which is never 0.",
        (CUSTOMER, DAY, *(column for _, column in facts_of(topics(tables)))),
    )
    valued = tables["valued_customers"]
    facts = Table(
        "customer_facts",
        ("customer_id",),
        "One wide row a customer, known by purchases or by name: every fact that a rule, a "
        "segment or a page may use, as of the last day that anything is known of.",
        (
            *valued.columns,
            *(c for _, c in facts_of((panel, *results(tables)), valued.column_names)),
        ),
    )
    return panel, facts


_PURCHASE = (
    Column("orders_90d", "BIGINT", "orders", "orders of the last 90 days"),
    Column("orders_change_90d", "DOUBLE", "", "orders ÷ those of the 90 days before, less 1"),
    Column("spend_90d", "BIGINT", "minor", "orders of the last 90 days, before returns"),
    Column("spend_change_90d", "DOUBLE", "", "spend ÷ that of the 90 days before, less 1"),
    Column("days_since_purchase", "INTEGER", "days", "days since the last purchase"),
    Column("usual_gap_days", "DOUBLE", "days", "mean days between purchases"),
    Column("returns_365d", "BIGINT", "", "days with a return in the last 365 days"),
    Column("newest_purchase_on", "DATE", "day", "day of the newest purchase read"),
)

_CONTRACT = (
    Column("mrr", "BIGINT", "minor", "monthly recurring revenue, in the currency of the run"),
    Column("contracts", "BIGINT", "", "contracts that run"),
    Column("seats", "BIGINT", "", "places or units paid for"),
    Column("seats_used", "BIGINT", "", "people seen in events of the last 28 days"),
    Column("days_to_renewal", "INTEGER", "days", "days to the next end of a term"),
    Column("days_to_notice", "INTEGER", "days", "days to the last one for notice; < 0: past"),
    Column("days_bound", "INTEGER", "days", "days until every contract can have ended; 0: any day"),
    Column("mrr_change_365d", "DOUBLE", "", "MRR ÷ that of 365 days before, less 1"),
    Column("contract_tenure_days", "INTEGER", "days", "days since the oldest running one began"),
    Column("auto_renew", "BOOLEAN", "", "whether one goes on unless somebody ends it"),
    Column("newest_contract_on", "DATE", "day", "day of the newest terms read"),
)

_USE = (
    Column("active_days_28d", "BIGINT", "days", "days with an event in the last 28"),
    Column("active_days_usual", "DOUBLE", "days", "own mean of 28 days in the 84 before"),
    Column("active_days_change", "DOUBLE", "", "÷ own mean of the 84 days before, less 1"),
    Column("breadth_28d", "BIGINT", "", "names of events in the last 28 days"),
    Column("depth_28d", "DOUBLE", "", "events of an active day in the last 28 days"),
    Column("days_since_use", "INTEGER", "days", "days since the last event"),
    Column("users_28d", "BIGINT", "", "people named in events of the last 28 days"),
    Column("newest_use_on", "DATE", "day", "day of the newest event read"),
)

_SURVEY = (
    Column("nps", "DOUBLE", "0 to 10", "latest answer to 'would you recommend us'"),
    Column("nps_days_ago", "INTEGER", "days", "days since that answer"),
    Column("csat", "DOUBLE", "0 to 100", "latest satisfaction, as a share of its scale"),
    Column("ces", "DOUBLE", "0 to 100", "latest effort answer; high = easy"),
    Column("answers_365d", "BIGINT", "", "answers of the last 365 days"),
    Column("comments_365d", "BIGINT", "", "of these, with a comment"),
    Column("newest_answer_on", "DATE", "day", "day of the newest answer read"),
)

_PAYMENT = (
    Column("failed_payments_90d", "BIGINT", "", "payments that failed in 90 days"),
    Column("failed_payments_open", "BIGINT", "", "of these, since the last that came through"),
    Column("newest_payment_on", "DATE", "day", "day of the newest payment read"),
)

_RELATION = (
    Column("contacts_known", "BIGINT", "", "people at the customer whom we know"),
    Column("sponsors_known", "BIGINT", "", "of these, sponsors"),
    Column("decision_makers_known", "BIGINT", "", "of these, who decide"),
    Column("days_since_contact", "INTEGER", "days", "days since the last contact, either way"),
    Column("newest_contact_on", "DATE", "day", "day of the newest contact read"),
)


def _topic(name: str, meaning: str, columns: Iterable[Column]) -> Table:
    return Table(f"{name}_facts", GRAIN, meaning, (CUSTOMER, DAY, *optional(*columns)))


FACT_TABLES = (
    Table(
        "fact_days",
        ("day",),
        "The days of this run whose facts are told.",
        (replace(DAY, meaning="the day"),),
    ),
    Table(
        "contacts",
        ("contact_id",),
        "People at customers, as the application's users keep them.",
        (
            Column("contact_id", "VARCHAR", "", "the contact"),
            CUSTOMER,
            Column("role", "VARCHAR", "", "decides, champion, sponsor, user or billing", True),
            Column("known_on", "DATE", "day", "day on which it was last written"),
        ),
    ),
    Table(
        "fact_moments",
        GRAIN,
        "Whose facts are told on which day: of everybody on the last one, of some before.",
        (CUSTOMER, DAY),
    ),
    Table(
        "payment_events",
        ("name",),
        "Events that tell of a payment; editable.",
        (
            Column("name", "VARCHAR", "", "name of the event"),
            Column("outcome", "VARCHAR", "", "'failed' or 'paid'"),
        ),
    ),
    Table(
        "use_days",
        ("customer_id", "day", "name", "person"),
        "What a customer did on a day, and who of hers; payments left out.",
        (
            *(CUSTOMER, replace(DAY, meaning="day in the organisation's zone")),
            Column("name", "VARCHAR", "", "name of the event"),
            Column("person", "VARCHAR", "", "who did it; '' where nobody is named"),
            Column("events", "BIGINT", "", "how often"),
        ),
    ),
    _topic("purchase", "How a customer has bought of late; none before the first.", _PURCHASE),
    _topic("contract", "What contracts bring and when they end; none before one.", _CONTRACT),
    _topic("use", "How a customer uses what she bought; none before the first event.", _USE),
    _topic("survey", "What a customer answered; none before the first answer.", _SURVEY),
    _topic("payment", "How payments come out; none before the first one.", _PAYMENT),
    _topic("relation", "Whom we know and when we spoke last; none where neither.", _RELATION),
)
