"""Tables of retention: what was kept, renewed, won back; what winning and serving cost."""

from __future__ import annotations

from kizuna.pipeline.contracts import Column, Table, optional

_CUSTOMER = Column("customer_id", "VARCHAR", "", "the customer, as named by the source")
_CURRENCY = Column("currency", "VARCHAR", "ISO 4217", "currency of the amounts of the row")
_MONTH = Column("month", "DATE", "month", "first day of the month")
_COHORT = Column("cohort", "DATE", "month", "month in which the customers were won")

_RENEWALS = Table(
    "contract_renewals",
    ("contract_id", "due_on"),
    "Terms of contracts that have come to their end, and what became of each.",
    (
        Column("contract_id", "VARCHAR", "", "the contract, as named by the source"),
        Column("due_on", "DATE", "day", "last day of the term"),
        *(_CUSTOMER, _CURRENCY),
        Column("term_months", "INTEGER", "month", "months that a term lasts"),
        Column("mrr", "BIGINT", "minor", "recurring revenue a month on that day"),
        Column("outcome", "VARCHAR", "", "'renewed', 'replaced' by another contract, or 'lost'"),
    ),
)

_MONTHS = Table(
    "retention_months",
    ("currency", "month"),
    "How much of recurring revenue and of customers was kept, month by month.",
    (
        *(_CURRENCY, _MONTH),
        Column("until_on", "DATE", "day", "last day of the month that is observed"),
        Column("complete", "BOOLEAN", "", "whether the whole month is observed"),
        *optional(
            Column("net_retention", "DOUBLE", "", "of mrr_retention: over twelve months"),
            Column("gross_retention", "DOUBLE", "share", "of mrr_retention: over twelve months"),
            Column("logo_churn", "DOUBLE", "share", "customers of twelve months ago who are gone"),
        ),
        Column("customers_opening", "BIGINT", "customers", "who paid at the end of the last month"),
        Column("customers_lost", "BIGINT", "customers", "times a customer stopped paying"),
        *optional(
            Column("logo_churn_month", "DOUBLE", "", "customers_lost ÷ customers_opening"),
            Column("revenue_churn_month", "DOUBLE", "", "contraction and churn ÷ opening"),
        ),
        Column("gained_365d", "BIGINT", "minor", "new, expansion, reactivation of twelve months"),
        Column("given_up_365d", "BIGINT", "minor", "contraction and churn of twelve months"),
        Column("quick_ratio", "DOUBLE", "", "gained ÷ given up, over twelve months", True),
        Column("renewals_due", "BIGINT", "", "terms that ended in the month"),
        Column("renewed", "BIGINT", "", "of these, renewed or replaced"),
        Column("mrr_due", "BIGINT", "minor", "recurring revenue of the terms that ended"),
        Column("mrr_renewed", "BIGINT", "minor", "of this, renewed or replaced"),
        Column("renewals_due_365d", "BIGINT", "", "terms that ended in twelve months"),
        Column("renewed_365d", "BIGINT", "", "of these, renewed or replaced"),
        *optional(
            Column("renewal_rate", "DOUBLE", "share", "renewed ÷ due, over twelve months"),
            Column("renewal_rate_mrr", "DOUBLE", "share", "the same by recurring revenue"),
        ),
        Column("former_customers", "BIGINT", "customers", "who had paid, but not at its beginning"),
        Column("customers_back", "BIGINT", "customers", "times a former customer came back"),
        Column("win_back_rate", "DOUBLE", "", "customers_back ÷ former_customers", True),
    ),
)

_PAYING = Table(
    "paying_months",
    ("customer_id", "currency", "month"),
    "Customers who pay at the end of a month, or paid twelve months before it.",
    (
        *(_CUSTOMER, _CURRENCY, _MONTH),
        Column("cohort", "DATE", "month", "month in which the customer first paid"),
        Column("mrr_first", "BIGINT", "minor", "recurring revenue on the first day"),
        Column("mrr_before", "BIGINT", "minor", "recurring revenue twelve months before"),
        Column("mrr_now", "BIGINT", "minor", "recurring revenue at the month's end"),
        Column("mrr_kept", "BIGINT", "minor", "the smaller of both"),
        Column("change", "BIGINT", "minor", "now less then"),
        Column(
            "outcome", "VARCHAR", "", "'kept', 'grown', 'shrunk', 'lost'; 'new': not there then"
        ),
    ),
)

