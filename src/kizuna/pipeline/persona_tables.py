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
WEEKS = 13
OCCASIONS = {"asked": "asked_of", "visits": "weeks"}
"""Of how many occasions a trait is, where it is not of all purchases."""

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
        "persona_model",
        (),
        "The kinds found, and whether they hold: stable under resampling, different afterwards.",
        (
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
            Column("trait", "VARCHAR", "", "column of persona_traits, or later_value"),
            Column("customers", "BIGINT", "customers", "customers most likely of it"),
            Column("mean", "DOUBLE", "", "mean of those of whom it is known", True),
            Column("mean_of_all", "DOUBLE", "", "the same of everybody", True),
        ),
    ),
)
