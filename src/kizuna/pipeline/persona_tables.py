"""Tables of personas: what they are found by, the model, who is of which, what each is like."""

from __future__ import annotations

from kizuna.pipeline.contracts import Column, Table, optional

_CUSTOMER = Column("customer_id", "VARCHAR", "", "the customer, as named by the source")

TRAITS = optional(
    Column(
        "purchases_a_year", "DOUBLE", "", "purchase days ÷ years since the first, half at least"
    ),
    Column("mean_purchase", "DOUBLE", "minor", "mean amount of a purchase day"),
    Column("gift_season", "DOUBLE", "share", "share of purchases in May and December"),
    Column("weekend", "DOUBLE", "share", "share of purchases on Saturday and Sunday"),
    Column("contacts_a_year", "DOUBLE", "", "contacts with the service in the year before"),
    Column("visits", "DOUBLE", "days", "days with an event in the 90 days before"),
)
"""How customers behave; nothing of who they are."""

PERSONA_TABLES = (
    Table(
        "persona_traits",
        ("customer_id", "moment"),
        "How customers behave, as of half a year ago ('then') and as of the last day ('now').",
        (
            _CUSTOMER,
            Column("moment", "VARCHAR", "", "'then' or 'now'"),
            *TRAITS,
            Column("later_value", "DOUBLE", "minor", "bought since then; empty of 'now'", True),
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
                Column("traits", "VARCHAR", "", "traits used, between |"),
                Column("parameters", "VARCHAR", "JSON", "the mixture"),
            ),
        ),
    ),
    Table(
        "personas",
        ("customer_id",),
        "The persona of each customer, where personas are accepted.",
        (
            _CUSTOMER,
            Column("persona", "VARCHAR", "", "the persona; 1 is the largest"),
            Column("persona_probability", "DOUBLE", "share", "how surely she is of it"),
        ),
    ),
    Table(
        "persona_profiles",
        ("persona", "trait"),
        "What each kind is like, beside everybody.",
        (
            Column("persona", "VARCHAR", "", "the persona; 1 is the largest"),
            Column("trait", "VARCHAR", "", "column of persona_traits, or later_value"),
            Column("customers", "BIGINT", "customers", "customers most likely of it"),
            Column("mean", "DOUBLE", "", "mean of those of whom it is known", True),
            Column("mean_of_all", "DOUBLE", "", "the same of everybody", True),
        ),
    ),
)