_COHORTS = Table(
    "mrr_cohorts",
    ("currency", "cohort", "age_months"),
    "Customers by the month in which they first paid: who still pays, and what they bring.",
    (
        *(_CURRENCY, _COHORT),
        Column("age_months", "INTEGER", "month", "calendar months since the cohort's month"),
        Column("customers", "BIGINT", "customers", "who first paid in the cohort's month"),
        Column("customers_paying", "BIGINT", "customers", "of these, who pay at the month's end"),
        Column("mrr_first", "BIGINT", "minor", "recurring revenue on their first day"),
        Column("mrr", "BIGINT", "minor", "recurring revenue at the month's end"),
        Column("mrr_kept", "BIGINT", "minor", "of each the smaller of both"),
    ),
)

_WIN_BACKS = Table(
    "win_backs",
    ("month",),
    "Customers silent for more than 180 days, and who of them bought again.",
    (
        _MONTH,
        Column("complete", "BOOLEAN", "", "whether the whole month is observed"),
        Column("lapsed", "BIGINT", "customers", "silent for more than 180 days at its beginning"),
        Column("back", "BIGINT", "customers", "of these, who bought in the month"),
        Column("rate", "DOUBLE", "share", "back ÷ lapsed", True),
    ),
)

_WON = Table(
    "acquisition_cohorts",
    ("channel", "cohort"),
    "What it cost to win the customers of a month and channel, and what they have brought since.",
    (
        Column("channel", "VARCHAR", "", "channel that won them; '*': all; empty: not known"),
        _COHORT,
        Column("customers", "BIGINT", "customers", "customers who first bought in the month"),
        Column("value", "BIGINT", "minor", "their orders so far, net of returns"),
        Column("earned", "DOUBLE", "minor", "margin on these"),
        *optional(
            Column("cost", "DOUBLE", "minor", "spent in the month to win customers"),
            Column("cac", "DOUBLE", "minor", "cost ÷ customers"),
            Column("payback_month", "INTEGER", "month", "first month whose end covers the cost"),
        ),
        Column("age_months", "INTEGER", "month", "calendar months since, up to the last day"),
    ),
)

_MADE = Column("made_on", "DATE", "day", "day whose knowledge the forecast is made from")
_SOURCE = Column("source", "VARCHAR", "", "'published': told then; 'again': made again since")
_FORECAST = (
    Column("months_ahead", "INTEGER", "month", "months from the day to the month"),
    Column("committed", "BIGINT", "minor", "bound by terms that have not ended by then"),
    Column("expected", "DOUBLE", "minor", "with renewals at the rate seen so far"),
    Column("expected_low", "DOUBLE", "minor", "low end of the 90 % interval"),
    Column("expected_high", "DOUBLE", "minor", "high end of the 90 % interval"),
)
_TERM = Column("term_months", "INTEGER", "month", "months that a term lasts; 0: bound to no term")

_LEFT = Column("months_left", "INTEGER", "month", "ends of months that are still bound")
_ENDING = Column("ending", "BOOLEAN", "", "whether notice was given by then")

