"""Tables of personas: what they are found by, the model, who is of which, what each is like."""

from __future__ import annotations

from kizuna.pipeline.contracts import Column, Table, optional

_CUSTOMER = Column("customer_id", "VARCHAR", "", "the customer, as named by the source")

TRAITS = optional(
    Column("days_between", "DOUBLE", "days", "mean days from a purchase to the next"),
    Column("mean_purchase", "DOUBLE", "minor", "mean amount of a purchase day"),
    Column("gift_season", "DOUBLE", "share", "share of purchases in May and December"),
    Column("weekend", "DOUBLE", "share", "share of purchases on Saturday and Sunday"),
    Column("sent_back", "DOUBLE", "share", "share of purchases of which something went back"),
    Column("asked", "DOUBLE", "share", "share of purchases with a question within a week of them"),
    Column("visits", "DOUBLE", "share", "share of the last 13 weeks with an event"),
)
"""How customers behave; nothing of who they are. Shares are of occasions, the others are means."""
ACCOUNT_TRAITS = optional(
    Column("active_days", "DOUBLE", "share", "share of the last 91 days with use"),
    Column("breadth", "DOUBLE", "share", "kinds of events used, of those that anybody used"),
    Column("depth", "DOUBLE", "events", "events of a person on a day with use"),
    Column("seats_taken", "DOUBLE", "share", "people seen in 91 days ÷ seats; at most 1"),
    Column("asking", "DOUBLE", "share", "share of the last 26 weeks with a contact to the service"),
    Column("seats", "DOUBLE", "seats", "places paid for"),
    Column("seat_price", "DOUBLE", "minor", "recurring revenue a month ÷ seats: the plan"),
    Column("tenure", "DOUBLE", "days", "days since the first contract began"),
)
"""How accounts use what they pay for, and by which terms; nothing of who they are."""
TRAITS_OF = {"purchases": TRAITS, "use": ACCOUNT_TRAITS}
TABLE_OF = {"purchases": "persona_traits", "use": "account_traits"}
LATER_OF = {"purchases": "later_value", "use": "revenue_kept"}
"""What came later, by which kinds are held to differ in value."""
LEAST_OF = {"purchases": 200, "use": 100}
"""Customers before anything is looked for."""
OCCASIONS = {
    **{trait.name: "purchases" for trait in TRAITS},
    "days_between": "gaps",
    "asked": "asked_of",
    "visits": "13",
    "active_days": "days_seen",
    "breadth": "names_known",
    "depth": "person_days",
    "seats_taken": "seats_known",
    "asking": "26",
    "seats": "1",
    "seat_price": "1",
    "tenure": "1",
}
"""Of how many occasions a trait is: a column, or always as many."""

_PERSONA = Column("persona", "VARCHAR", "", "key of the persona; once given it stays")
_BASIS = Column("basis", "VARCHAR", "", "what kinds are found by: 'purchases' or 'use'")

PERSONA_TABLES = (
    Table(
        "known_personas",
        ("persona",),
        "Kinds found before, and the model that each is told by; written by the application.",
        (
            _PERSONA,
            _BASIS,
            Column("is_named", "BOOLEAN", "", "whether a person has given it a name"),
            *optional(
                Column("kind", "BIGINT", "", "which kind of its model it is, from 0"),
                Column("traits", "VARCHAR", "", "traits that its model takes, between |"),
                Column("parameters", "VARCHAR", "JSON", "the mixture"),
            ),
        ),
    ),
    Table(
        "persona_traits",
        ("customer_id", "moment"),
        "How customers behave, up to half a year ago ('then') and now, and in between ('since').",
        (
            _CUSTOMER,
            Column("moment", "VARCHAR", "", "'then', 'since' or 'now'"),
            Column("purchases", "BIGINT", "days", "days with a purchase"),
            Column("asked_of", "BIGINT", "days", "of these, days since contacts are recorded"),
            *TRAITS,
            Column("later_value", "DOUBLE", "minor", "bought since; of 'then' alone", True),
        ),
    ),
    Table(
        "account_traits",
        ("customer_id", "moment"),
        "How accounts use what they have, half a year ago ('then') and now; 'since': use alone.",
        (
            _CUSTOMER,
            Column("moment", "VARCHAR", "", "'then', 'since' or 'now'"),
            Column("days_seen", "BIGINT", "days", "days of the last 91 with a contract"),
            Column("days_used", "BIGINT", "days", "days of these with use"),
            Column("person_days", "BIGINT", "", "people with use, counted on each of these days"),
            Column("names_known", "BIGINT", "", "kinds of events that anybody used"),
            Column("seats_known", "DOUBLE", "seats", "seats, where users are named", True),
            *ACCOUNT_TRAITS,
            Column("revenue_kept", "DOUBLE", "", "MRR now ÷ then; of 'then' alone", True),
        ),
    ),
    Table(
        "persona_model",
        ("basis",),
        "The kinds found, and whether they hold: stable under resampling, different afterwards.",
        (
            _BASIS,
            Column("status", "VARCHAR", "", "accepted, description, one_kind or too_few"),
            Column("customers", "BIGINT", "customers", "customers looked at"),
            Column("needed", "BIGINT", "customers", "customers still missing before one looks"),
            Column("kinds", "BIGINT", "", "kinds found"),
            *optional(
                Column("stability", "DOUBLE", "", "mean adjusted Rand index of resamples; 1: same"),
                Column("difference", "DOUBLE", "share", "epsilon²: how far kinds tell later value"),
                Column("p_value", "DOUBLE", "share", "of Kruskal and Wallis, for no difference"),
                Column("kept", "DOUBLE", "share", "of the same kind by what they did since"),
                Column("kept_by_chance", "DOUBLE", "share", "what that would be by chance"),
                Column("traits", "VARCHAR", "", "traits used, between |"),
                Column("parameters", "VARCHAR", "JSON", "the mixture"),
            ),
        ),
    ),
    Table(
        "persona_kinds",
        ("persona",),
        "Which kind is which persona: those known from before, new ones, and those without a kind.",
        (
            _PERSONA,
            _BASIS,
            Column("status", "VARCHAR", "", "'same', 'new', or 'retired': no kind is it any more"),
            *optional(
                Column("kind", "BIGINT", "", "which kind of the model it is, from 0"),
                Column(
                    "overlap", "DOUBLE", "share", "customers of both it and the kind ÷ of either"
                ),
                Column("nearest", "VARCHAR", "", "of a retired one: whose customers hers are most"),
            ),
        ),
    ),
    Table(
        "personas",
        ("customer_id",),
        "The persona of each customer, where personas are accepted.",
        (
            _CUSTOMER,
            _PERSONA,
            Column("persona_probability", "DOUBLE", "share", "how surely she is of it"),
        ),
    ),
    Table(
        "persona_profiles",
        ("persona", "trait"),
        "What each kind is like, beside everybody.",
        (
            _PERSONA,
            _BASIS,
            Column("trait", "VARCHAR", "", "column of persona_traits or account_traits"),
            Column("customers", "BIGINT", "customers", "customers most likely of it"),
            Column("mean", "DOUBLE", "", "mean of those of whom it is known", True),
            Column("mean_of_all", "DOUBLE", "", "the same of everybody", True),
        ),
    ),
)
