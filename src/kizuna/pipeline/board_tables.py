"""Tables that the value board adds: acquisition, repurchase, what changed, how forecasts did."""

from __future__ import annotations

from dataclasses import replace

from kizuna.pipeline.contracts import Column, Table, optional

ALL_CHANNELS = "*"
"""The channel of the row that holds everyone; '' is a customer whose channel is not known."""

_CHANNEL = Column("channel", "VARCHAR", "", "channel; '*' for all together, '' where not known")
_CUSTOMERS = Column("customers", "BIGINT", "customers", "customers in the row")
_COSTED = Column(
    "costed", "BOOLEAN", "", "whether first bought on a day whose acquisition cost is known"
)


_ACQUISITION = (
    Table(
        "channel_costs",
        ("channel", "day"),
        "What was spent to win customers each day, costs of several days spread evenly over them.",
        (
            _CHANNEL,
            Column("day", "DATE", "day", "day of the log on which it was spent"),
            Column("cost", "DOUBLE", "minor", "spent that day"),
        ),
    ),
    Table(
        "channel_customers",
        ("channel", "costed"),
        "Customers with a purchase, by the channel that won them: how many, what they are worth.",
        (
            *(_CHANNEL, _COSTED, _CUSTOMERS),
            Column("earned", "DOUBLE", "minor", "margin of all orders so far, net of returns"),
            Column("residual_clv", "DOUBLE", "minor", "margin still to come", True),
            Column("value_squares", "DOUBLE", "", "sum of squares of earned + to come", True),
        ),
    ),
    Table(
        "channel_ages",
        ("channel", "age_months"),
        "What customers of a channel bring by months since the first purchase; whole months only.",
        (
            _CHANNEL,
            Column("age_months", "INTEGER", "month", "calendar months since the first purchase"),
            replace(_CUSTOMERS, meaning="customers observed through that month"),
            Column("value", "BIGINT", "minor", "orders of the month, net of returns"),
        ),
    ),
    Table(
        "channel_values",
        ("channel",),
        "What a customer of a channel costs and is worth; empty where the data cannot tell.",
        (
            _CHANNEL,
            _CUSTOMERS,
            Column("new_customers", "BIGINT", "customers", "won on days whose cost is known"),
            *optional(
                Column("from_on", "DATE", "day", "first day whose cost is known"),
                Column("until_on", "DATE", "day", "last day whose cost is known"),
                Column("cost", "DOUBLE", "major", "spent on those days"),
                Column("cac", "DOUBLE", "major", "cost ÷ new customers"),
                Column("ltv", "DOUBLE", "major", "margin so far and to come, mean of a customer"),
                Column("ltv_low", "DOUBLE", "major", "low end of the 90 % interval"),
                Column("ltv_high", "DOUBLE", "major", "high end of the 90 % interval"),
                Column("ltv_to_cac", "DOUBLE", "", "ltv ÷ cac"),
                Column("payback_month", "INTEGER", "month", "month in which margin passes cac"),
            ),
            Column("months", "INTEGER", "month", "months that the payback was looked for in"),
        ),
    ),
)

_REPURCHASE = Table(
    "repurchase",
    ("purchase", "days"),
    "How many bought again within some days, of those who have been observed for so long.",
    (
        Column("purchase", "INTEGER", "", "after the 1st, 2nd, 3rd purchase; 4: any later one"),
        Column("days", "INTEGER", "days", "30, 90, 180 or 365"),
        Column("purchases", "BIGINT", "purchases", "of these days ago or longer"),
        Column("again", "BIGINT", "purchases", "of these, followed by another within the days"),
        Column("rate", "DOUBLE", "share", "again ÷ purchases"),
    ),
)

_CHANGES = (
    Table(
        "value_changes",
        ("part",),
        "Customer equity a month ago and now, by the same model, and who moved it; parts add up.",
        (
            Column("part", "VARCHAR", "", "before, new, bought, returned, silent or now"),
            Column("since", "DATE", "day", "last day of what was known before"),
            _CUSTOMERS,
            Column("value", "BIGINT", "minor", "equity at before and now, else the change"),
        ),
    ),
    Table(
        "value_movers",
        ("customer_id",),
        "Customers whose value to come rose or fell most in a month.",
        (
            Column("customer_id", "VARCHAR", "", "the customer, as named by the source"),
            Column("name", "VARCHAR", "", "name of the person or company", True),
            Column("part", "VARCHAR", "", "new, bought, returned or silent"),
            Column("value_before", "BIGINT", "minor", "value to come a month ago"),
            Column("value_now", "BIGINT", "minor", "value to come now"),
            Column("change", "BIGINT", "minor", "now less before"),
        ),
    ),
)

_FORECAST = (
    Column("made_on", "DATE", "day", "last day that the forecast knew"),
    Column("horizon_days", "INTEGER", "days", "how far it looked"),
    Column("model", "VARCHAR", "", "purchase model"),
    replace(_CUSTOMERS, meaning="customers forecast"),
    Column("predicted_purchases", "DOUBLE", "purchases", "repeat purchases expected of them"),
    Column("purchases_low", "DOUBLE", "purchases", "low end of the 90 % interval"),
    Column("purchases_high", "DOUBLE", "purchases", "high end of the 90 % interval"),
)
_KEY = ("made_on", "horizon_days")

_FORECASTS = (
    Table(
        "forecast_log",
        _KEY,
        "What publications forecast; what was said first of a day is kept, never said anew.",
        _FORECAST,
    ),
    Table(
        "past_forecasts",
        ("source", *_KEY),
        "Forecasts whose time is over, beside what then came.",
        (
            Column(
                "source", "VARCHAR", "", "'published' then, or made 'again' from what was known"
            ),
            *_FORECAST,
            Column("actual_purchases", "DOUBLE", "purchases", "what these customers then bought"),
            *optional(
                Column("predicted_spend", "DOUBLE", "major", "spend expected"),
                Column("spend_low", "DOUBLE", "major", "low end of the 90 % interval"),
                Column("spend_high", "DOUBLE", "major", "high end of the 90 % interval"),
                Column("actual_spend", "DOUBLE", "major", "what these customers then spent"),
            ),
        ),
    ),
)

BOARD_TABLES = (*_ACQUISITION, _REPURCHASE, *_CHANGES, *_FORECASTS)
