"""Rows of costs: what was spent to win customers, and contacts with what each cost."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kizuna.web.know.rows.kind import Column, Kind

WON = ("retention:won", _("Cost of winning"))
SERVICE = ("retention:service", _("Cost to serve"))

SPENT = Kind(
    "spent",
    _("Spent to win customers"),
    _(
        "What was spent, day by day; a cost for several days is spread evenly over them. Costs "
        "before the first order are left out."
    ),
    ("channel_costs",),
    """
SELECT * FROM channel_costs
WHERE channel = {channel}
    AND ({month} IS NULL OR day >= {month} AND day < {month} + INTERVAL 1 MONTH)""",
    (
        Column("day", _("Day"), "day"),
        Column("channel", _("Channel"), "channel"),
        Column("cost", _("Cost"), "money", summed=True),
    ),
    "-day",
    "channel",
    WON,
    needs=("channel",),
    may=("month",),
)

CONTACTS = Kind(
    "contacts",
    _("Contacts, and what each cost"),
    _(
        "Contacts of the last 365 days, both ways. Minutes that nobody wrote down cost nothing; "
        "without a rate for its channel a contact has no cost."
    ),
    ("contact_costs", "channel_service_costs"),
    """
SELECT costs.* FROM contact_costs AS costs
WHERE costs.day > (SELECT max(until_on) FROM channel_service_costs) - 365
    AND costs.day <= (SELECT max(until_on) FROM channel_service_costs)
    AND ({channel} IS NULL OR costs.channel = {channel})
    AND ({customer} IS NULL OR costs.customer_id = {customer})
    AND ({what} IS NULL OR costs.minutes IS NOT NULL)""",
    (
        Column("customer_id", _("Customer"), "customer"),
        Column("day", _("Day"), "day"),
        Column("channel", _("Channel"), "contact_channel"),
        Column("minutes", _("Minutes"), "minutes", summed=True),
        Column("cost", _("Cost"), "money", summed=True),
    ),
    "-day",
    "customer_id, interaction_id",
    SERVICE,
    may=("channel", "customer", "what"),
    tabs=("what", {"": _("All"), "timed": _("With known minutes")}),
)

SERVED = Kind(
    "served",
    _("Customers, and what serving each costs"),
    _(
        "Customers who ever made contact. Empty: no channel of the customer has a rate, or no "
        "value is estimated."
    ),
    ("cost_to_serve", "valued_customers"),
    """
SELECT serving.*, valued.residual_clv, valued.historical_value
FROM cost_to_serve AS serving
LEFT JOIN valued_customers AS valued USING (customer_id)
WHERE coalesce({channel}, '*') IN ('*', coalesce(valued.channel, '')) AND CASE {what}
    WHEN 'valued' THEN value_net_of_service IS NOT NULL
    WHEN 'below' THEN value_net_of_service < 0
    ELSE TRUE
END""",
    (
        Column("customer_id", _("Customer"), "customer"),
        Column("cost_to_serve_365d", _("Cost to serve, 365 days"), "money", summed=True),
        Column("residual_clv", _("Value to come"), "money", summed=True),
        Column("value_net_of_service", _("Value to come less serving"), "money", summed=True),
        Column("cost_to_serve_to_date", _("Cost to serve so far"), "money", summed=True),
    ),
    "-cost_to_serve_365d",
    "customer_id",
    SERVICE,
    may=("channel", "what"),
    tabs=(
        "what",
        {"": _("All"), "valued": _("With an estimated value"), "below": _("Below zero")},
    ),
)

KINDS = (SPENT, CONTACTS, SERVED)