_FORECASTS = (
    Table(
        "running_contracts",
        ("contract_id", "made_on"),
        "Contracts that ran on a day from which a forecast is made, and what still binds each.",
        (
            Column("contract_id", "VARCHAR", "", "the contract, as named by the source"),
            *(_MADE, _CUSTOMER, _CURRENCY, _TERM, _LEFT, _ENDING),
            Column("mrr", "BIGINT", "minor", "recurring revenue a month"),
        ),
    ),
    Table(
        "contract_book",
        ("currency", "made_on", "term_months", "months_left", "ending"),
        "Contracts that ran on a day, put together by what still binds them.",
        (
            *(_CURRENCY, _MADE, _TERM, _LEFT, _ENDING),
            Column("contracts", "BIGINT", "", "contracts in the row"),
            Column("mrr", "BIGINT", "minor", "recurring revenue a month of the contracts"),
            Column("mrr_squares", "DOUBLE", "minor²", "sum of the squares of their revenue"),
        ),
    ),
    Table(
        "contract_survival",
        ("currency", "made_on", "term_months", "months_ahead"),
        "How often contracts went on at the end of a term, as it was known on a day.",
        (
            *(_CURRENCY, _MADE, _TERM),
            Column("months_ahead", "INTEGER", "month", "no notice known so long before; 0: all"),
            Column("due", "BIGINT", "", "ends of terms seen; without terms, ends of months"),
            Column("kept", "BIGINT", "", "of these, after which it went on"),
        ),
    ),
    Table(
        "book_actuals",
        ("currency", "made_on", "month"),
        "What the customers of a day brought in the whole months after it.",
        (
            *(_CURRENCY, _MADE, _MONTH),
            Column("mrr", "BIGINT", "minor", "at the month's end, of each at most that of the day"),
        ),
    ),
    Table(
        "revenue_forecasts",
        ("currency", "made_on", "month"),
        "Recurring revenue of the customers of a day: bound, expected, and what then came.",
        (
            *(_CURRENCY, _MADE, _MONTH, *_FORECAST),
            Column("actual", "BIGINT", "minor", "what came; empty before the month is over", True),
        ),
    ),
    Table(
        "forecast_parts",
        ("currency", "made_on", "month", "term_months", "months_left", "ending"),
        "Of what a forecast is made: contracts that are bound alike, and what they bring.",
        (
            *(_CURRENCY, _MADE, _MONTH, _TERM, _LEFT, _ENDING),
            Column("contracts", "BIGINT", "", "contracts in the row"),
            Column("mrr", "BIGINT", "minor", "what they brought on the day"),
            Column("share", "DOUBLE", "share", "of this expected in the month"),
            Column("committed", "BIGINT", "minor", "bound by terms that have not ended by then"),
            Column("expected", "DOUBLE", "minor", "with renewals at the rate seen so far"),
        ),
    ),
    Table(
        "revenue_log",
        ("currency", "publication", "month"),
        "Forecasts as publications told them: rows are added, and none is ever changed.",
        (
            _CURRENCY,
            Column("publication", "BIGINT", "", "number of the publication that told it"),
            *(_MADE, _MONTH, *_FORECAST),
        ),
    ),
    Table(
        "revenue_accuracy",
        ("currency", "made_on", "month", "source"),
        "Forecasts of recurring revenue, made then or made again since, beside what then came.",
        (
            *(_CURRENCY, _MADE, _MONTH, _SOURCE),
            Column(
                "publication", "BIGINT", "", "publication that told it; empty: made again", True
            ),
            *_FORECAST,
            *optional(
                Column("actual", "BIGINT", "minor", "what came; empty before the month is over"),
                Column("error", "DOUBLE", "", "what came ÷ what was expected, less 1"),
                Column("inside", "BOOLEAN", "", "whether what came lay in the interval"),
            ),
        ),
    ),
    Table(
        "revenue_accuracy_report",
        ("currency", "source", "months_ahead"),
        "How good forecasts of recurring revenue were, by how far ahead they were made.",
        (
            *(_CURRENCY, _SOURCE, _FORECAST[0]),
            Column("forecasts", "BIGINT", "", "forecasts whose month is over"),
            Column("mean_error", "DOUBLE", "", "mean size of the error"),
            Column("bias", "DOUBLE", "", "mean error; below 0: too much was forecast"),
            Column("inside", "DOUBLE", "share", "of what came, how much lay in the interval"),
        ),
    ),
    Table(
        "contract_risks",
        ("currency",),
        "Value at risk of the contracts that run, by both of its definitions.",
        (
            _CURRENCY,
            Column("contracts", "BIGINT", "", "contracts that run on the last day"),
            Column("value", "DOUBLE", "minor", "margin of twelve months if none ends"),
            *optional(
                Column("expected_value", "DOUBLE", "minor", "margin expected of twelve months"),
                Column("expected_loss", "DOUBLE", "minor", "value less what is expected of it"),
                Column("tail_value", "DOUBLE", "minor", "margin that is missed once in 20 times"),
                Column("tail_loss", "DOUBLE", "minor", "what is expected less the tail"),
            ),
        ),
    ),
)

_RISKS = Table(
    "value_risks",
    ("rfm_segment",),
    "Value to come of customers with orders, and what of it is expected to be lost.",
    (
        Column("rfm_segment", "VARCHAR", "", "name that the map of segments gives to the scores"),
        Column("customers", "BIGINT", "customers", "customers in the row"),
        *optional(
            Column("value", "DOUBLE", "minor", "sum of the value to come"),
            Column("expected_loss", "DOUBLE", "minor", "value × probability of having left"),
        ),
    ),
)

_OF_CHANNEL = Column("channel", "VARCHAR", "", "channel of the contact, in small letters")

