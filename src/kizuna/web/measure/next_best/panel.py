"""What is proposed for a customer, on her page."""

from __future__ import annotations

from kizuna.web.accounts.models import Person
from kizuna.web.know.customers.panels import Panel
from kizuna.web.measure.next_best import queries, wording


def proposal(customer_id: str, person: Person) -> Panel | None:
    """Give the proposal with its reason; None where there is none."""
    found = queries.of_customer(customer_id)
    if found is None:
        return None
    row, action, currency = found
    return Panel("next_best/panel.html", wording.proposal(row, action.name, currency))
