"""Rows of contracts: who pays at the end of a month, what came due, what moved."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kizuna.web.know.rows.kind import Column, Kind

HOME = ("retention:kept", _("Retention"))
REVENUE = ("revenue:revenue", _("Revenue"))
OUTCOMES = {
    "new": _("Was not there then"),
    "lost": _("Lost"),
    "shrunk": _("Pays less"),
    "kept": _("Unchanged"),
    "grown": _("Pays more"),
}

ENDED = {
    "lost": _("Lost"),
    "renewed": _("Renewed"),
    "replaced": _("Replaced by another contract"),
}
MOVED = {
    "new": _("New"),
    "expansion": _("Expansion"),
    "contraction": _("Contraction"),
    "churn": _("Churn"),
    "reactivation": _("Reactivation"),
}

PAYING = Kind(
    "paying",
    _("Customers who pay at the end of a month"),
    _(
        "What all contracts of a customer in this currency bring in a month, at the end of the "
        "month or on the last day of the data."
    ),
    ("paying_months",),
    """
SELECT * FROM paying_months
WHERE currency = {currency} AND month = {month} AND mrr_now > 0
    AND ({cohort} IS NULL OR cohort = {cohort})""",
    (
        Column("customer_id", _("Customer"), "customer"),
        Column("cohort", _("First paid in"), "month"),
        Column("mrr_first", _("On the first day"), "money"),
        Column("mrr_now", _("MRR"), "money", summed=True),
    ),
    "-mrr_now",
    "customer_id",
    HOME,
    needs=("currency", "month"),
    may=("cohort",),
)

YEAR = Kind(
    "year",
    _("Customers of twelve months before"),
    _("Who paid twelve months before the end of the month, and what each brings now."),
    ("paying_months",),
    """
SELECT * FROM paying_months
WHERE currency = {currency} AND month = {month} AND mrr_before > 0
    AND ({outcome} IS NULL OR outcome = {outcome})""",
    (
        Column("customer_id", _("Customer"), "customer"),
        Column("outcome", _("What became of it"), "word"),
        Column("mrr_before", _("Twelve months before"), "money", summed=True),
        Column("mrr_now", _("Now"), "money", summed=True),
        Column("mrr_kept", _("Smaller of both"), "money", summed=True),
        Column("change", _("Change"), "money", summed=True),
    ),
    "change",
    "customer_id",
    HOME,
    needs=("currency", "month"),
    may=("outcome",),
    tabs=(
        "outcome",
        {"": _("All")} | {key: OUTCOMES[key] for key in ("lost", "shrunk", "kept", "grown")},
    ),
    words=OUTCOMES,
)

RENEWALS = Kind(
    "renewals",
    _("Terms that came to their end"),
    _(
        "Terms that ended in the month, or in the last twelve months where none is asked for. "
        "Replaced: another contract of the customer began within 30 days."
    ),
    ("contract_renewals", "retention_months"),
    """
SELECT * FROM contract_renewals
WHERE currency = {currency} AND CASE
    WHEN {month} IS NOT NULL THEN date_trunc('month', due_on) = {month}
    ELSE due_on >= (SELECT max(month) FROM retention_months) - INTERVAL 11 MONTH
END AND ({outcome} IS NULL OR outcome = {outcome})""",
    (
        Column("contract_id", _("Contract")),
        Column("customer_id", _("Customer"), "customer"),
        Column("due_on", _("Due"), "day"),
        Column("outcome", _("What became of it"), "word"),
        Column("mrr", _("MRR"), "money", summed=True),
    ),
    "-due_on",
    "mrr DESC, contract_id",
    HOME,
    needs=("currency",),
    may=("month", "outcome"),
    tabs=("outcome", {"": _("All")} | ENDED),
    words=ENDED,
)

MOVEMENTS = Kind(
    "movements",
    _("Movements of recurring revenue"),
    _("Each change of what a customer pays, on its day; all contracts of a customer together."),
    ("contract_events",),
    """
SELECT * FROM contract_events
WHERE currency = {currency}
    AND ({month} IS NULL OR date_trunc('month', day) = {month})
    AND ({until} IS NULL OR (
        day >= {until} - INTERVAL 11 MONTH AND day < {until} + INTERVAL 1 MONTH
    ))
    AND ({kind} IS NULL OR kind = {kind})""",
    (
        Column("customer_id", _("Customer"), "customer"),
        Column("day", _("Day"), "day"),
        Column("kind", _("Movement"), "word"),
        Column("before", _("Before"), "money"),
        Column("change", _("Change"), "money", summed=True),
        Column("after", _("After"), "money"),
    ),
    "-day",
    "abs(change) DESC, customer_id",
    REVENUE,
    needs=("currency",),
    may=("month", "until", "kind"),
    tabs=("kind", {"": _("All movements")} | MOVED),
    words=MOVED,
)

KINDS = (PAYING, YEAR, RENEWALS, MOVEMENTS)
