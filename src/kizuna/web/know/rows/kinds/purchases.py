"""Rows of purchases: followed by another or not, silent, of a cohort, what a cohort brought."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kizuna.web.know.rows.kind import Column, Kind

HOME = ("retention:kept", _("Retention"))
BOARD = ("board:board", _("Value"))

CUSTOMER = Column("customer_id", _("Customer"), "customer")
BOUGHT = Column("day", _("Bought on"), "day")
NUMBER = Column("number", _("Which purchase"), "number")
NEXT = Column("next_on", _("Bought again on"), "day")
AMOUNT = Column("amount", _("Amount"), "money")

FOLLOWED = Kind(
    "purchases",
    _("Purchases, and what followed"),
    _(
        "Purchases that lie so many days back or more, each with the next of the customer. From "
        "the fourth purchase on they are taken together. Orders of one day are one purchase; a "
        "return is none."
    ),
    ("purchase_days",),
    """
SELECT customer_id, day, number, amount, next_on, date_diff('day', day, next_on) AS after
FROM purchase_days
WHERE least(number, 4) = {purchase} AND day <= {as_of} - {days}
    AND CASE {what}
        WHEN 'again' THEN next_on <= day + {days}
        WHEN 'not' THEN next_on IS NULL OR next_on > day + {days}
        ELSE TRUE
    END""",
    (CUSTOMER, BOUGHT, NUMBER, AMOUNT, NEXT, Column("after", _("Days between"), "number")),
    "-day",
    "customer_id",
    HOME,
    needs=("purchase", "days"),
    may=("what",),
    tabs=(
        "what",
        {"": _("All"), "again": _("Bought again within the days"), "not": _("Did not")},
    ),
)

SILENT = Kind(
    "silent",
    _("Buyers who had fallen silent"),
    _(
        "Customers whose last purchase lay more than 180 days before the month began, each with "
        "the purchase that followed, if one did. Who falls silent and buys within the month is not "
        "here."
    ),
    ("purchase_days",),
    """
SELECT customer_id, day, number, amount, next_on
FROM purchase_days
WHERE day < {month} - 180 AND (next_on IS NULL OR next_on >= {month})
    AND CASE {what}
        WHEN 'back' THEN next_on < {month} + INTERVAL 1 MONTH
        WHEN 'not' THEN next_on IS NULL OR next_on >= {month} + INTERVAL 1 MONTH
        ELSE TRUE
    END""",
    (CUSTOMER, Column("day", _("Last bought on"), "day"), NUMBER, AMOUNT, NEXT),
    "-day",
    "customer_id",
    HOME,
    needs=("month",),
    may=("what",),
    tabs=(
        "what",
        {"": _("All"), "back": _("Bought in the month"), "not": _("Still silent after it")},
    ),
)

OF_COHORT = Kind(
    "cohort-buyers",
    _("Customers of a cohort who bought in a month"),
    _(
        "Customers by the month of their first purchase who bought in the month asked for: of each "
        "the last purchase in it."
    ),
    ("purchase_days",),
    """
SELECT customer_id, first_on, day, number, amount
FROM purchase_days
WHERE first_on >= {cohort} AND first_on < {cohort} + INTERVAL 1 MONTH
    AND day >= {month} AND day < {month} + INTERVAL 1 MONTH AND day <= {as_of}
    AND (next_on IS NULL OR next_on >= {month} + INTERVAL 1 MONTH OR next_on > {as_of})""",
    (CUSTOMER, Column("first_on", _("First bought on"), "day"), BOUGHT, NUMBER, AMOUNT),
    "-day",
    "customer_id",
    BOARD,
    needs=("cohort", "month"),
)

MONEY = Kind(
    "cohort-value",
    _("Orders and returns of a cohort"),
    _(
        "All that customers of a cohort have bought and given back, up to the end of the month "
        "asked for. Divided by the customers of the cohort it is what one of them has brought."
    ),
    ("purchase_days", "returns", "order_history", "valued_customers"),
    """
SELECT money.customer_id, money.first_on, money.day, money.amount, money.kind
FROM (
    SELECT customer_id, first_on, day, amount, 'order' AS kind FROM purchase_days
    UNION ALL
    SELECT customer_id, first_purchase, day, returns.amount, 'return'
    FROM returns INNER JOIN order_history USING (customer_id)
) AS money
WHERE first_on >= {cohort} AND first_on < {cohort} + INTERVAL 1 MONTH AND day <= {as_of}
    AND ({month} IS NULL OR day < {month} + INTERVAL 1 MONTH)
    AND (coalesce({channel}, '*') = '*' OR customer_id IN (
        SELECT customer_id FROM valued_customers WHERE coalesce(channel, '') = {channel}
    ))""",
    (
        *(CUSTOMER, Column("first_on", _("First bought on"), "day")),
        Column("day", _("Day"), "day"),
        Column("kind", _("What it is"), "word"),
        Column("amount", _("Amount"), "money", summed=True),
    ),
    "-day",
    "customer_id, kind, amount",
    BOARD,
    needs=("cohort",),
    may=("month", "channel"),
    words={"order": _("Orders"), "return": _("Return")},
)

ORDERS = Kind(
    "orders",
    _("Orders and returns"),
    _("All that was bought and given back, day by day; orders of one day are one purchase."),
    ("purchase_days", "returns"),
    """
SELECT * FROM (
    SELECT customer_id, day, 'order' AS kind, orders, amount FROM purchase_days
    UNION ALL
    SELECT customer_id, day, 'return', NULL, returns.amount
    FROM returns WHERE customer_id IN (SELECT customer_id FROM purchase_days)
) WHERE day <= {as_of}""",
    (
        CUSTOMER,
        Column("day", _("Day"), "day"),
        Column("kind", _("What it is"), "word"),
        Column("orders", _("Orders"), "number", summed=True),
        Column("amount", _("Amount"), "money", summed=True),
    ),
    "-day",
    "customer_id, kind",
    BOARD,
    words={"order": _("Orders"), "return": _("Return")},
)

AFTER = Kind(
    "followed",
    _("Purchases after a forecast"),
    _("What customers known on the day of a forecast bought in the time that it was made for."),
    ("purchase_days",),
    """
SELECT customer_id, first_on, day, number, amount FROM purchase_days
WHERE first_on <= {made_on} AND day > {made_on} AND day <= {made_on} + {horizon}
    AND day <= {as_of}""",
    (CUSTOMER, Column("first_on", _("First bought on"), "day"), BOUGHT, NUMBER, AMOUNT),
    "-day",
    "customer_id",
    BOARD,
    needs=("made_on", "horizon"),
)

KINDS = (FOLLOWED, SILENT, OF_COHORT, MONEY, ORDERS, AFTER)
