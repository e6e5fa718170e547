"""The definition sheet: what each number of recurring revenue means, and what is left out of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Term:
    """A number: what it means, how it is computed, and from what."""

    key: str
    name: str
    definition: str
    formula: str = ""
    rows: str = ""


def definitions() -> list[Term]:
    """Give the sheet in its order."""
    return [*_levels(), *_retention(), *_movements()]


def _levels() -> list[Term]:
    return [
        Term(
            "mrr",
            _("MRR"),
            _(
                "Monthly recurring revenue: what the contracts that run bring in a month. What is "
                "paid once is left out; currencies are never added up."
            ),
            _("sum over contracts of amount ÷ months of the billing period"),
            _("Rounded once for each contract; the remainder is kept with its last month."),
        ),
        Term(
            "arr",
            _("ARR"),
            _("Annual recurring revenue: a year at the pace of today."),
            _("MRR × 12"),
        ),
        Term(
            "customers",
            _("Paying customers"),
            _("Customers whose contracts bring more than nothing; a free trial is not counted."),
        ),
        Term(
            "arpa",
            _("MRR per customer"),
            _("What a paying customer brings in a month on average."),
            _("MRR ÷ paying customers"),
        ),
    ]


def _retention() -> list[Term]:
    of_year = _("Customers who paid twelve months ago; nobody who came later.")
    return [
        Term(
            "nrr",
            _("Net revenue retention"),
            _(
                "What the customers of twelve months ago bring today, against then. Expansion "
                "counts, and so does who left and came back."
            ),
            _("their MRR today ÷ their MRR twelve months ago"),
            of_year,
        ),
        Term(
            "grr",
            _("Gross revenue retention"),
            _("The same without any growth: of each customer the smaller of then and today."),
            _("sum of the smaller of both ÷ MRR twelve months ago"),
            of_year,
        ),
        Term(
            "logo",
            _("Customers lost in a year"),
            _("Share of the customers of twelve months ago who pay nothing today."),
            _("customers lost ÷ customers twelve months ago"),
            of_year,
        ),
    ]


def _movements() -> list[Term]:
    return [
        Term("new", _("New"), _("MRR of customers on the first day that they ever pay.")),
        Term(
            "expansion",
            _("Expansion"),
            _("More from a paying customer: a further contract, a higher price, more seats."),
        ),
        Term(
            "contraction",
            _("Contraction"),
            _(
                "Less from a customer who goes on paying. The end of one of several contracts is a "
                "contraction, not churn."
            ),
        ),
        Term("churn", _("Churn"), _("MRR lost where a customer's last contract has ended.")),
        Term(
            "reactivation",
            _("Reactivation"),
            _("MRR of customers who paid before, had stopped, and pay again."),
        ),
    ]
