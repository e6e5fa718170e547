"""The definition sheet: what each number of retention means, and the rules at its edges."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Term:
    """A number: what it means, how it is computed, from what, and the rules at its edges."""

    key: str
    name: str
    definition: str
    formula: str = ""
    rows: str = ""
    edges: str = ""


def definitions() -> list[Term]:
    """Give the sheet in its order."""
    return [*_of_year(), *_of_contracts(), *_of_orders()]


def _of_year() -> list[Term]:
    of_year = _("Customers who paid twelve months ago; nobody who came later.")
    return [
        Term(
            "net_retention",
            _("Net revenue retention (NRR)"),
            _("What the customers of twelve months ago bring today, against then."),
            _("their MRR today ÷ their MRR twelve months ago"),
            of_year,
            _(
                "Who left and came back counts with what is paid now. Each currency is told by "
                "itself. What is paid once is left out; annual amounts are divided by twelve."
            ),
        ),
        Term(
            "gross_retention",
            _("Gross revenue retention (GRR)"),
            _("The same without any growth; never above 100 %."),
            _("sum of the smaller of then and today ÷ MRR twelve months ago"),
            of_year,
            _(
                "Capped for each customer before it is summed, so that one who grew never hides "
                "one who left."
            ),
        ),
        Term(
            "logo_churn",
            _("Customers lost in a year"),
            _("Share of the customers of twelve months ago who pay nothing today."),
            _("customers lost ÷ customers twelve months ago"),
            of_year,
            _("A customer is lost when the last contract has ended; low is good."),
        ),
    ]


def _of_contracts() -> list[Term]:
    return [
        Term(
            "quick_ratio",
            _("Quick ratio"),
            _("How much recurring revenue was gained for each unit that was given up."),
            _("(new + expansion + reactivation) ÷ (contraction + churn)"),
            _("All movements of the last twelve months."),
            _("Not told where nothing was given up. Above 1 the recurring revenue grows."),
        ),
        Term(
            "renewal_rate",
            _("Renewal rate"),
            _("Of the terms that came to their end, how many went on."),
            _("(renewed + replaced) ÷ due"),
            _("Terms that ended in the last twelve months."),
            _(
                "Contracts that are bound to no term are never due, and one that ended within its "
                "term is not due either. Replaced: another contract of the customer in the same "
                "currency began within 30 days. A term is judged on the day after its last."
            ),
        ),
        Term(
            "win_back_rate",
            _("Win-back of contracts"),
            _("Of the customers who had paid and had stopped, how many came back in the month."),
            _("reactivations ÷ former customers at the beginning of the month"),
            _("All customers who ever paid and did not at the beginning of the month."),
            _("Who stops and comes back within the month counts as back, so it may exceed 100 %."),
        ),
    ]


def _of_orders() -> list[Term]:
    return [
        Term(
            "second",
            _("Second purchase within a year"),
            _("Of the customers who bought for the first time, how many bought again."),
            _("followed by another within 365 days ÷ first purchases"),
            _("First purchases that lie at least 365 days back."),
            _("Orders of one day are one purchase; a return is none."),
        ),
        Term(
            "again",
            _("Any further purchase within a year"),
            _("Of the fourth and any later purchases, how many were followed by another."),
            _("followed by another within 365 days ÷ purchases from the fourth on"),
            _("Purchases from the fourth on that lie at least 365 days back."),
            _("Orders of one day are one purchase; a return is none."),
        ),
        Term(
            "back",
            _("Win-back of buyers"),
            _("Of the customers who had been silent for more than 180 days, how many bought."),
            _("bought in the month ÷ silent at its beginning"),
            _("The last whole month."),
            _("Who falls silent and buys within the same month is in neither number."),
        ),
    ]
