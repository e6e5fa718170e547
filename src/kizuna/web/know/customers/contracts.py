"""What the contracts of a customer bring, and how much of that is at stake: as on My day."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kizuna.jobs.portfolio import Row, portfolio
from kizuna.web.know.customers.queries import Customer
from kizuna.web.ui.components import Explain
from kizuna.web.ui.templatetags.ui import minor_money, writer

FACTS = "customer_facts"


def stats(found: Customer) -> list[dict[str, Any]]:
    """Give a year of the contracts that run and what of it may be lost; nothing without any."""
    fact, state = found.fact, found.state
    if not fact.mrr or not state.has(FACTS):
        return []
    rows = portfolio(state.files(FACTS), [fact.customer_id])
    return [_year(rows[0], state.currency), _risk(rows[0], state.currency)] if rows else []


def _year(row: Row, currency: str) -> dict[str, Any]:
    return {
        "label": _("Contracts, a year"),
        "value": minor_money(row["worth"], currency),
        "big": True,
        "explain": Explain(
            _("A year of the recurring revenue of the contracts that run."),
            _("MRR × 12"),
            _("The contracts of this customer, further down on this page."),
        ),
        "rows_url": "#contracts",
    }


def _risk(row: Row, currency: str) -> dict[str, Any]:
    risk = row["at_risk"]
    unknown = "" if risk is not None else _("How likely they are to end is not yet known.")
    return {
        "label": _("At stake"),
        "value": "" if risk is None else minor_money(risk, currency),
        "unknown": unknown,
        "note": _chance(row),
        "explain": Explain(
            _(
                "How much of it is expected to be lost the next time at which this customer can "
                "leave; the same on My day and in alerts."
            ),
            _("a year of the contracts × probability of leaving"),
            _("customer_facts of this customer; see the tabs Facts and Health."),
        ),
    }


def _chance(row: Row) -> str:
    if row["at_risk"] is None:
        return ""
    if row["churn_model"] == "notice":
        return _("Notice was given.")
    say = writer()
    share = say.percent(row["at_risk"] / row["worth"])
    if row["health_basis"] == "renewal":
        return _("%(share)s likely to leave when the term ends") % {"share": share}
    days = say.number(row["churn_horizon_days"] or 0)
    return _("%(share)s likely to leave within %(days)s days") % {"share": share, "days": days}