_SERVICE_COSTS = (
    Table(
        "service_rates",
        ("channel",),
        "What a contact costs, as people of the company set it; empty where they have not.",
        (
            Column("channel", "VARCHAR", "", "channel in small letters; '*': any other"),
            Column("per_contact", "DOUBLE", "major", "cost of a contact, however long"),
            Column("per_minute", "DOUBLE", "major", "cost of a minute of it"),
        ),
    ),
    Table(
        "contact_costs",
        ("customer_id", "interaction_id"),
        "What each contact up to the last day cost.",
        (
            _CUSTOMER,
            Column("interaction_id", "VARCHAR", "", "the contact, as named by the source"),
            Column("day", "DATE", "day", "day of it"),
            _OF_CHANNEL,
            Column("minutes", "DOUBLE", "minutes", "how long it took", True),
            Column("cost", "DOUBLE", "minor", "by the rates; empty: no rate for the channel", True),
        ),
    ),
    Table(
        "channel_service_costs",
        ("channel",),
        "What contacts of the last 365 days cost, by channel.",
        (
            _OF_CHANNEL,
            Column("until_on", "DATE", "day", "last of the 365 days"),
            Column("contacts", "BIGINT", "contacts", "contacts, both ways"),
            Column("customers", "BIGINT", "customers", "customers of these"),
            Column("contacts_timed", "BIGINT", "contacts", "of these, with known minutes"),
            Column("minutes", "DOUBLE", "minutes", "known minutes"),
            Column("cost", "DOUBLE", "minor", "by the rates; empty: no rate for the channel", True),
        ),
    ),
    Table(
        "service_ahead",
        ("customer_id",),
        "What serving a customer cost, and what it will up to the horizon, with its variance.",
        (
            _CUSTOMER,
            *optional(
                Column("cost_year", "DOUBLE", "minor", "contacts of 365 days × their rates"),
                Column("cost_to_date", "DOUBLE", "minor", "all contacts × their rates"),
                Column("cost_ahead", "DOUBLE", "minor", "the year, going on while she stays"),
                Column("cost_ahead_variance", "DOUBLE", "minor²", "of what it will really be"),
            ),
        ),
    ),
    Table(
        "cost_to_serve",
        ("customer_id",),
        "What serving a customer cost in a year and so far, and her value net of it.",
        (
            _CUSTOMER,
            *optional(
                Column(
                    "cost_to_serve_365d", "BIGINT", "minor", "contacts of 365 days × their rates"
                ),
                Column("value_net_of_service", "DOUBLE", "minor", "value to come less serving her"),
                Column(
                    "value_net_of_service_low", "DOUBLE", "minor", "low end of its 90 % interval"
                ),
                Column("value_net_of_service_high", "DOUBLE", "minor", "high end of it"),
                Column("cost_to_serve_to_date", "BIGINT", "minor", "all contacts × their rates"),
                Column(
                    "ltv_net_of_service",
                    "DOUBLE",
                    "minor",
                    "margin so far and value to come, less serving her so far and ahead",
                ),
                Column("ltv_net_of_service_low", "DOUBLE", "minor", "low end of its 90 % interval"),
                Column("ltv_net_of_service_high", "DOUBLE", "minor", "high end of it"),
            ),
        ),
    ),
    Table(
        "channel_net_values",
        ("channel",),
        "Mean lifetime value of a customer won by each channel, net of what serving her costs.",
        (
            Column("channel", "VARCHAR", "", "as customers were won; '': not known; '*': all"),
            Column("until_on", "DATE", "day", "last day of contacts counted"),
            Column("customers", "BIGINT", "customers", "of whom the cost is known, or else all"),
            Column("served", "BIGINT", "customers", "of these, ever in contact"),
            Column("unpriced", "BIGINT", "customers", "of these, on channels without a rate alone"),
            *optional(
                Column("ltv", "DOUBLE", "minor", "mean margin so far and value to come"),
                Column("cost_to_serve_365d", "DOUBLE", "minor", "mean cost of 365 days"),
                Column("cost_to_serve_to_date", "DOUBLE", "minor", "mean cost so far"),
                Column("cost_to_serve_ahead", "DOUBLE", "minor", "mean cost up to the horizon"),
                Column("ltv_net_of_service", "DOUBLE", "minor", "mean lifetime value less both"),
                Column("value_to_come", "DOUBLE", "minor", "mean value to come"),
                Column("net_variance", "DOUBLE", "minor²", "of the mean, between customers"),
                Column("cost_ahead_variance", "DOUBLE", "minor²", "of the mean cost ahead"),
            ),
        ),
    ),
    Table(
        "channel_net_bounds",
        ("channel",),
        "How sure the mean lifetime value less cost to serve of each channel is.",
        (
            Column("channel", "VARCHAR", "", "as in channel_net_values"),
            *optional(
                Column("ltv_net_low", "DOUBLE", "minor", "low end of the 90 % interval"),
                Column("ltv_net_high", "DOUBLE", "minor", "high end of it"),
            ),
        ),
    ),
)

RETENTION_TABLES = (
    *(_RENEWALS, _MONTHS, _PAYING, _COHORTS, _WIN_BACKS, _WON),
    *(*_FORECASTS, _RISKS, *_SERVICE_COSTS),
)
