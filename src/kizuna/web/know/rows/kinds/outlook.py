"""Rows of forecasts: of which contracts they are made, and what then came."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kizuna.web.know.rows.kind import Column, Kind

HOME = ("retention:outlook", _("Outlook and risk"))
YES_NO = {"true": _("yes"), "false": _("no")}

TERM = Column("term_months", _("Months a term"), "term")
LEFT = Column("months_left", _("Months still bound"), "number")
ENDING = Column("ending", _("Notice given"), "word")

PARTS = Kind(
    "forecast",
    _("Of what a forecast is made"),
    _(
        "Contracts that are bound alike, and what of their recurring revenue is bound and expected "
        "in each month. Without a month asked for, twelve months are added up."
    ),
    ("forecast_parts",),
    """
SELECT * REPLACE (CAST(ending AS VARCHAR) AS ending) FROM forecast_parts
WHERE currency = {currency} AND made_on = {made_on}
    AND ({month} IS NULL OR month = {month})""",
    (
        Column("month", _("Month"), "month"),
        *(TERM, LEFT, ENDING),
        Column("contracts", _("Contracts"), "number"),
        Column("mrr", _("MRR on the day"), "money"),
        Column("share", _("Share expected"), "share"),
        Column("committed", _("Bound"), "money", summed=True),
        Column("expected", _("Expected"), "money", summed=True),
    ),
    "-expected",
    "month, term_months, months_left, ending",
    HOME,
    needs=("currency", "made_on"),
    may=("month",),
    words=YES_NO,
    leads="contracts",
)

RUNNING = Kind(
    "running",
    _("Contracts that ran on a day"),
    _("What each brought in a month, how long its terms are, and what still bound it that day."),
    ("running_contracts",),
    """
SELECT * REPLACE (CAST(ending AS VARCHAR) AS ending) FROM running_contracts
WHERE currency = {currency} AND made_on = {made_on}
    AND ({term} IS NULL OR term_months = {term}) AND ({left} IS NULL OR months_left = {left})
    AND ({ending} IS NULL OR ending = ({ending} = 'yes'))""",
    (
        Column("contract_id", _("Contract")),
        Column("customer_id", _("Customer"), "customer"),
        *(TERM, LEFT, ENDING),
        Column("mrr", _("MRR"), "money", summed=True),
    ),
    "-mrr",
    "contract_id",
    HOME,
    needs=("currency", "made_on"),
    may=("term", "left", "ending"),
    words=YES_NO,
)

CAME = Kind(
    "came",
    _("What came of a forecast"),
    _(
        "Customers who paid on the day of the forecast, and what each brought at the end of the "
        "month: what counts is at most what was paid then, as growth is not forecast."
    ),
    ("running_contracts", "paying_months"),
    """
SELECT made.customer_id, made.mrr AS mrr_then, coalesce(came.mrr_now, 0) AS mrr_now,
    least(made.mrr, coalesce(came.mrr_now, 0)) AS mrr
FROM (
    SELECT customer_id, CAST(sum(mrr) AS BIGINT) AS mrr
    FROM running_contracts
    WHERE currency = {currency} AND made_on = {made_on} GROUP BY customer_id
) AS made
LEFT JOIN paying_months AS came
    ON made.customer_id = came.customer_id AND came.currency = {currency}
    AND came.month = {month}""",
    (
        Column("customer_id", _("Customer"), "customer"),
        Column("mrr_then", _("On the day of the forecast"), "money", summed=True),
        Column("mrr_now", _("At the end of the month"), "money", summed=True),
        Column("mrr", _("What counts"), "money", summed=True),
    ),
    "-mrr_then",
    "customer_id",
    HOME,
    needs=("currency", "made_on", "month"),
)

KINDS = (PARTS, RUNNING, CAME)
