"""A customer in words: what was bought, what is expected, how sure that is."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kizuna.pipeline.parameters import minor_units
from kizuna.report.names import segment_key
from kizuna.report.sections.segments import ADVICE
from kizuna.web.know.customers.queries import Customer
from kizuna.web.ui.components import Explain
from kizuna.web.ui.templatetags.ui import minor_money, writer


def story(customer: Customer) -> str:
    """Say in a few sentences what the customer did and is expected to do."""
    say, contracts = writer(), _contracts(customer)
    if customer.days_since is None:
        return contracts or _("Known by name only: no purchase has been brought in yet.")
    past = ngettext(
        "Bought %(times)s time, last %(days)s days ago.",
        "Bought %(times)s times, last %(days)s days ago.",
        customer.purchases,
    ) % {"times": say.number(customer.purchases), "days": say.number(customer.days_since)}
    bought = (past, _rhythm(customer), _expected(customer), _alive(customer))
    return say.sentences(contracts, *bought)


def _contracts(customer: Customer) -> str:
    if not customer.fact.mrr:
        return ""
    mrr = minor_money(customer.fact.mrr, customer.state.currency)
    return _("Contracts bring %(mrr)s a month.") % {"mrr": mrr}


def _rhythm(customer: Customer) -> str:
    if customer.days_between is None:
        return ""
    between = writer().number(customer.days_between)
    return _("Until then a purchase came every %(between)s days on average.") % {"between": between}


def _expected(customer: Customer) -> str:
    say, fact = writer(), customer.fact
    if fact.expected_purchases is None:
        return _("What comes next is not yet known: there is too little history for a model.")
    return _(
        "Expected over the next %(days)s days: %(expected)s more purchases "
        "(90%% interval %(low)s to %(high)s)."
    ) % {
        "days": say.number(customer.state.summary["horizon_days"]),
        "expected": say.number(fact.expected_purchases, 1),
        "low": say.number(fact.expected_purchases_low),
        "high": say.number(fact.expected_purchases_high),
    }


def _alive(customer: Customer) -> str:
    share = alive_share(customer)
    if not share:
        return ""
    return _("Still a customer with a probability of %(share)s.") % {"share": share}


def alive_share(customer: Customer) -> str:
    """Write the probability of being a customer still; empty where it is not known."""
    share = customer.fact.p_alive
    return "" if share is None else writer().small_percent(share)


def advice(customer: Customer) -> str:
    """Suggest what to try with a buyer; nothing for a segment of the user's own.

    Segments are of purchases: they say nothing of somebody whose contracts run.
    """
    segment = None if customer.fact.mrr else customer.fact.rfm_segment
    known = ADVICE.get(segment_key(segment)) if segment else None
    return writer()(known) if known else ""


def value_interval(customer: Customer) -> tuple[float, float] | None:
    """Give the bounds of the value to come, in units of the currency."""
    low, high = customer.fact.residual_clv_low, customer.fact.residual_clv_high
    unit = minor_units(customer.state.currency)
    return None if low is None or high is None else (low / unit, high / unit)


def explained_more(customer: Customer) -> dict[str, Explain]:
    """Say how the numbers beside the value to come are computed."""
    purchases = writer().number(customer.purchases)
    rows = _("%(purchases)s purchases of this customer, and the pattern of all %(customers)s.") % {
        "purchases": purchases,
        "customers": writer().number(customer.state.summary["customers"]),
    }
    return {
        "risk": Explain(
            _("How much of the value to come is expected to be lost."),
            _("value to come × probability of having left"),
            rows,
        ),
        "alive": Explain(
            _("How probable it is that this customer will ever buy again, by the model in use."),
            rows=rows,
            back_test=_("On the value board: forecasts beside what then came."),
        ),
        "history": Explain(
            _("What this customer has paid so far, net of returns, before the margin."),
            _("Σ orders − Σ returns"),
            _("All orders of this customer up to the last day of the data; see the tab Orders."),
            _("Counted, not estimated."),
        ),
    }


def explained(customer: Customer) -> Explain:
    """Say how the value of one customer is computed."""
    say, summary = writer(customer.state.currency), customer.state.summary
    return Explain(
        definition=_(
            "Discounted margin that this customer is expected to bring; the past is not in it."
        ),
        formula=_("margin × expected amount of a purchase × discounted expected purchases"),
        rows=_("%(purchases)s purchases of this customer, and the pattern of all %(customers)s.")
        % {
            "purchases": say.number(customer.purchases),
            "customers": say.number(summary["customers"]),
        },
        interval=_("What will really happen lies within it for 9 of 10 customers."),
        as_of=say.day(customer.state.publication.as_of) if customer.state.publication.as_of else "",
    )
